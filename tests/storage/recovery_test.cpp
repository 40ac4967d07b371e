#include <random>

#include <gmock/gmock.h>

#include "protocol/message_set.h"
#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RecoveryTest : public LogFixture {
 protected:
  const std::string first_log_ = file("00000000000000000000.log");

  void cut(const std::string& path, uint64_t size) {
    log_.reset();
    auto opened = disk_.open(path, Disk::Mode::kReadWrite);
    ASSERT_TRUE((*opened)->truncate(size).ok());
  }
  uint64_t size_of(const std::string& path) { return *disk_.file_size(path); }
};

TEST_F(RecoveryTest, AKillLosesNothing) {
  config_.segment_bytes = 1000;
  open();
  append_many(50, {.records = 2});
  open(false, 0);
  EXPECT_EQ(offsets(), count_up(0, 100));
  EXPECT_GT(log_->recovery_report().segments_scanned, 1);
  EXPECT_THAT(log_->recovery_report().notes, IsEmpty());
}

TEST_F(RecoveryTest, OnlySegmentsFromTheRecoveryPointAreScanned) {
  config_.segment_bytes = 250;
  open();
  append_many(30);
  sync();
  open(false, 28);
  EXPECT_EQ(log_->recovery_report().segments_scanned, 1);
  EXPECT_EQ(offsets(), count_up(0, 30));
}

TEST_F(RecoveryTest, ATornTailIsCutOffWhereverItIsTorn) {
  open();
  append_many(3);
  const uint64_t whole = size_of(first_log_);
  const uint64_t batch = whole / 3;
  for (uint64_t size = 2 * batch; size < whole; ++size) {
    SimulatedDisk saved = disk_;
    cut(first_log_, size);
    open(false, 2);
    EXPECT_EQ(log_->log_end_offset(), 2) << size;
    EXPECT_EQ(size_of(first_log_), 2 * batch);
    EXPECT_EQ(log_->recovery_report().bytes_truncated, size - 2 * batch);
    EXPECT_EQ(append().first_offset, 2);
    EXPECT_EQ(offsets(), count_up(0, 3));
    log_.reset();
  }
}

TEST_F(RecoveryTest, ATornBatchTakesLaterSegmentsWithIt) {
  config_.segment_bytes = 250;
  open();
  append_many(9);
  disk_.flip_bit(file("00000000000000000003.log"), 70);
  open(false, 2);
  EXPECT_EQ(offsets(), count_up(0, 3));
  EXPECT_FALSE(disk_.exists(file("00000000000000000006.log")));
  EXPECT_THAT(log_->recovery_report().notes, ElementsAre(HasSubstr("interrupted write")));
  EXPECT_EQ(append().first_offset, 3);
}

TEST_F(RecoveryTest, RotBelowTheRecoveryPointIsToldAndNothingIsTouched) {
  config_.segment_bytes = 250;
  open();
  append_many(9);
  sync();
  disk_.flip_bit(first_log_, size_of(first_log_) / 2);
  const std::string rotten = disk_.contents(first_log_);
  open(false, 9);  // The scan begins at the segment of 9, so it is not even seen.
  EXPECT_TRUE(log_->health().ok());
  open(false, 2);
  EXPECT_TRUE(absl::IsDataLoss(log_->health()));
  EXPECT_THAT(std::string(log_->health().message()), HasSubstr(first_log_));
  EXPECT_EQ(offsets(), count_up(0, 1));
  EXPECT_EQ(append().error, ErrorCode::kKafkaStorageError);
  ASSERT_TRUE(log_->close().ok());
  EXPECT_EQ(disk_.contents(first_log_), rotten);
  EXPECT_TRUE(disk_.exists(file("00000000000000000006.log")));
}

TEST_F(RecoveryTest, TruncationBelowTheRotMakesTheLogGoodAgain) {
  config_.segment_bytes = 250;
  open();
  append_many(9);
  sync();
  disk_.flip_bit(first_log_, size_of(first_log_) / 2);
  open(false, 2);
  ASSERT_TRUE(log_->truncate_to(1).ok());
  EXPECT_TRUE(log_->health().ok());
  EXPECT_EQ(append().first_offset, 1);
  EXPECT_FALSE(disk_.exists(file("00000000000000000006.log")));
  EXPECT_EQ(offsets(), count_up(0, 2));
  open(false, 0);
  EXPECT_EQ(offsets(), count_up(0, 2));
}

