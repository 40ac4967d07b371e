// A random life of a data directory with a journal, and power losses at any write, sync or change
// of names, those of recovery among them. Whatever was acknowledged is there, at its offset, once,
// and nothing that was given up comes back.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "storage/journal.h"
#include "storage/log_directory.h"
#include "storage/partition_metadata.h"
#include "tests/storage/log_fixture.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

class JournalPowerLossTest : public testing::TestWithParam<uint64_t> {
 protected:
  static constexpr const char* kRoot = "/data";
  static constexpr uint64_t kJournalBytes = 64 << 10;  // Some rounds a half.
  static constexpr size_t kLogs = 3;
  static constexpr int kMaxRecords = 3;  // In a batch.

  struct Partition {
    TopicPartition name;
    Uuid topic_id{};
    std::unique_ptr<Log> log;
    std::vector<std::string> values;  // By offset.
    int64_t acknowledged = 0;
    int64_t start = 0;
  };

  void SetUp() override {
    config_.segment_bytes = 8000;
    config_.index_interval_bytes = 100;
    for (size_t i = 0; i < kLogs; ++i) {
      partitions_.emplace_back();
      partitions_.back().name = {"orders", static_cast<int32_t>(i)};
      partitions_.back().topic_id = new_id();
    }
    reopen();
  }

  Uuid new_id() { return {static_cast<uint8_t>(++ids_ >> 8), static_cast<uint8_t>(ids_), 1}; }
  size_t pick(size_t below) { return static_cast<size_t>(random_() % below); }
  Partition& any() { return partitions_[pick(partitions_.size())]; }
  std::string path_of(const Partition& p) const { return join_path(kRoot, p.name.to_string()); }

  // --- Opening ---
  bool try_reopen() {
    checkpoint_.clear();
    for (auto& p : partitions_) p.log.reset();
    journal_.reset();
    directory_.reset();
    auto directory = LogDirectory::open(
        disk_, {.path = kRoot, .node_id = 1, .new_cluster_id = "c", .new_directory_id = {9}});
    if (!directory.ok()) {
      EXPECT_TRUE(disk_.is_off()) << directory.status();
      return false;
    }
    directory_ = *std::move(directory);
    EXPECT_FALSE(disk_.exists(join_path(kRoot, kJournalFile)));
    for (auto& p : partitions_) {
      if (!finish_deletion(p)) return false;
      auto log = directory_->open_log(p.name, p.topic_id, config_, 1000);
      if (!log.ok()) {
        EXPECT_TRUE(disk_.is_off()) << log.status();
        return false;
      }
      p.log = *std::move(log);
    }
    journal_ = std::make_unique<Journal>(disk_, kRoot);
    if (pick(8) == 0) return true;  // A life without one.
    auto file = Journal::make_file(disk_, kRoot, kJournalBytes);
    if (file.ok()) journal_->use(*file, kJournalBytes);
    return file.ok();
  }

  // A topic whose deletion was decided, but had not come to the disk.
  bool finish_deletion(const Partition& p) {
    auto found = directory_->find_partitions();
    if (!found.ok()) return false;
    if (std::ranges::find(*found, p.name) == found->end()) return true;
    const std::string folder = join_path(kRoot, p.name.to_string());
    const auto text = disk_.read_file(join_path(folder, "partition.metadata"));
    const auto id = text.ok() ? parse_partition_metadata(*text) : text.status();
    const bool is_old = id.ok() ? *id != p.topic_id : p.acknowledged == 0;
    return !is_old || remove_directory_of(p);
  }

  bool remove_directory_of(const Partition& p) {
    const auto gone = directory_->mark_for_deletion(p.name, p.topic_id);
    return gone.ok() && disk_.remove_directory(*gone).ok();
  }

  void reopen() {
    if (pick(3) == 0) disk_.cut_power_after(1 + pick(40));
    while (!try_reopen()) {
      if (HasFailure()) return;
      disk_.lose_power(random_);
    }
    for (auto& p : partitions_) check(p);
  }

