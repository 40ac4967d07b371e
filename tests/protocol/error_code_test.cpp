#include "protocol/error_code.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace moldau {
namespace {

TEST(ErrorCodeTest, NamesStandAtTheirCodes) {
  EXPECT_STREQ(name(ErrorCode::kUnknownServerError), "UNKNOWN_SERVER_ERROR");
  EXPECT_STREQ(name(ErrorCode::kNone), "NONE");
  EXPECT_STREQ(name(ErrorCode::kUnknownTopicOrPartition), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_STREQ(name(ErrorCode::kFencedMemberEpoch), "FENCED_MEMBER_EPOCH");
  EXPECT_STREQ(name(static_cast<ErrorCode>(136)), "CONTROLLER_ID_NOT_REGISTERED");
  EXPECT_EQ(code(ErrorCode::kFencedMemberEpoch), 110);
}

TEST(ErrorCodeTest, EachHasItsOwnNameAndMessage) {
  std::set<std::string> names, messages;
  for (int16_t c = -1; c <= 136; ++c) {
    EXPECT_TRUE(names.insert(name(static_cast<ErrorCode>(c))).second) << c;
    EXPECT_TRUE(messages.insert(default_message(static_cast<ErrorCode>(c))).second) << c;
  }
}

TEST(ErrorCodeTest, UnlistedCodesAreUnknownServerErrors) {
  for (int16_t c : {-32768, -2, 137, 32767}) {
    EXPECT_STREQ(name(static_cast<ErrorCode>(c)), "UNKNOWN_SERVER_ERROR") << c;
  }
}

TEST(ErrorCodeTest, ClientsRetryWhatPasses) {
  EXPECT_TRUE(is_retriable(ErrorCode::kNotLeaderOrFollower));
  EXPECT_TRUE(is_retriable(ErrorCode::kCoordinatorLoadInProgress));
  EXPECT_FALSE(is_retriable(ErrorCode::kNone));
  EXPECT_FALSE(is_retriable(ErrorCode::kProducerFenced));
  EXPECT_FALSE(is_retriable(ErrorCode::kUnknownServerError));
}

}  // namespace
}  // namespace moldau
