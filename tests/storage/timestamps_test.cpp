#include <gtest/gtest.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

class TimestampsTest : public LogFixture {
 protected:
  int64_t offset_at(int64_t timestamp_ms) {
    auto found = log_->find_timestamp(timestamp_ms);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && *found ? (*found)->offset : -1;
  }
};

TEST_F(TimestampsTest, TheFirstRecordAtOrAfterATimeIsFoundInEverySegment) {
  config_.segment_bytes = 4000;
  config_.index_interval_bytes = 100;
  open();
  for (int i = 0; i < 300; ++i) append({.records = 3, .timestamp_ms = 1000 + 30 * i});
  const auto check = [&] {
    for (int i = 0; i < 300; i += 7) {
      EXPECT_EQ(offset_at(1000 + 30 * i), 3 * i);
      EXPECT_EQ(offset_at(1000 + 30 * i + 1), 3 * i + 1);
      if (i < 299) {
        EXPECT_EQ(offset_at(1000 + 30 * i + 3), 3 * i + 3);
      }
    }
    EXPECT_EQ(offset_at(0), 0);
    EXPECT_EQ(offset_at(1'000'000), -1);
  };
  check();
  close_and_open();
  check();
  open(false, 0);
  check();
}

TEST_F(TimestampsTest, TimesOutOfOrderAreFoundByOffset) {
  config_.index_interval_bytes = 1;
  open();
  for (const int64_t time : {500, 100, 900, 300, 800}) append({.timestamp_ms = time});
  EXPECT_EQ(offset_at(200), 0);
  EXPECT_EQ(offset_at(600), 2);
  EXPECT_EQ(offset_at(901), -1);
  EXPECT_EQ((*log_->find_max_timestamp())->offset, 2);
  EXPECT_EQ((*log_->find_max_timestamp())->timestamp_ms, 900);
}

TEST_F(TimestampsTest, DeletedRecordsAreNotFound) {
  open();
  append({.records = 10, .timestamp_ms = 1000});
  ASSERT_TRUE(log_->advance_log_start(5).ok());
  EXPECT_EQ(offset_at(0), 5);
}

TEST_F(TimestampsTest, AnEmptyLogAndOneWithoutTimestampsHaveNoMaximum) {
  open();
  EXPECT_EQ(*log_->find_max_timestamp(), std::nullopt);
  append({.timestamp_ms = kNoTimestamp});
  EXPECT_EQ(*log_->find_max_timestamp(), std::nullopt);
  EXPECT_EQ(offset_at(0), -1);
}

TEST_F(TimestampsTest, TheEpochOfTheRecordIsTold) {
  open();
  append({.timestamp_ms = 10});
  epoch_ = 4;
  append({.timestamp_ms = 20});
  EXPECT_EQ((*log_->find_timestamp(15))->leader_epoch, 4);
}

}  // namespace
}  // namespace moldau