  void check(Partition& p) {
    Log& log = *p.log;
    ASSERT_TRUE(log.health().ok()) << log.health();
    ASSERT_GE(log.log_end_offset(), p.acknowledged) << p.name.to_string();
    ASSERT_LE(log.log_end_offset(), static_cast<int64_t>(p.values.size())) << p.name.to_string();
    ASSERT_LE(log.log_start_offset(), p.start);
    for (int64_t next = log.log_start_offset(); next < log.log_end_offset();) {
      auto bytes = log.read(next, INT64_MAX, 5000);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      ASSERT_GT(bytes->next_offset, next);
      ASSERT_TRUE(for_each_batch(bytes->batches, [&](const BatchHeader&, Bytes batch) {
                    EXPECT_TRUE(check_batch(batch).ok());
                    return for_each_record(batch,
                                           [&](const Record& record) {
                                             if (record.offset < next)
                                               return true;  // Before the log start.
                                             EXPECT_EQ(record.offset, next++);
                                             EXPECT_EQ(
                                                 as_text(*record.value),
                                                 p.values[static_cast<size_t>(record.offset)]);
                                             return true;
                                           })
                        .ok();
                  }).ok());
      next = std::max(next, bytes->next_offset);
    }
    p.values.resize(static_cast<size_t>(log.log_end_offset()));
    p.start = log.log_start_offset();
  }

  // --- Steps. False: the power is off. ---
  bool append() {
    Partition& p = any();
    const std::string value(1 + pick(700), static_cast<char>('a' + pick(26)));
    std::string batch = make_batch({.records = 1 + static_cast<int>(pick(kMaxRecords)),
                                    .value = absl::StrCat(value, random_()),
                                    .timestamp_ms = 1000});
    const std::string stored = value_in(batch);
    const auto result =
        p.log->append(mutable_bytes(batch), {.leader_epoch = epoch_, .now_ms = 1000});
    // Bytes that failed to be written may still come to the disk.
    if (result.error != ErrorCode::kNone) return false;
    EXPECT_EQ(result.first_offset, static_cast<int64_t>(p.values.size()));
    for (int64_t i = result.first_offset; i <= result.last_offset; ++i) p.values.push_back(stored);
    return true;
  }
  static std::string value_in(const std::string& batch) {
    std::string value;
    (void)for_each_record(as_bytes(batch), [&](const Record& record) {
      value = std::string(as_text(*record.value));
      return false;
    });
    return value;
  }

  bool sync_all(Files files) {
    std::ranges::shuffle(files, random_);
    return std::ranges::all_of(files, [](const auto& file) { return file->sync().ok(); });
  }

  bool round() {
    std::vector<Unsynced> round;
    std::vector<std::pair<Partition*, int64_t>> requests;
    for (auto& p : partitions_) {
      if (pick(2) == 0) continue;
      auto dirty = p.log->dirty_files();
      round.insert(round.end(), dirty.files.begin(), dirty.files.end());
      requests.emplace_back(&p, dirty.end_offset);
    }
    if (pick(3) == 0 && !append()) return false;  // Meanwhile; this is for the next round.
    const bool is_direct = pick(10) == 0;
    Files files;
    for (const auto& unsynced : round) files.push_back(unsynced.file);
    if (!is_direct) files = journal_->absorb(round);
    rounds_in_journal_ += files.size() < round.size();
    if (!sync_all(std::move(files))) return false;
    for (auto& [p, end_offset] : requests) {
      p->log->mark_durable(end_offset);
      p->acknowledged = std::max(p->acknowledged, p->log->durable_offset());
    }
    return true;
  }

  bool go_on_with_checkpoint() {
    if (checkpoint_.empty() && journal_->wants_checkpoint())
      checkpoint_ = journal_->checkpoint_files();
    while (!checkpoint_.empty() && pick(4) != 0) {
      if (!checkpoint_.back()->sync().ok()) return false;
      checkpoint_.pop_back();
    }
    if (checkpoint_.empty() && journal_->wants_checkpoint()) {
      journal_->checkpointed();
      ++checkpoints_;
    }
    return true;
  }

  bool settle(const Partition& p) {
    if (!journal_->is_used()) return true;
    if (!sync_all(journal_->held_files_in(path_of(p)))) return false;
    auto file = journal_->note_settled(path_of(p));
    if (!file && journal_->wants_checkpoint()) {
      checkpoint_.clear();
      if (!sync_all(journal_->checkpoint_files())) return false;
      journal_->checkpointed();
      file = journal_->note_settled(path_of(p));
    }
    return file && file->sync().ok();
  }

