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
// A Log is owned by one thread; nothing in it waits for the device but open() and the calls that
// say so. Readers get a ReadPlan, which any thread may carry out; syncing is the owner's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error_code.h"
#include "protocol/message.h"
#include "protocol/record_batch.h"
#include "protocol/topic_partition.h"
#include "storage/disk.h"

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
};

// What became of an append. With an error nothing was written.
struct AppendResult {
  ErrorCode error = ErrorCode::kNone;
  std::string error_message;  // What the client should be told (Produce v8), or empty.
  int64_t first_offset = -1;
  int64_t last_offset = -1;
  int64_t log_append_time_ms = kNoTimestamp;  // Set for LogAppendTime topics only.
  bool is_duplicate = false;  // An idempotent retry: the offsets of the original append (KIP-98).
  // (batch index, message): Produce v8+ (KIP-467).
  std::vector<std::pair<int32_t, std::string>> record_errors;
};

// Where a read's bytes are. Valid after the log has moved on: it holds the file open.
struct ReadPlan {
  std::shared_ptr<File> file;
  uint64_t position = 0;      // From the index: at or before the batch that holds `offset`.
  uint64_t end_position = 0;  // Bytes of the file that may be read.
  int64_t offset = 0;
  int64_t end_offset = 0;  // Batches from here on are not returned (high watermark, stable offset).
  size_t max_bytes = 0;
  bool at_least_one = true;  // The first batch comes whole though larger than max_bytes (KIP-74).
};

enum class ReadMode { kCachedOnly, kMayBlock };

struct ReadBytes {
  std::shared_ptr<Buffer> memory;  // Keeps `batches` alive.
  Bytes batches;                   // Whole batches; may be empty.
  int64_t next_offset = -1;        // After the last batch returned; the plan's offset if none.
};

// Unavailable: kCachedOnly and the pages are not in memory. DataLoss: the file holds something else
// than the log thought.
absl::StatusOr<ReadBytes> carry_out(const ReadPlan& plan, ReadMode mode);

struct TimestampOffset {
  int64_t timestamp_ms = kNoTimestamp;
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

struct AbortedTransaction {
  int64_t producer_id = 0;
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int64_t last_stable_offset = 0;
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
  virtual ~Log() = default;

  // Validates and appends the batches in `records`: format 2, whole; offsets, epochs and, if so
  // configured, timestamps are rewritten in place. With kReplication they are taken as they are and
  // must follow on. Checks and codes are Kafka's: CORRUPT_MESSAGE, MESSAGE_TOO_LARGE,
  // RECORD_LIST_TOO_LARGE (larger than a segment), INVALID_RECORD, INVALID_TIMESTAMP,
  // OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID, KAFKA_STORAGE_ERROR.
  virtual AppendResult append(MutableBytes records, const AppendOptions& options) = 0;

  // A plan for reading from `offset`, below `end_offset`; OutOfRange unless
  // log_start <= offset <= log_end. An empty plan (file null) when there is nothing between the
  // two.
  virtual absl::StatusOr<ReadPlan> plan_read(int64_t offset, int64_t end_offset, size_t max_bytes,
                                             bool at_least_one) = 0;
  // For small internal reads (coordinators, metadata): plans and carries out; may wait.
  absl::StatusOr<ReadBytes> read(int64_t offset, int64_t end_offset, size_t max_bytes);

  // The first record at or after `timestamp_ms` (ListOffsets); the record with the largest
  // timestamp (KIP-734). Both may wait for the device.
  virtual absl::StatusOr<std::optional<TimestampOffset>> find_timestamp(int64_t timestamp_ms) = 0;
  virtual absl::StatusOr<std::optional<TimestampOffset>> find_max_timestamp() = 0;

  virtual int64_t log_start_offset() const = 0;
  virtual int64_t log_end_offset() const = 0;
  virtual uint64_t size_bytes() const = 0;
  virtual const LogConfig& config() const = 0;
  virtual void set_config(LogConfig config) = 0;
  virtual const TopicPartition& topic_partition() const = 0;
  virtual const std::string& directory() const = 0;
  virtual const Uuid& topic_id() const = 0;

  // Leader epochs (KIP-101), checkpointed in leader-epoch-checkpoint.
  struct EpochEnd {
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;
  };
  virtual absl::Status begin_epoch(
      int32_t leader_epoch) = 0;  // At the log end, on becoming leader.
  virtual EpochEnd end_offset_for(int32_t leader_epoch) const = 0;
  virtual int32_t latest_epoch() const = 0;
  virtual int32_t epoch_at(int64_t offset) const = 0;  // -1 if unknown.

  // Transactions: the first offset of an open one, and the aborted ones in a range.
  virtual std::optional<int64_t> first_open_transaction_offset() const = 0;
  virtual absl::StatusOr<std::vector<AbortedTransaction>> aborted_transactions(int64_t from,
                                                                               int64_t to) = 0;

  // Files with bytes that are not known to be durable, and the offset that syncing them covers. The
  // caller syncs them (flusher.h) and then says so; the log never syncs on append.
  struct Dirty {
    std::vector<std::shared_ptr<File>> files;
    int64_t end_offset = 0;
  };
  virtual Dirty dirty_files() = 0;
  virtual void mark_durable(int64_t end_offset) = 0;
  virtual int64_t durable_offset() const = 0;  // The recovery point.

  // Moves the start of the log up (DeleteRecords, retention). Whole segments below it go: their
  // files are renamed to .deleted and handed out by take_deleted_files().
  virtual absl::Status advance_log_start(int64_t offset) = 0;
  // Retention by time and size, never past `high_watermark`.
  struct Retention {
    int segments = 0;
    uint64_t bytes = 0;
    std::string reason;
  };
  virtual absl::StatusOr<Retention> apply_retention(int64_t now_ms, int64_t high_watermark) = 0;
  // Removes everything from `offset` on (a follower that diverged). Durable when it returns.
  virtual absl::Status truncate_to(int64_t offset) = 0;
  // Rolls the active segment if segment.ms has passed.
  virtual absl::Status roll_if_due(int64_t now_ms) = 0;
  // Files waiting to be unlinked, handed over once; removed after file.delete.delay.ms by the
  // caller.
  virtual std::vector<std::string> take_deleted_files() = 0;

  // Writes producer snapshot and indexes and syncs everything: the clean end.
  virtual absl::Status close() = 0;

  virtual const RecoveryReport& recovery_report() const = 0;

  // Producers, as DescribeProducers shows them.
  struct Producer {
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    int32_t last_sequence = 0;
    int64_t last_timestamp_ms = 0;
    int32_t coordinator_epoch = -1;
    int64_t current_transaction_start = -1;
  };
  virtual std::vector<Producer> producers() const = 0;
};

}  // namespace moldau
