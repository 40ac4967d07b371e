#include "storage/log.h"

#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogTest : public LogFixture {};

TEST_F(LogTest, NewLogIsEmptyAndAtItsStart) {
  open(false, 0, 7);
  EXPECT_EQ(log_->log_start_offset(), 7);
  EXPECT_EQ(log_->log_end_offset(), 7);
  EXPECT_TRUE(disk_.exists(file("00000000000000000007.log")));
}

TEST_F(LogTest, AppendGivesConsecutiveOffsetsAndReadsReturnThem) {
  open();
  EXPECT_EQ(append({.records = 3}).first_offset, 0);
  const auto second = append({.records = 2});
  EXPECT_EQ(second.first_offset, 3);
  EXPECT_EQ(second.last_offset, 4);
  EXPECT_EQ(offsets(), count_up(0, 5));
  EXPECT_THAT(offsets(4), ElementsAre(4));
}

TEST_F(LogTest, BytesOnDiskAreTheBatchWithOffsetAndEpochSet) {
  open();
  epoch_ = 5;
  append();
  std::string batch = make_batch({});
  append_bytes(batch);
  set_offset_and_epoch(mutable_bytes(batch), 1, 5);
  EXPECT_TRUE(disk_.contents(file("00000000000000000000.log")).ends_with(batch));
}

TEST_F(LogTest, AnAppendIsOneWriteAndNoSync) {
  open();
  append();
  const int syncs = disk_.sync_count();
  append_many(100);
  EXPECT_EQ(disk_.sync_count(), syncs);
}

TEST_F(LogTest, ReadStopsBeforeEndOffset) {
  open();
  append_many(5, {.records = 2});
  auto bytes = log_->read(0, 5, 10'000);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->next_offset, 4);  // The batch of 4 and 5 is not all below 5.
}

TEST_F(LogTest, ReadReturnsWholeBatchesWithinMaxBytes) {
  open();
  append_many(4);
  const size_t batch = make_batch({}).size();
  auto bytes = log_->read(0, INT64_MAX, 2 * batch + 1);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->batches.size(), 2 * batch);
}

TEST_F(LogTest, FirstBatchComesWholeOnlyIfAtLeastOneIsAsked) {
  open();
  append({.value = std::string(5000, 'x')});
  auto whole = carry_out(*log_->plan_read(0, INT64_MAX, 10, true), ReadMode::kMayBlock);
  EXPECT_EQ(whole->next_offset, 1);
  auto none = carry_out(*log_->plan_read(0, INT64_MAX, 10, false), ReadMode::kMayBlock);
  EXPECT_EQ(none->next_offset, 0);
  EXPECT_TRUE(none->batches.empty());
}

TEST_F(LogTest, ReadOutsideTheLogIsOutOfRange) {
  open();
  append();
  EXPECT_TRUE(absl::IsOutOfRange(log_->plan_read(2, INT64_MAX, 10, true).status()));
  EXPECT_TRUE(log_->plan_read(1, INT64_MAX, 10, true).ok());
  ASSERT_TRUE(log_->advance_log_start(1).ok());
  EXPECT_TRUE(absl::IsOutOfRange(log_->plan_read(0, INT64_MAX, 10, true).status()));
}

TEST_F(LogTest, ColdPagesAreRefusedWhereNobodyMayWait) {
  open();
  append();
  disk_.set_cold(true);
  auto plan = log_->plan_read(0, INT64_MAX, 100, true);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(absl::IsUnavailable(carry_out(*plan, ReadMode::kCachedOnly).status()));
  EXPECT_TRUE(carry_out(*plan, ReadMode::kMayBlock).ok());
}

TEST_F(LogTest, APlanOutlivesDeletionOfItsSegment) {
  config_.segment_bytes = 300;
  open();
  append_many(10);
  auto plan = log_->plan_read(0, INT64_MAX, 1000, true);
  ASSERT_TRUE(log_->advance_log_start(10).ok());
  auto bytes = carry_out(*plan, ReadMode::kMayBlock);
  ASSERT_TRUE(bytes.ok());
  EXPECT_GT(bytes->next_offset, 0);
}

