// Appends that are put off and written out together.
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

class PutOffTest : public LogFixture {
 protected:
  AppendResult put_off(const BatchSpec& spec = {}) {
    auto batch = std::make_shared<std::string>(make_batch(spec));
    return log_->append(mutable_bytes(*batch),
                        {.leader_epoch = epoch_, .now_ms = now_ms_, .owner = batch});
  }
  static BatchSpec of_producer(int32_t sequence, int64_t producer_id = 7) {
    return {.producer_id = producer_id, .producer_epoch = 0, .base_sequence = sequence};
  }
  void expect_whole() {
    EXPECT_EQ(offsets(), count_up(log_->log_start_offset(), log_->log_end_offset()));
  }
};

TEST_F(PutOffTest, TheLogGrowsWhenItIsWrittenOutInOneWrite) {
  open();
  append();  // Begins the epoch, of which a file is written.
  EXPECT_EQ(put_off({.records = 2}).first_offset, 1);
  EXPECT_EQ(put_off({.records = 3}).last_offset, 5);
  EXPECT_EQ(log_->log_end_offset(), 1);
  EXPECT_EQ(log_->plan_read(1, INT64_MAX, 1000, true)->file, nullptr);
  EXPECT_EQ(log_->dirty_files().end_offset, 1);
  const int before = disk_.write_count();
  EXPECT_TRUE(log_->write_put_off().ok());
  EXPECT_EQ(disk_.write_count() - before, 1);
  EXPECT_EQ(log_->log_end_offset(), 6);
  EXPECT_EQ(offsets(), count_up(0, 6));
  EXPECT_TRUE(log_->write_put_off().ok()) << "there is nothing left";
  EXPECT_EQ(disk_.write_count() - before, 1);
}

TEST_F(PutOffTest, AnAppendThatIsNotPutOffFollowsThoseThatWere) {
  open();
  put_off();
  EXPECT_EQ(append().first_offset, 1);
  EXPECT_EQ(log_->log_end_offset(), 2);
  expect_whole();
}

