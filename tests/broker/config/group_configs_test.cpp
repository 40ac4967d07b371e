#include "broker/config/group_configs.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau {
namespace {

using testing::HasSubstr;

class GroupConfigsTest : public testing::Test {
 protected:
  std::string error(std::string name, std::string value) {
    return std::string(
        validate_group_configs(config_, {{std::move(name), std::move(value)}}).message());
  }
  Config config_ = *Config::from_settings({});
};

TEST_F(GroupConfigsTest, ValuesStayWithinTheBoundsOfTheBroker) {
  EXPECT_EQ(error("consumer.session.timeout.ms", "50000"), "");
  EXPECT_THAT(error("consumer.session.timeout.ms", "44999"),
              HasSubstr("group.consumer.min.session.timeout.ms (45000)"));
  EXPECT_THAT(error("consumer.session.timeout.ms", "60001"),
              HasSubstr("group.consumer.max.session.timeout.ms (60000)"));
  EXPECT_THAT(error("consumer.heartbeat.interval.ms", "soon"), HasSubstr("Invalid value soon"));
  EXPECT_EQ(error("retention.ms", "1"), "Unknown group config name: retention.ms");
}

TEST_F(GroupConfigsTest, DescribesWhatIsSetAndWhatTheBrokerSays) {
  const auto entries = describe_group_config(config_, {{"consumer.session.timeout.ms", "50000"}});
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "consumer.heartbeat.interval.ms");
  EXPECT_EQ(entries[0].value, "5000");
  EXPECT_TRUE(entries[0].is_default());
  EXPECT_EQ(entries[1].value, "50000");
  EXPECT_EQ(entries[1].source, ConfigSource::kGroup);
  ASSERT_EQ(entries[1].synonyms.size(), 2u);
  EXPECT_EQ(entries[1].synonyms[1].value, "45000");
}

}  // namespace
}  // namespace moldau
