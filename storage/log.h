// One partition's log: segments of record batches in Kafka's own on-disk format, byte for byte.
//
//   <topic>-<partition>/
//     00000000000000000000.log        batches end to end; the name is the base offset, 20 digits
//                        .index       (relative offset int32, position int32), sparse
//                        .timeindex   (timestamp int64, relative offset int32)
//                        .txnindex    aborted transactions
//                        .snapshot    producer state up to the name's offset
//     leader-epoch-checkpoint, partition.metadata
//
// Bad bytes at or after the recovery point are a torn write and are cut off. Bad bytes below it
// were durable and may have been acknowledged, so they are never dropped in silence: the log opens
// up to them, for reading, says so in health() and refuses appends.
//
// A Log is owned by one thread; nothing in it waits for the device but open() and the calls that
// say so. Readers get a ReadPlan, which any thread may carry out; syncing is the owner's business.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error_code.h"
#include "protocol/message.h"
#include "protocol/record_batch.h"
#include "protocol/topic_partition.h"
#include "storage/disk.h"
#include "storage/leader_epochs.h"
#include "storage/producer_state.h"
#include "storage/read_plan.h"
#include "storage/segment.h"
#include "storage/transaction_index.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// The topic configuration that a log obeys, under Kafka's names. Changed at any time: set_config().
struct LogConfig {
  int32_t segment_bytes = 1 << 30;
  int64_t segment_ms = 7LL * 24 * 3600 * 1000;
  int64_t segment_jitter_ms = 0;
  int32_t segment_index_bytes = 10 << 20;
  int32_t index_interval_bytes = 4096;
  int32_t max_message_bytes = 1048588;            // Of one batch, its header included.
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;  // -1: no limit.
  int64_t retention_bytes = -1;
  int64_t file_delete_delay_ms = 60'000;
  int64_t producer_id_expiration_ms = 24LL * 3600 * 1000;
  TimestampType message_timestamp_type = TimestampType::kCreateTime;
  int64_t message_timestamp_before_max_ms = INT64_MAX;
  int64_t message_timestamp_after_max_ms = 3600 * 1000;
  bool cleanup_delete = true;        // cleanup.policy contains "delete".
  bool cleanup_compact = false;      // cleanup.policy contains "compact".
  std::optional<Codec> compression;  // compression.type; none set: as the producer sent it.
  int compression_level = 0;
};

enum class AppendOrigin { kClient, kReplication, kCoordinator };

struct AppendOptions {
  int32_t leader_epoch = 0;
  AppendOrigin origin = AppendOrigin::kClient;
  int64_t now_ms = 0;  // For LogAppendTime, rolling by time and producer expiry.
  // Set: owns the bytes, and the write may wait for write_put_off(). For clients' batches.
  std::shared_ptr<const void> owner;
};

// What became of an append. With an error nothing was written.
struct AppendResult {
  ErrorCode error = ErrorCode::kNone;
  std::string error_message;  // What the client should be told (Produce v8), or empty.
  int64_t first_offset = -1;
  int64_t last_offset = -1;
  int64_t log_append_time_ms = kNoTimestamp;  // Set for LogAppendTime topics only.
  bool is_duplicate = false;  // An idempotent retry: the offsets of the original append (KIP-98).
  uint64_t generation = 0;    // Log::generation() when it was made.
  // (batch index, message): Produce v8+ (KIP-467).
  std::vector<std::pair<int32_t, std::string>> record_errors;
};