  // Of a log that is to be cut nothing is promised.
  bool write_checkpoints(const Partition* cut = nullptr) {
    OffsetCheckpoint points, starts;
    for (const auto& p : partitions_) {
      points[p.name] = &p == cut ? 0 : p.log->durable_offset();
      starts[p.name] = p.log->log_start_offset();
    }
    return directory_->write_recovery_points(points).ok() &&
           directory_->write_log_starts(starts).ok();
  }

  bool truncate() {
    Partition& p = any();
    // A batch goes as a whole; where the one goes that the start is in, the log begins anew.
    const int64_t start = p.log->log_start_offset();
    int64_t to = start + static_cast<int64_t>(
                             pick(static_cast<size_t>(p.log->log_end_offset() - start) + 1));
    if (to < start + kMaxRecords) to = start;
    if (!settle(p)) return false;
    p.acknowledged = std::min(p.acknowledged, std::max(start, to - kMaxRecords));
    if (!write_checkpoints(&p) || !p.log->truncate_to(to).ok()) return false;
    p.values.resize(static_cast<size_t>(p.log->log_end_offset()));
    p.acknowledged = std::min(p.acknowledged, p.log->log_end_offset());
    p.start = std::min(p.start, p.log->log_start_offset());
    return true;
  }

  bool delete_topic() {
    Partition& p = any();
    p.topic_id = new_id();
    p.values.clear();
    p.acknowledged = p.start = 0;
    if (!settle(p)) return false;
    p.log.reset();
    if (!remove_directory_of(p)) return false;
    auto log = directory_->open_log(p.name, p.topic_id, config_, 1000);
    if (log.ok()) p.log = *std::move(log);
    return log.ok();
  }

  bool delete_old_segments() {
    Partition& p = any();
    const int64_t start = p.log->log_start_offset();
    if (p.acknowledged <= start) return true;
    const int64_t to =
        start + static_cast<int64_t>(pick(static_cast<size_t>(p.acknowledged - start)));
    p.start = std::max(p.start, to);
    if (!p.log->advance_log_start(to).ok()) return false;
    for (const auto& file : p.log->take_deleted_files())
      if (!disk_.remove(file).ok()) return false;
    return true;
  }

  bool stop_cleanly() {
    for (auto& p : partitions_)
      if (!p.log->close().ok()) return false;
    for (auto& p : partitions_) p.acknowledged = p.log->log_end_offset();
    if (!sync_all(journal_->held_files()) || !journal_->retire().ok()) return false;
    if (!write_checkpoints() || !directory_->write_clean_shutdown_marker(1).ok()) return false;
    EXPECT_FALSE(disk_.exists(join_path(kRoot, kJournalFile)));
    reopen();
    return true;
  }

  bool step() {
    switch (pick(100)) {
      case 0:
        return stop_cleanly();
      case 1:
        return false;  // The power goes between two steps.
      case 2:
        return delete_topic();
      case 3:
      case 4:
        return truncate();
      case 5:
      case 6:
        return delete_old_segments();
      case 7:
      case 8:
        return write_checkpoints();
      case 9:
        journal_->seal();
        return true;
      case 10:
        epoch_ += 1;
        return true;
      case 11:
        if (!disk_.is_off()) disk_.cut_power_after(1 + pick(60));
        return true;
      default:
        return pick(2) == 0 ? append() : pick(4) == 0 ? go_on_with_checkpoint() : round();
    }
  }

  std::mt19937_64 random_{GetParam()};
  SimulatedDisk disk_;
  LogConfig config_;
  int32_t epoch_ = 0;
  int ids_ = 0;
  std::vector<Partition> partitions_;
  std::unique_ptr<LogDirectory> directory_;
  std::unique_ptr<Journal> journal_;
  Files checkpoint_;  // Its files that are not synced yet.
  int rounds_in_journal_ = 0;
  int checkpoints_ = 0;
};

TEST_P(JournalPowerLossTest, NothingAcknowledgedIsLostAndNothingGivenUpComesBack) {
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << " step " << i);
    if (step()) continue;
    disk_.lose_power(random_);
    reopen();
  }
  EXPECT_GT(rounds_in_journal_, 20);
  EXPECT_GT(checkpoints_, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, JournalPowerLossTest, testing::Range<uint64_t>(0, 200));

}  // namespace
}  // namespace moldau