TEST_F(RecoveryTest, LostIndexesAreMadeAgain) {
  config_.segment_bytes = 2000;
  config_.index_interval_bytes = 1;
  open();
  append_many(100);
  ASSERT_TRUE(log_->close().ok());
  const std::string index = disk_.contents(file("00000000000000000000.index"));
  const std::string times = disk_.contents(file("00000000000000000000.timeindex"));
  for (const std::string suffix : {".index", ".timeindex"})
    ASSERT_TRUE(disk_.remove(file("00000000000000000000" + suffix)).ok());
  open(true, 100);
  EXPECT_EQ(offsets(), count_up(0, 100));
  EXPECT_EQ(log_->recovery_report().indexes_rebuilt, 1);
  EXPECT_EQ(disk_.contents(file("00000000000000000000.index")), index);
  EXPECT_EQ(disk_.contents(file("00000000000000000000.timeindex")), times);
}

TEST_F(RecoveryTest, AnIndexOfAWrongSizeIsMadeAgain) {
  config_.segment_bytes = 2000;
  config_.index_interval_bytes = 1;
  open();
  append_many(100);
  sync();
  cut(file("00000000000000000000.index"), 13);
  open(false, 99);
  EXPECT_EQ(log_->recovery_report().indexes_rebuilt, 1);
  EXPECT_EQ(offsets(), count_up(0, 100));
}

TEST_F(RecoveryTest, AnIndexThatPointsBeyondTheFileIsMadeAgain) {
  config_.segment_bytes = 2000;
  config_.index_interval_bytes = 1;
  open();
  append_many(100);
  ASSERT_TRUE(log_->close().ok());
  auto index = disk_.open(file("00000000000000000000.index"), Disk::Mode::kReadWrite);
  const uint8_t wild[8] = {0, 0, 0, 50, 0x7f, 0, 0, 0};
  ASSERT_TRUE((*index)->write_at(*(*index)->size(), wild).ok());
  open(true, 100);
  EXPECT_EQ(offsets(), count_up(0, 100));
}

TEST_F(RecoveryTest, EpochsAreReadFromTheLogWhenTheirFileIsDamaged) {
  open();
  append();
  epoch_ = 6;
  append_many(2);
  ASSERT_TRUE(log_->close().ok());
  cut(file("leader-epoch-checkpoint"), 3);
  open(true, 3);
  EXPECT_EQ(log_->latest_epoch(), 6);
  EXPECT_EQ(log_->end_offset_for(0).end_offset, 1);
  EXPECT_THAT(log_->recovery_report().notes, ElementsAre(HasSubstr("leader-epoch")));
}

TEST_F(RecoveryTest, ALogThatEndsBeforeItsStartBeginsAnew) {
  open();
  append_many(5);
  open(false, 0, 20);
  EXPECT_EQ(log_->log_start_offset(), 20);
  EXPECT_EQ(append().first_offset, 20);
}

