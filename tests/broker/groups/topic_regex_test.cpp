#include "broker/groups/topic_regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/groups/topics.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ClusterImage some_topics() {
  ClusterImage image;
  uint8_t number = 0;
  for (const char* name : {"orders", "orders.eu", "__consumer_offsets", "invoices", "Orders"}) {
    create_topic(image, name, topic_id(++number), 1);
  }
  return image;
}

TEST(TopicRegex, MatchesWholeNamesInTheirOrder) {
  EXPECT_THAT(topics_matching("orders", some_topics()), ElementsAre("orders"));
  EXPECT_THAT(topics_matching("orders.*|inv.+", some_topics()),
              ElementsAre("invoices", "orders", "orders.eu"));
  EXPECT_THAT(topics_matching("rders", some_topics()), IsEmpty());
  EXPECT_THAT(topics_matching("(?i)orders", some_topics()), ElementsAre("Orders", "orders"));
}

TEST(TopicRegex, InternalTopicsAreNoException) {
  EXPECT_THAT(topics_matching(".*", some_topics()),
              ElementsAre("Orders", "__consumer_offsets", "invoices", "orders", "orders.eu"));
  EXPECT_THAT(topics_matching("[^_].*", some_topics()),
              ElementsAre("Orders", "invoices", "orders", "orders.eu"));
}

TEST(TopicRegex, SaysWhatIsWrongWithAPattern) {
  EXPECT_TRUE(check_topic_regex("a+").ok());
  EXPECT_TRUE(check_topic_regex("").ok());
  const absl::Status status = check_topic_regex("[a");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'[a'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("missing ]"));
  EXPECT_THAT(topics_matching("[a", some_topics()), IsEmpty());
  EXPECT_FALSE(check_topic_regex("(?=a)b").ok());  // Not a regular language.
  EXPECT_FALSE(check_topic_regex("(a)\\1").ok());
  EXPECT_FALSE(check_topic_regex("\xff").ok());
}

TEST(TopicRegex, RefusesPatternsThatNeedTooMuchMemory) {
  EXPECT_FALSE(check_topic_regex("((a{100}){100}){100}").ok());
  EXPECT_FALSE(check_topic_regex(std::string(32767, '(')).ok());
}

TEST(TopicRegex, TimeIsLinearInTheName) {
  ClusterImage image;
  const std::string name(249, 'a');
  create_topic(image, name, topic_id(1), 1);
  EXPECT_THAT(topics_matching("(a*)*b", image), IsEmpty());
  EXPECT_THAT(topics_matching("(a|aa)+", image), ElementsAre(name));
}

}  // namespace
}  // namespace moldau
