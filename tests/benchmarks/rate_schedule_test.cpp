#include "tests/benchmarks/rate_schedule.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace moldau::bench {
namespace {

TEST(RateScheduleTest, RequestsOfAllConnectionsAreEvenlySpaced) {
  constexpr int kConnections = 3;
  const RateSchedule schedule(1000, 250, kConnections);
  std::vector<int64_t> due;
  for (int64_t nth = 0; nth < 10; ++nth)
    for (int connection = 0; connection < kConnections; ++connection)
      due.push_back(schedule.due_ns(connection, nth));
  for (size_t i = 0; i < due.size(); ++i) EXPECT_EQ(due[i], 1000 + 250 * static_cast<int64_t>(i));
}

TEST(RateScheduleTest, FractionsOfNanosecondsDoNotAddUp) {
  const RateSchedule schedule(0, 1e9 / 3, 1);
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(0, 3 * 3600)), 3600e9, 1000);
}

}  // namespace
}  // namespace moldau::bench