TEST_F(RecoveryTest, MessagesOfOlderFormatsAreReadAndRecovered) {
  for (const int8_t magic : {0, 1}) {
    disk_ = {};
    ASSERT_TRUE(disk_.make_directories(kDirectory).ok());
    auto messages = convert_down(as_bytes(make_batch({.records = 5, .timestamp_ms = 500})), magic,
                                 0, 100'000, false);
    ASSERT_TRUE(messages.ok());
    std::string bytes = *messages;
    std::string later = make_batch({.records = 2, .timestamp_ms = 600});
    set_offset_and_epoch(mutable_bytes(later), 5, 0);
    bytes += later;
    auto segment = disk_.open(first_log_, Disk::Mode::kCreate);
    ASSERT_TRUE((*segment)->write_at(0, as_bytes(bytes)).ok());
    open(false, 0);
    EXPECT_EQ(offsets(), count_up(0, 7));
    EXPECT_EQ((*log_->find_timestamp(502))->offset, magic == 1 ? 2 : 5);
    EXPECT_EQ(append().first_offset, 7);
    log_.reset();
    disk_.flip_bit(first_log_, messages->size() - 1);
    open(false, 0);
    EXPECT_EQ(log_->log_end_offset(), 4);
    log_.reset();
  }
}

TEST_F(RecoveryTest, APartitionThatWasNotUsedIsClosedWithoutWriting) {
  open();
  append_many(3);
  close_and_open();
  const int syncs = disk_.sync_count();
  EXPECT_EQ(offsets(), count_up(0, 3));
  ASSERT_TRUE(log_->close().ok());
  EXPECT_EQ(disk_.sync_count(), syncs);
}

TEST_F(RecoveryTest, AnEpochWithoutBatchesCostsNoFile) {
  open();
  append_many(3);
  close_and_open();
  const std::string epochs = disk_.contents(file("leader-epoch-checkpoint"));
  const int syncs = disk_.sync_count();
  ASSERT_TRUE(log_->begin_epoch(7).ok());
  EXPECT_EQ(log_->latest_epoch(), 7);
  EXPECT_TRUE(log_->dirty_files().files.empty());
  ASSERT_TRUE(log_->close().ok());
  EXPECT_EQ(disk_.sync_count(), syncs);
  EXPECT_EQ(disk_.contents(file("leader-epoch-checkpoint")), epochs);
  open(true, 3);
  epoch_ = 8;
  ASSERT_TRUE(log_->begin_epoch(8).ok());
  append();
  EXPECT_EQ(disk_.contents(file("leader-epoch-checkpoint")), "0\n2\n0 0\n8 3\n");
}

TEST_F(RecoveryTest, AStopSyncsNothingByItselfAndIsCleanOnceTheDiskIsSynced) {
  config_.segment_bytes = 2000;
  config_.index_interval_bytes = 1;
  open();
  append_many(50, {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0});
  append_many(50);
  const int syncs = disk_.sync_count();
  ASSERT_TRUE(log_->write_out().ok());
  EXPECT_EQ(disk_.sync_count(), syncs);
  EXPECT_EQ(log_->durable_offset(), 0);
  stop();
  EXPECT_EQ(disk_.open_count(), 0);
  EXPECT_EQ(log_->durable_offset(), log_->log_end_offset());
  EXPECT_FALSE(log_->has_dirty_files());
  const int64_t end = log_->log_end_offset();
  std::mt19937_64 random(1);
  disk_.lose_power(random);
  open(true, end);
  EXPECT_EQ(log_->recovery_report().indexes_rebuilt, 0);
  EXPECT_THAT(log_->recovery_report().notes, IsEmpty());
  EXPECT_EQ(offsets(), count_up(0, end));
  EXPECT_EQ(log_->producers().size(), 1u);
}

TEST_F(RecoveryTest, AnIndexThatRecoveryMadeIsOnDiskAtTheLatestAtTheStop) {
  config_.index_interval_bytes = 1;
  open();
  append_many(100);
  ASSERT_TRUE(log_->close().ok());
  const std::string index = disk_.contents(file("00000000000000000000.index"));
  const std::string times = disk_.contents(file("00000000000000000000.timeindex"));
  cut(first_log_, size_of(first_log_) / 2);
  open(false, 0);
  ASSERT_EQ(log_->log_end_offset(), 50);
  EXPECT_EQ(offsets(), count_up(0, 50));
  stop();
  EXPECT_EQ(disk_.contents(file("00000000000000000000.index")), index.substr(0, 49 * 8));
  EXPECT_LT(disk_.contents(file("00000000000000000000.timeindex")).size(), times.size());
  open(true, 50);
  EXPECT_EQ(offsets(), count_up(0, 50));
}

TEST_F(RecoveryTest, LeftoversOfDeletionAndCleaningGo) {
  open();
  append();
  for (const std::string name : {"00000000000000000000.log.deleted", "x.tmp",
                                 "00000000000000000000.log.cleaned", "00000000000000000009.index"})
    ASSERT_TRUE(disk_.open(file(name), Disk::Mode::kCreate).ok());
  open(false, 0);
  for (const std::string name : {"00000000000000000000.log.deleted", "x.tmp",
                                 "00000000000000000000.log.cleaned", "00000000000000000009.index"})
    EXPECT_FALSE(disk_.exists(file(name))) << name;
  EXPECT_EQ(offsets(), count_up(0, 1));
}

TEST_F(RecoveryTest, ASwapThatWasCutShortIsCompleted) {
  config_.cleanup_compact = true;
  config_.segment_bytes = 250;
  open();
  append_many(9);
  ASSERT_TRUE(log_->close().ok());
  std::string compacted = make_batch({});
  set_offset_and_epoch(mutable_bytes(compacted), 4, 0);
  auto swap = disk_.open(file("00000000000000000000.log.swap"), Disk::Mode::kCreate);
  ASSERT_TRUE((*swap)->write_at(0, as_bytes(compacted)).ok());
  open(false, 0);
  EXPECT_EQ(offsets(), (std::vector<int64_t>{4, 6, 7, 8}));
}

// A random life of a log, with power losses at any point. Whatever was durable is there, in order,
// once; and the log goes on.
class PowerLossTest : public LogFixture, public testing::WithParamInterface<uint64_t> {};

TEST_P(PowerLossTest, NothingDurableIsLost) {
  std::mt19937_64 random(GetParam());
  config_.segment_bytes = 600;
  config_.index_interval_bytes = 100;
  open();
  std::vector<std::string> values;  // By offset.
  std::vector<int32_t> epochs;      // By offset.
  int64_t durable = 0, checkpoint = 0;
  int32_t sequence = 0;
  const auto check = [&](size_t step) {
    ASSERT_TRUE(log_->health().ok()) << log_->health();
    ASSERT_GE(log_->log_end_offset(), durable) << "seed " << GetParam() << " step " << step;
    int64_t next = 0;
    while (next < log_->log_end_offset()) {
      auto bytes = log_->read(next, INT64_MAX, 500);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      ASSERT_GT(bytes->next_offset, next);
      ASSERT_TRUE(for_each_batch(bytes->batches, [&](const BatchHeader&, Bytes batch) {
                    EXPECT_TRUE(check_batch(batch).ok());
                    EXPECT_TRUE(for_each_record(batch, [&](const Record& record) {
                                  EXPECT_EQ(record.offset, next++);
                                  EXPECT_EQ(as_text(*record.value),
                                            values[static_cast<size_t>(record.offset)]);
                                  return true;
                                }).ok());
                    return true;
                  }).ok());
    }
    for (int64_t offset = 0; offset < next; ++offset)
      ASSERT_EQ(log_->epoch_at(offset), epochs[static_cast<size_t>(offset)]);
    for (int i = 0; i < 20 && next > 0; ++i) {
      const auto offset = static_cast<int64_t>(random() % static_cast<uint64_t>(next));
      auto bytes = log_->read(offset, INT64_MAX, 1);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      ASSERT_GT(bytes->next_offset, offset);
      ASSERT_LE(parse_batch_header(bytes->batches)->base_offset, offset);
    }
  };
  for (size_t step = 0; step < 400; ++step) {
    switch (random() % 15) {
      case 0: {
        const auto dirty = log_->dirty_files();
        const size_t some = random() % (dirty.files.size() + 1);
        for (size_t i = 0; i < some; ++i) ASSERT_TRUE(dirty.files[i].file->sync().ok());
        if (some == dirty.files.size()) {
          log_->mark_durable(dirty.end_offset);
          durable = log_->durable_offset();
        }
        break;
      }
      case 1:
        checkpoint = durable;
        break;
      case 2:
        epoch_ += 1;
        break;
      case 3: {
        log_.reset();
        disk_.lose_power(random);
        open(false, checkpoint);
        check(step);
        values.resize(static_cast<size_t>(log_->log_end_offset()));
        epochs.resize(values.size());
        durable = log_->durable_offset();
        sequence += 1000;
        break;
      }
      case 4: {  // A kill, and the start that makes everything durable that it found.
        open(false, checkpoint);
        ASSERT_EQ(log_->log_end_offset(), static_cast<int64_t>(values.size()));
        if (random() % 2 == 0) {
          ASSERT_TRUE((*disk_.open_file_system("/data"))->sync().ok());
          log_->mark_all_durable();
        }
        durable = log_->durable_offset();
        check(step);
        break;
      }
      case 5:  // A clean stop, and what may happen after it.
        stop();
        checkpoint = durable = log_->durable_offset();
        log_.reset();
        if (random() % 2 == 0) disk_.lose_power(random);
        open(true, durable);
        ASSERT_EQ(log_->log_end_offset(), static_cast<int64_t>(values.size()));
        EXPECT_EQ(log_->recovery_report().segments_scanned, 0);
        EXPECT_THAT(log_->recovery_report().notes, IsEmpty());
        check(step);
        break;
      case 6:
        epoch_ += 1;
        ASSERT_TRUE(log_->begin_epoch(epoch_).ok());
        break;
      default: {
        const std::string value = "value " + std::to_string(random() % 100000);
        const int records = static_cast<int>(random() % 4) + 1;
        if (random() % 20 == 0) epoch_ += 1;
        const auto result = append(
            {.records = records, .value = value, .timestamp_ms = static_cast<int64_t>(step)});
        ASSERT_EQ(result.error, ErrorCode::kNone) << result.error_message;
        ASSERT_EQ(result.first_offset, static_cast<int64_t>(values.size()));
        for (int i = 0; i < records; ++i) values.push_back(value);
        epochs.resize(values.size(), epoch_);
      }
    }
    if (HasFatalFailure()) return;
  }
  ASSERT_TRUE(log_->close().ok());
  open(true, log_->durable_offset());
  durable = static_cast<int64_t>(values.size());
  check(400);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerLossTest, testing::Range<uint64_t>(0, 200));

}  // namespace
}  // namespace moldau
