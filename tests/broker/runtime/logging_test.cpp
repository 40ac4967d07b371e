#include "broker/runtime/logging.h"

#include <gtest/gtest.h>

#include "broker/runtime/log_limit.h"

namespace moldau {
namespace {

using std::chrono::seconds;

TEST(LoggingTest, JsonStringsAreEscaped) {
  EXPECT_EQ(json_string("plain"), R"("plain")");
  EXPECT_EQ(json_string("a \"b\" \\ c"), R"("a \"b\" \\ c")");
  EXPECT_EQ(json_string("line\nnext\x01"), R"("line\u000anext\u0001")");
  EXPECT_EQ(json_string("Vltava \xc5\x99\xed\x9f\xbf"), "\"Vltava \xc5\x99\xed\x9f\xbf\"");
  EXPECT_EQ(json_string("\xff\xc5"), R"("\ufffd\ufffd")");
}

TEST(LoggingTest, UnknownLevelIsRefusedByName) {
  auto status = set_log_level("loud");
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("loud"), absl::string_view::npos);
  EXPECT_TRUE(set_log_level("info").ok());
}

TEST(LogLimitTest, OneLineAnIntervalAndTheRestCounted) {
  LogLimit limit(seconds(10));
  Clock::Time now{};
  EXPECT_EQ(limit.allow("a", now), 0u);
  EXPECT_EQ(limit.allow("a", now + seconds(1)), std::nullopt);
  EXPECT_EQ(limit.allow("a", now + seconds(9)), std::nullopt);
  EXPECT_EQ(limit.allow("b", now + seconds(9)), 0u);
  EXPECT_EQ(limit.allow("a", now + seconds(10)), 2u);
  EXPECT_EQ(limit.allow("a", now + seconds(20)), 0u);
}

TEST(LogLimitTest, ManyKeysShareOneInsteadOfGrowing) {
  LogLimit limit(seconds(10));
  Clock::Time now{};
  int written = 0;
  for (int i = 0; i < 100'000; ++i) written += limit.allow(std::to_string(i), now).has_value();
  EXPECT_LT(written, 2000);
  EXPECT_EQ(limit.allow("one more", now + seconds(10)), 0u) << "old keys make room";
}

}  // namespace
}  // namespace moldau