TEST_F(PutOffTest, SequencesAndDuplicatesCountFromWhatIsPutOff) {
  open();
  EXPECT_EQ(put_off(of_producer(0)).last_offset, 0);
  EXPECT_EQ(put_off(of_producer(1)).last_offset, 1);
  const auto again = put_off(of_producer(0));
  EXPECT_TRUE(again.is_duplicate);
  EXPECT_EQ(again.last_offset, 0);
  EXPECT_EQ(put_off(of_producer(5)).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_TRUE(log_->write_put_off().ok());
  EXPECT_EQ(log_->log_end_offset(), 2);
}

TEST_F(PutOffTest, WhatCanNotBeWrittenNeverWas) {
  open();
  ASSERT_EQ(append(of_producer(0)).error, ErrorCode::kNone);
  const auto kept = log_->generation();
  EXPECT_EQ(put_off(of_producer(1)).generation, kept);
  EXPECT_EQ(put_off().error, ErrorCode::kNone);
  disk_.set_space_left(10);
  EXPECT_TRUE(absl::IsResourceExhausted(log_->write_put_off()));
  EXPECT_NE(log_->generation(), kept);
  EXPECT_TRUE(log_->health().ok());
  EXPECT_EQ(log_->log_end_offset(), 1);
  disk_.set_space_left(1 << 20);
  const auto retry = append(of_producer(1));  // Not a duplicate: it was lost.
  EXPECT_FALSE(retry.is_duplicate);
  EXPECT_EQ(retry.last_offset, 1);
  EXPECT_EQ(append(of_producer(2)).error, ErrorCode::kNone);
  expect_whole();
}

TEST_F(PutOffTest, AFailureInBetweenIsToldByTheGeneration) {
  open();
  const auto lost = put_off();
  disk_.set_space_left(10);
  EXPECT_EQ(append().error, ErrorCode::kKafkaStorageError);
  disk_.set_space_left(1 << 20);
  EXPECT_TRUE(log_->write_put_off().ok()) << "nothing is put off any more";
  EXPECT_NE(log_->generation(), lost.generation);
}

TEST_F(PutOffTest, SegmentsRollWhereTheyWould) {
  config_.segment_bytes = 1000;
  open();
  for (int i = 0; i < 40; ++i) ASSERT_EQ(put_off().error, ErrorCode::kNone);
  EXPECT_TRUE(log_->write_put_off().ok());
  const auto together = disk_.list(kDirectory);
  log_.reset();
  ASSERT_TRUE(disk_.remove_directory(kDirectory).ok());
  open();
  append_many(40);
  EXPECT_EQ(*disk_.list(kDirectory), *together);
}

TEST_F(PutOffTest, ClosingAndTruncatingWriteOutFirst) {
  open();
  put_off();
  close_and_open();
  EXPECT_EQ(log_->log_end_offset(), 1);
  put_off({.records = 1});
  put_off({.records = 1});
  ASSERT_TRUE(log_->truncate_to(2).ok());
  EXPECT_EQ(log_->log_end_offset(), 2);
  expect_whole();
}

TEST_F(PutOffTest, RetentionAndRollingByAgeLeaveIt) {
  config_.retention_ms = 1000;
  open();
  append_many(3, {.timestamp_ms = now_ms_});
  now_ms_ += 5000;
  EXPECT_EQ(put_off({.timestamp_ms = now_ms_}).last_offset, 3);
  ASSERT_TRUE(log_->apply_retention(now_ms_, 3).ok());
  EXPECT_TRUE(log_->write_put_off().ok());
  EXPECT_EQ(log_->log_end_offset(), 4);
  EXPECT_EQ(offsets(3), count_up(3, 4));

  now_ms_ += config_.segment_ms + 1;
  EXPECT_EQ(put_off({.timestamp_ms = now_ms_}).last_offset, 4);
  ASSERT_TRUE(log_->roll_if_due(now_ms_).ok());
  EXPECT_EQ(append({.timestamp_ms = now_ms_}).last_offset, 5);
  EXPECT_EQ(offsets(3), count_up(3, 6));
}

// Against one that writes at once: the same results, the same bytes, whatever fails in between.
TEST_F(PutOffTest, RandomWorkGivesTheSameLog) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    config_.segment_bytes = 3000;
    open();
    std::map<int64_t, int32_t> sequences;  // Of each producer, after what was acknowledged.
    for (int step = 0; step < 60; ++step) {
      auto next = sequences;
      int64_t expected = log_->log_end_offset();
      std::vector<AppendResult> results;
      for (auto count = random() % 6; count > 0; --count) {
        BatchSpec spec{.records = 1 + static_cast<int>(random() % 3),
                       .value = std::string(random() % 300, 'v')};
        if (const auto id = static_cast<int64_t>(random() % 3); id > 0) {
          spec.producer_id = id;
          spec.producer_epoch = 0;
          spec.base_sequence = next[id];
          next[id] += spec.records;
        }
        const auto result = put_off(spec);
        ASSERT_EQ(result.error, ErrorCode::kNone) << result.error_message;
        EXPECT_EQ(result.first_offset, expected);
        expected = result.last_offset + 1;
        results.push_back(result);
      }
      const bool fails = random() % 8 == 0 && results.size() == 1;
      if (fails) disk_.set_space_left(random() % 30);
      const bool ok = log_->write_put_off().ok();
      disk_.set_space_left(UINT64_MAX);
      EXPECT_TRUE(ok || fails);
      for (const auto& result : results) EXPECT_EQ(result.generation == log_->generation(), ok);
      if (ok) {
        sequences = next;
        EXPECT_EQ(log_->log_end_offset(), expected);
      }
      if (random() % 20 == 0) close_and_open();
    }
    expect_whole();
    log_.reset();
    ASSERT_TRUE(disk_.remove_directory(kDirectory).ok());
  }
}

}  // namespace
}  // namespace moldau