TEST_F(LogTest, ReadsFromEveryOffsetOfManySegmentsWithSparseIndexes) {
  config_.segment_bytes = 20'000;
  config_.index_interval_bytes = 200;
  open();
  append_many(1000, {.records = 3});
  for (int64_t offset = 0; offset < 3000; offset += 7) {
    auto bytes = log_->read(offset, INT64_MAX, 1);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(bytes->next_offset, offset / 3 * 3 + 3);
  }
  close_and_open();
  EXPECT_EQ(offsets(), count_up(0, 3000));
  for (int64_t offset = 0; offset < 3000; offset += 7)
    EXPECT_EQ(log_->read(offset, INT64_MAX, 1)->next_offset, offset / 3 * 3 + 3);
}

TEST_F(LogTest, FewFilesStayOpen) {
  config_.segment_bytes = 2'000;
  open();
  append_many(500);
  sync();
  EXPECT_EQ(offsets().size(), 500u);
  EXPECT_LE(disk_.open_count(), 3);
}

TEST_F(LogTest, AnIdleLogKeepsNoFileOpenHoweverItWasOpened) {
  open();
  EXPECT_EQ(disk_.open_count(), 0);
  append();
  open(false, 0);
  EXPECT_EQ(disk_.open_count(), 0);
  ASSERT_TRUE(log_->begin_epoch(3).ok());
  EXPECT_EQ(disk_.open_count(), 0);
  sync();
  close_and_open();
  EXPECT_EQ(disk_.open_count(), 0);
}

TEST_F(LogTest, CleanStopNeedsNoScan) {
  open();
  append_many(20);
  close_and_open();
  EXPECT_EQ(log_->recovery_report().segments_scanned, 0);
  EXPECT_EQ(log_->log_end_offset(), 20);
  EXPECT_EQ(log_->durable_offset(), 20);
  append();
  EXPECT_EQ(offsets(), count_up(0, 21));
}

TEST_F(LogTest, RollsBySize) {
  config_.segment_bytes = 250;
  open();
  append_many(6);
  EXPECT_TRUE(disk_.exists(file("00000000000000000003.log")));
  EXPECT_TRUE(disk_.exists(file("00000000000000000003.snapshot")));
  EXPECT_EQ(offsets(), count_up(0, 6));
}

