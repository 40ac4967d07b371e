#include <gtest/gtest.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

class RetentionTest : public LogFixture {
 protected:
  void fill(int batches) {
    config_.segment_bytes = 250;  // Three batches.
    open();
    append_many(batches);
    now_ms_ = 1000 + batches;
  }
};

TEST_F(RetentionTest, OldSegmentsGoByTime) {
  config_.retention_ms = 10'000;
  fill(9);
  EXPECT_EQ(log_->apply_retention(now_ms_ + 9'000, 9)->segments, 0);
  const auto gone = log_->apply_retention(1002 + 10'001, 9);
  EXPECT_EQ(gone->segments, 1);
  EXPECT_EQ(log_->log_start_offset(), 3);
  EXPECT_EQ(offsets(), count_up(3, 9));
}

TEST_F(RetentionTest, TheActiveSegmentGoesTooWhenAllIsOld) {
  config_.retention_ms = 10'000;
  fill(4);
  EXPECT_EQ(log_->apply_retention(now_ms_ + 20'000, 4)->segments, 2);
  EXPECT_EQ(log_->log_start_offset(), 4);
  EXPECT_EQ(log_->log_end_offset(), 4);
  EXPECT_EQ(append().first_offset, 4);
}

TEST_F(RetentionTest, OldSegmentsGoBySize) {
  config_.retention_ms = -1;
  config_.retention_bytes = 400;
  fill(12);
  const auto gone = log_->apply_retention(now_ms_, 12);
  EXPECT_EQ(gone->segments, 2);
  EXPECT_GE(log_->size_bytes(), 400u);
}

TEST_F(RetentionTest, NothingAtOrAboveTheHighWatermarkGoes) {
  config_.retention_ms = 1;
  fill(9);
  EXPECT_EQ(log_->apply_retention(now_ms_ + 20'000, 5)->segments, 1);
  EXPECT_EQ(log_->log_start_offset(), 3);
}

TEST_F(RetentionTest, CompactedTopicsKeepAll) {
  config_.cleanup_delete = false;
  config_.cleanup_compact = true;
  config_.retention_ms = 1;
  fill(9);
  EXPECT_EQ(log_->apply_retention(now_ms_ + 20'000, 9)->segments, 0);
}

TEST_F(RetentionTest, RecordsFromTheFutureGoByTheFilesAge) {
  config_.retention_ms = 10'000;
  config_.message_timestamp_after_max_ms = INT64_MAX;
  config_.segment_bytes = 250;
  open();
  append_many(4, {.timestamp_ms = int64_t{1} << 50});
  disk_.set_modified_ms(5000);
  EXPECT_EQ(log_->apply_retention(15'000, 4)->segments, 0);
  EXPECT_EQ(log_->apply_retention(15'001, 4)->segments, 2);
}

TEST_F(RetentionTest, DeletedFilesAreHandedOutOnceAndRenamed) {
  fill(9);
  ASSERT_TRUE(log_->advance_log_start(4).ok());
  const auto files = log_->take_deleted_files();
  EXPECT_FALSE(files.empty());
  for (const auto& path : files) {
    EXPECT_TRUE(path.ends_with(".deleted"));
    EXPECT_TRUE(disk_.exists(path));
  }
  EXPECT_TRUE(log_->take_deleted_files().empty());
  EXPECT_FALSE(disk_.exists(file("00000000000000000000.log")));
  open(false, 0, 4);
  for (const auto& path : files) EXPECT_FALSE(disk_.exists(path));
  EXPECT_EQ(offsets(), count_up(4, 9));
}

TEST_F(RetentionTest, TheStartMayBeWithinASegmentAndAtTheEnd) {
  fill(9);
  ASSERT_TRUE(log_->advance_log_start(4).ok());
  EXPECT_EQ(offsets(), count_up(4, 9));
  ASSERT_TRUE(log_->advance_log_start(9).ok());
  EXPECT_TRUE(absl::IsOutOfRange(log_->advance_log_start(10)));
  EXPECT_EQ(append().first_offset, 9);
}

TEST_F(RetentionTest, EpochsBelowTheStartAreForgotten) {
  open();
  append();
  epoch_ = 3;
  append_many(3);
  ASSERT_TRUE(log_->advance_log_start(2).ok());
  EXPECT_EQ(log_->epoch_at(2), 3);
  EXPECT_EQ(log_->end_offset_for(0).end_offset, 2);
}

}  // namespace
}  // namespace moldau