struct TimestampOffset {
  int64_t timestamp_ms = kNoTimestamp;
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

// What opening a log found and did, for a line in the broker's log when it is not empty.
struct RecoveryReport {
  int segments_scanned = 0;
  int indexes_rebuilt = 0;
  uint64_t bytes_truncated = 0;
  std::vector<std::string> notes;  // One a finding: file, position, what was wrong, what was done.
};

class Log {
 public:
  struct OpenOptions {
    std::string directory;  // Ends in <topic>-<partition>; made if not there.
    TopicPartition topic_partition;
    Uuid topic_id{};  // Written to partition.metadata if that is missing; a mismatch is an error.
    LogConfig config;
    int64_t recovery_point = 0;    // From the checkpoint: durable below it.
    int64_t log_start_offset = 0;  // From the checkpoint.
    bool clean_shutdown = false;   // The last stop was clean: no scan.
    int64_t now_ms = 0;
  };
  static absl::StatusOr<std::unique_ptr<Log>> open(Disk& disk, OpenOptions options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Validates and appends the batches in `records`: format 2, whole; offsets, epochs and, if so
  // configured, timestamps are rewritten in place. With kReplication they are taken as they are and
  // must follow on. Checks and codes are Kafka's: CORRUPT_MESSAGE, MESSAGE_TOO_LARGE,
  // RECORD_LIST_TOO_LARGE (larger than a segment), INVALID_RECORD, INVALID_TIMESTAMP,
  // OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID, KAFKA_STORAGE_ERROR.
  AppendResult append(MutableBytes records, const AppendOptions& options);
  // Writes in one go what appends have put off; until then only they know of it: it has offsets,
  // and the log does not reach that far. After an error those appends never were.
  absl::Status write_put_off();
  // Another one when appends that were put off got lost: results of the generation before are void
  // unless write_put_off() had returned.
  uint64_t generation() const { return generation_; }

  // A plan for reading from `offset`, below `end_offset`; OutOfRange unless
  // log_start <= offset <= log_end. An empty plan (file null) when there is nothing between the
  // two.
  absl::StatusOr<ReadPlan> plan_read(int64_t offset, int64_t end_offset, size_t max_bytes,
                                     bool at_least_one);
  // For small internal reads (coordinators, metadata): plans and carries out; may wait.
  absl::StatusOr<ReadBytes> read(int64_t offset, int64_t end_offset, size_t max_bytes);

  // The first record at or after `timestamp_ms` (ListOffsets); the record with the largest
  // timestamp (KIP-734). Both may wait for the device.
  absl::StatusOr<std::optional<TimestampOffset>> find_timestamp(int64_t timestamp_ms);
  absl::StatusOr<std::optional<TimestampOffset>> find_max_timestamp();

  int64_t log_start_offset() const { return log_start_offset_; }
  int64_t log_end_offset() const { return log_end_offset_; }
  uint64_t size_bytes() const;
  const LogConfig& config() const { return config_; }
  void set_config(LogConfig config) { config_ = config; }
  const TopicPartition& topic_partition() const { return topic_partition_; }
  const std::string& directory() const { return directory_; }
  const Uuid& topic_id() const { return topic_id_; }

  // Leader epochs (KIP-101), checkpointed in leader-epoch-checkpoint.
  struct EpochEnd {
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;
  };
  // At the log end, on becoming leader. Written to the file with the first batch of the epoch: one
  // without batches is replaced by the next, which begins at the same offset.
  absl::Status begin_epoch(int32_t leader_epoch);
  EpochEnd end_offset_for(int32_t leader_epoch) const;
  int32_t latest_epoch() const;
  int32_t epoch_at(int64_t offset) const;  // -1 if unknown.

  // Transactions: the first offset of an open one, and the aborted ones in a range.
  std::optional<int64_t> first_open_transaction_offset() const;
  // Those that end at or after `from` and begin before `to`; may wait for the device.
  absl::StatusOr<std::vector<AbortedTransaction>> aborted_transactions(int64_t from, int64_t to);
  // Where a read_committed consumer stops: the high watermark, or the first transaction that is
  // open or whose marker is not below the high watermark yet.
  int64_t last_stable_offset(int64_t high_watermark);

  // Files with bytes that are not known to be durable, and the offset that syncing them covers. The
  // caller syncs them (flusher.h) and then says so with that offset, in the order in which it took
  // them; the log never syncs on append. Files dirtied in between stay for the next time.
  struct Dirty {
    std::vector<Unsynced> files;
    int64_t end_offset = 0;
  };
  Dirty dirty_files();
  void mark_durable(int64_t end_offset);
  bool has_dirty_files() const { return !dirty_.empty(); }
  int64_t durable_offset() const { return durable_offset_; }  // The recovery point.

  // Moves the start of the log up (DeleteRecords, retention). Whole segments below it go: their
  // files are renamed to .deleted and handed out by take_deleted_files().
  absl::Status advance_log_start(int64_t offset);
  // Retention by time and size, never past `high_watermark`.
  struct Retention {
    int segments = 0;
    uint64_t bytes = 0;
    std::string reason;
  };
  absl::StatusOr<Retention> apply_retention(int64_t now_ms, int64_t high_watermark);
  // Removes every batch that reaches `offset` or beyond (a follower that diverged). Durable when it
  // returns; the caller has had the flusher settle directory() before, and lowers the
  // recovery-point checkpoint before it appends again, so that a later crash is not taken for rot.
  // Also ends the suspicion if the bad bytes are cut off.
  absl::Status truncate_to(int64_t offset);
  // Rolls the active segment if segment.ms has passed.
  absl::Status roll_if_due(int64_t now_ms);
  // Files waiting to be unlinked, handed over once; removed after file.delete.delay.ms by the
  // caller.
  std::vector<std::string> take_deleted_files();

  // The clean end: write_out(), and everything synced.
  absl::Status close();
  // Its first step, for many logs that share the second: leaves nothing in memory only (producer
  // snapshot, indexes, epochs) and closes the files, syncing none. Does nothing if nothing has
  // changed since. Who has then made all files durable, together with those of other logs
  // (LogDirectory::sync_everything), says so with mark_all_durable().
  absl::Status write_out();
  void mark_all_durable();

  const RecoveryReport& recovery_report() const { return report_; }
  // OK, or why this log may not lead and refuses appends: bytes that were durable are bad (the log
  // then ends before them, and nothing on disk is touched), or its disk failed.
  const absl::Status& health() const { return health_; }

  // Producers, as DescribeProducers shows them.
  struct Producer {
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    int32_t last_sequence = 0;
    int64_t last_timestamp_ms = 0;
    int32_t coordinator_epoch = -1;
    int64_t current_transaction_start = -1;
  };
  std::vector<Producer> producers() const;

 private:
  struct Incoming {
    BatchHeader header;
    MutableBytes bytes;
    std::optional<EndMarker> marker;
  };
  struct PutOff {
    std::vector<Incoming> batches;
    std::vector<std::shared_ptr<const void>> owners;
    size_t bytes = 0;
  };
  struct DirtyFile {
    Unsynced unsynced;
    uint64_t dirtied = 0;  // When, by clock_.
  };
  struct HandedOut {
    int64_t end_offset = 0;
    uint64_t at = 0;
    std::vector<Unsynced> appended;  // What bytes may go on growing.
  };
  friend class LogLoader;

  Log(Disk& disk, OpenOptions options);

  Segment& active() const { return *segments_.back(); }
  size_t segment_index_for(int64_t offset) const;
  std::string path(std::string_view name) const;

  // append.cpp
  AppendResult append_checked(std::span<Incoming> batches, const AppendOptions& options);
  absl::Status write(std::span<Incoming> batches, const AppendOptions& options);
  absl::Status write_at_end(std::span<const Incoming> batches);
  void note_producers(std::span<const Incoming> batches);
  void note_written(std::span<const Incoming> batches, uint64_t position);
  absl::Status roll_for(std::span<const Incoming> batches, int64_t now_ms);
  bool must_roll(std::span<const Incoming> batches, size_t bytes, int64_t now_ms);
  absl::Status roll(int64_t base_offset, int64_t now_ms);
  int64_t segment_age_limit() const;
  absl::Status write_pending_aborts();
  absl::Status write_epochs();
  absl::Status write_epochs_of_batches();
  absl::Status write_snapshot(int64_t offset);
  absl::Status write_small_file(const std::string& path, const std::string& contents);

  // truncation.cpp
  absl::Status cut_at(int64_t offset);
  absl::Status start_over_at(int64_t offset);
  absl::Status remove_segments_from(size_t first);
  absl::Status finish_truncation(int64_t end_offset);

  // retention.cpp
  absl::Status delete_oldest_segments(size_t count);
  absl::StatusOr<bool> is_expired(Segment& segment, int64_t now_ms);

  absl::Status plan_position(const Segment& segment, ReadPlan& plan) const;
  void close_all_but(size_t index);
  absl::StatusOr<std::optional<TimestampOffset>> first_record_at(Segment& segment,
                                                                 int64_t timestamp_ms);

  void note_dirty(Unsynced unsynced);
  void note_dirty(const std::string& path);
  void note_indexes_dirty(const std::vector<std::string>& paths);
  void note_directory_changed();

  Disk& disk_;
  const std::string directory_;
  const TopicPartition topic_partition_;
  Uuid topic_id_;
  LogConfig config_;
  RecoveryReport report_;
  absl::Status health_;
  bool suspect_ = false;  // health_ is about bad bytes; they and what follows are out of reach.
  std::vector<std::unique_ptr<Segment>> beyond_damage_;

  std::vector<std::unique_ptr<Segment>> segments_;  // Never empty once open; the last is active.
  int64_t log_start_offset_ = 0;
  int64_t log_end_offset_ = 0;
  int64_t durable_offset_ = 0;
  int64_t active_since_ms_ = 0;
  std::optional<int64_t> last_read_;  // The base offset of the segment that a read opened last.
  LeaderEpochs epochs_;
  ProducerState producer_state_;
  std::vector<AbortedTransaction> pending_aborts_;  // Not yet in the transaction index.
  uint64_t generation_ = 0;
  PutOff put_off_;  // Follows the log's end; the producer state has it already.

  std::vector<DirtyFile> dirty_;
  std::deque<HandedOut> handed_out_;
  uint64_t clock_ = 0;
  std::optional<uint64_t> closed_on_disk_;  // By clock_: the files were those of a clean stop.
  bool epochs_written_ = true;
  std::vector<std::string> deleted_files_;
};

}  // namespace moldau