TEST_F(LogTest, RollsByTimeBetweenRecords) {
  config_.segment_ms = 1000;
  open();
  append({.timestamp_ms = 10'000});
  append({.timestamp_ms = 11'000});
  EXPECT_FALSE(disk_.exists(file("00000000000000000002.log")));
  append({.timestamp_ms = 11'001});
  EXPECT_TRUE(disk_.exists(file("00000000000000000002.log")));
}

TEST_F(LogTest, RollsWhenTheIndexIsFull) {
  config_.index_interval_bytes = 1;
  config_.segment_index_bytes = 80;
  open();
  append_many(12);
  EXPECT_TRUE(disk_.exists(file("00000000000000000006.log")));
}

TEST_F(LogTest, RollDoesNotSync) {
  config_.segment_bytes = 250;
  open();
  const int syncs = disk_.sync_count();
  append_many(50);
  EXPECT_EQ(disk_.sync_count(), syncs);
}

TEST_F(LogTest, DurableOffsetFollowsWhatTheCallerSynced) {
  open();
  sync();
  append();
  const auto first = log_->dirty_files();
  append();
  log_->mark_durable(first.end_offset);
  EXPECT_EQ(log_->durable_offset(), 1);
  EXPECT_FALSE(log_->dirty_files().files.empty());
  sync();
  EXPECT_EQ(log_->durable_offset(), 2);
  EXPECT_TRUE(log_->dirty_files().files.empty());
}

TEST_F(LogTest, FilesDirtiedByARollStayDirtyUntilHandedOut) {
  open();
  append();
  const auto before = log_->dirty_files();
  config_.segment_ms = 1;
  log_->set_config(config_);
  ASSERT_TRUE(log_->roll_if_due(now_ms_ + 100'000).ok());
  log_->mark_durable(before.end_offset);
  EXPECT_FALSE(log_->dirty_files().files.empty());
}

TEST_F(LogTest, FullDiskRefusesAndLeavesTheLogAsItWas) {
  open();
  append();
  disk_.set_space_left(10);
  const auto result = append({.value = std::string(100, 'x')});
  EXPECT_EQ(result.error, ErrorCode::kKafkaStorageError);
  EXPECT_THAT(result.error_message, HasSubstr("No space left"));
  EXPECT_EQ(log_->log_end_offset(), 1);
  EXPECT_EQ(offsets(), count_up(0, 1));
  disk_.set_space_left(SimulatedDisk::kUnlimited);
  EXPECT_EQ(append().first_offset, 1);
  EXPECT_EQ(offsets(), count_up(0, 2));
  open();
  EXPECT_EQ(offsets(), count_up(0, 2));
}

TEST_F(LogTest, FullDiskAtARollIsTriedAgain) {
  config_.segment_bytes = 250;
  open();
  append_many(3);
  disk_.set_space_left(0);
  EXPECT_EQ(append().error, ErrorCode::kKafkaStorageError);
  disk_.set_space_left(SimulatedDisk::kUnlimited);
  EXPECT_EQ(append().first_offset, 3);
  EXPECT_EQ(offsets(), count_up(0, 4));
}

TEST_F(LogTest, AnotherTopicIdIsRefused) {
  open();
  log_.reset();
  auto other = Log::open(
      disk_, {.directory = kDirectory, .topic_partition = {"orders", 0}, .topic_id = {9}});
  EXPECT_TRUE(absl::IsFailedPrecondition(other.status())) << other.status();
}

// --- Replication --------------------------------------------------------------------------------

std::string replicated(int64_t offset, int32_t epoch, int records = 1) {
  std::string batch = make_batch({.records = records});
  set_offset_and_epoch(mutable_bytes(batch), offset, epoch);
  return batch;
}

TEST_F(LogTest, AFollowerKeepsOffsetsAndEpochs) {
  open();
  EXPECT_EQ(append_bytes(replicated(0, 3, 2) + replicated(5, 4), AppendOrigin::kReplication).error,
            ErrorCode::kNone);
  EXPECT_EQ(log_->log_end_offset(), 6);
  EXPECT_EQ(log_->latest_epoch(), 4);
  EXPECT_EQ(log_->epoch_at(4), 3);
  EXPECT_EQ(log_->end_offset_for(3).end_offset, 5);
  EXPECT_EQ(append_bytes(replicated(5, 4), AppendOrigin::kReplication).error,
            ErrorCode::kCorruptMessage);
  EXPECT_EQ(append_bytes(replicated(6, 3), AppendOrigin::kReplication).error,
            ErrorCode::kCorruptMessage);
}

TEST_F(LogTest, TruncationRemovesOffsetsEpochsAndSegments) {
  config_.segment_bytes = 250;
  open();
  for (int64_t i = 0; i < 10; ++i)
    append_bytes(replicated(i, static_cast<int32_t>(i / 4)), AppendOrigin::kReplication);
  ASSERT_TRUE(log_->truncate_to(5).ok());
  EXPECT_EQ(log_->log_end_offset(), 5);
  EXPECT_EQ(log_->latest_epoch(), 1);
  EXPECT_EQ(log_->durable_offset(), 5);
  EXPECT_EQ(append_bytes(replicated(5, 7), AppendOrigin::kReplication).error, ErrorCode::kNone);
  EXPECT_EQ(offsets(), count_up(0, 6));
  std::mt19937_64 random(1);
  disk_.lose_power(random);
  open(false, 5);
  EXPECT_EQ(offsets(0), count_up(0, log_->log_end_offset()));
  EXPECT_GE(log_->log_end_offset(), 5);
}

TEST_F(LogTest, TruncationBelowTheStartBeginsAnewThere) {
  open();
  append_many(5);
  ASSERT_TRUE(log_->advance_log_start(3).ok());
  ASSERT_TRUE(log_->truncate_to(2).ok());
  EXPECT_EQ(log_->log_start_offset(), 2);
  EXPECT_EQ(log_->log_end_offset(), 2);
  EXPECT_EQ(append().first_offset, 2);
}

}  // namespace
}  // namespace moldau
