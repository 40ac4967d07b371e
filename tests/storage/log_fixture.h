// What tests of the log share: a log on a simulated disk, batches to put in it, and what is in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/log_entry.h"
#include "protocol/record_batch.h"
#include "storage/log.h"
#include "tests/storage/simulated_disk.h"

namespace moldau {

inline MutableBytes mutable_bytes(std::string& s) {
  return {reinterpret_cast<uint8_t*>(s.data()), s.size()};
}

struct BatchSpec {
  int records = 1;
  std::string value = "value";
  std::optional<std::string> key = "key";
  int64_t timestamp_ms = 1000;
  Codec codec = Codec::kNone;
  int64_t producer_id = kNoProducerId;
  int16_t producer_epoch = kNoProducerEpoch;
  int32_t base_sequence = kNoSequence;
  bool is_transactional = false;
};

inline std::string make_batch(const BatchSpec& spec) {
  BatchBuilder builder({.codec = spec.codec,
                        .producer_id = spec.producer_id,
                        .producer_epoch = spec.producer_epoch,
                        .base_sequence = spec.base_sequence,
                        .is_transactional = spec.is_transactional});
  for (int i = 0; i < spec.records; ++i)
    builder.add(spec.timestamp_ms + i,
                spec.key ? std::optional<Bytes>(as_bytes(*spec.key)) : std::nullopt,
                as_bytes(spec.value));
  return builder.build();
}

inline std::string make_end_marker(int64_t producer_id, int16_t epoch, bool is_commit,
                                   int32_t coordinator_epoch, int64_t timestamp_ms) {
  BatchBuilder builder({.producer_id = producer_id,
                        .producer_epoch = epoch,
                        .is_transactional = true,
                        .is_control = true});
  std::string key("\0\0\0", 3);
  key += is_commit ? '\1' : '\0';
  std::string value("\0\0", 2);
  for (int shift = 24; shift >= 0; shift -= 8)
    value += static_cast<char>(coordinator_epoch >> shift);
  builder.add(timestamp_ms, as_bytes(key), as_bytes(value));
  return builder.build();
}

class LogFixture : public testing::Test {
 protected:
  static constexpr const char* kDirectory = "/data/orders-0";

  absl::StatusOr<std::unique_ptr<Log>> try_open(bool clean, int64_t recovery_point = 0,
                                                int64_t log_start = 0) {
    log_.reset();
    return Log::open(disk_, {.directory = kDirectory,
                             .topic_partition = {"orders", 0},
                             .topic_id = {1, 2, 3},
                             .config = config_,
                             .recovery_point = recovery_point,
                             .log_start_offset = log_start,
                             .clean_shutdown = clean,
                             .now_ms = now_ms_});
  }
  void open(bool clean = false, int64_t recovery_point = 0, int64_t log_start = 0) {
    auto log = try_open(clean, recovery_point, log_start);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  void close_and_open() {
    ASSERT_TRUE(log_->close().ok());
    open(/*clean=*/true, log_->durable_offset(), log_->log_start_offset());
  }

  AppendResult append_bytes(std::string batch, AppendOrigin origin = AppendOrigin::kClient) {
    return log_->append(mutable_bytes(batch),
                        {.leader_epoch = epoch_, .origin = origin, .now_ms = now_ms_});
  }
  AppendResult append(const BatchSpec& spec = {}) { return append_bytes(make_batch(spec)); }
  void append_many(int count, BatchSpec spec = {}) {
    for (int i = 0; i < count; ++i, spec.timestamp_ms += spec.records)
      ASSERT_EQ(append(spec).error, ErrorCode::kNone);
  }
  void sync() {
    const auto dirty = log_->dirty_files();
    for (const auto& unsynced : dirty.files) ASSERT_TRUE(unsynced.file->sync().ok());
    log_->mark_durable(dirty.end_offset);
  }

  // As the broker stops: nothing is synced by itself, then the whole disk.
  void stop() {
    ASSERT_TRUE(log_->write_out().ok());
    ASSERT_TRUE((*disk_.open_file_system("/data"))->sync().ok());
    log_->mark_all_durable();
  }

  // Offsets of all records from `from` on, read as a consumer would.
  std::vector<int64_t> offsets(int64_t from = 0, size_t max_bytes = 1000) {
    std::vector<int64_t> found;
    int64_t offset = std::max(from, log_->log_start_offset());
    while (offset < log_->log_end_offset()) {
      auto bytes = log_->read(offset, INT64_MAX, max_bytes);
      EXPECT_TRUE(bytes.ok()) << bytes.status();
      if (!bytes.ok() || bytes->next_offset <= offset) break;
      EXPECT_TRUE(for_each_entry(bytes->batches, [&](const EntryHeader&, Bytes entry) {
                    EXPECT_TRUE(check_entry(entry).ok());
                    return for_each_entry_record(entry,
                                                 [&](const Record& record) {
                                                   if (record.offset >= offset)
                                                     found.push_back(record.offset);
                                                   return true;
                                                 })
                        .ok();
                  }).ok());
      offset = bytes->next_offset;
    }
    return found;
  }
  static std::vector<int64_t> count_up(int64_t from, int64_t to) {
    std::vector<int64_t> all;
    for (int64_t i = from; i < to; ++i) all.push_back(i);
    return all;
  }
  std::string file(const std::string& name) const { return std::string(kDirectory) + "/" + name; }

  SimulatedDisk disk_;
  LogConfig config_;
  int64_t now_ms_ = 100'000;
  int32_t epoch_ = 0;
  std::unique_ptr<Log> log_;
};

}  // namespace moldau
