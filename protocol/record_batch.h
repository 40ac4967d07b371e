// Record batches, message format 2 (KIP-98): the unit that producers send, logs store and consumers
// get. All integers big-endian; varints are zigzag.
//
//   base_offset            int64   \ not covered by the checksum, so that a leader may set
//   batch_length           int32   | offset and epoch without touching the rest; batch_length
//   counts partition_leader_epoch int32   | the bytes after itself magic                  int8  2 |
//   crc                    uint32  / CRC-32C of everything after this field
//   attributes             int16   bits 0-2 codec, 3 timestamp type (1: append time), 4
//   transactional,
//                                  5 control, 6 base_timestamp is a delete horizon (KIP-534)
//   last_offset_delta      int32
//   base_timestamp         int64   milliseconds since 1970
//   max_timestamp          int64
//   producer_id            int64   -1: none
//   producer_epoch         int16
//   base_sequence          int32
//   record_count           int32
//   records                        compressed as one block when a codec is set
//
//   record: length varint, attributes int8, timestamp_delta varlong, offset_delta varint,
//           key (varint length, -1 null), value (the same), header count varint,
//           headers (key varint length + bytes, value varint length (-1 null) + bytes)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/compression.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

constexpr size_t kLogOverhead = 12;       // base_offset and batch_length, common to all formats.
constexpr size_t kMagicPosition = 16;     // The same byte in formats 0, 1 and 2.
constexpr size_t kBatchHeaderBytes = 61;  // Format 2 up to the first record.
constexpr int64_t kNoTimestamp = -1;
constexpr int64_t kNoProducerId = -1;
constexpr int16_t kNoProducerEpoch = -1;
constexpr int32_t kNoSequence = -1;

enum class TimestampType : int8_t { kCreateTime = 0, kLogAppendTime = 1 };

// Bits of a batch's attributes above the codec's.
constexpr int16_t kAppendTimeBit = 0x08, kTransactionalBit = 0x10, kControlBit = 0x20,
                  kDeleteHorizonBit = 0x40;

// The fixed part of a batch, decoded.
struct BatchHeader {
  int64_t base_offset = 0;
  int32_t batch_length = 0;
  int32_t partition_leader_epoch = -1;
  int8_t magic = 2;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = kNoTimestamp;
  int64_t max_timestamp = kNoTimestamp;
  int64_t producer_id = kNoProducerId;
  int16_t producer_epoch = kNoProducerEpoch;
  int32_t base_sequence = kNoSequence;
  int32_t record_count = 0;

  int64_t last_offset() const { return base_offset + last_offset_delta; }
  int64_t next_offset() const { return last_offset() + 1; }
  size_t size_bytes() const { return kLogOverhead + static_cast<size_t>(batch_length); }
  Codec codec() const { return static_cast<Codec>(attributes & 0x07); }
  TimestampType timestamp_type() const { return static_cast<TimestampType>((attributes >> 3) & 1); }
  bool is_transactional() const { return (attributes & kTransactionalBit) != 0; }
  bool is_control() const { return (attributes & kControlBit) != 0; }
  bool has_delete_horizon() const { return (attributes & kDeleteHorizonBit) != 0; }
  bool has_producer_id() const { return producer_id != kNoProducerId; }
  // Sequences wrap from 2^31-1 to 0.
  int32_t last_sequence() const;
};

// Reads the header at the front of `bytes`. OutOfRange if fewer than 61 bytes are there,
// DataLoss if magic is not 2 or a length is impossible. Does not check the checksum.
absl::StatusOr<BatchHeader> parse_batch_header(Bytes bytes);

// Checks that `batch` is exactly one whole batch: lengths, magic, known codec, checksum, and that
// record_count fits last_offset_delta (compaction leaves fewer records than offsets, even none).
// Does not look into the records. DataLoss says what is wrong.
absl::Status check_batch(Bytes batch);
bool checksum_matches(Bytes batch);  // `batch` as parse_batch_header has accepted it, and whole.

// check_batch, and what a broker asks besides of a batch from a producer: at least one record, no
// offset left out, no control batch, a sequence if there is a producer id. InvalidArgument for
// these.
absl::Status check_produced_batch(Bytes batch);

// Rewrites the fields that a leader owns, in place. Offset and epoch lie outside the checksum;
// set_log_append_time rewrites attributes, max_timestamp and the checksum.
void set_offset_and_epoch(MutableBytes batch, int64_t base_offset, int32_t leader_epoch);
void set_log_append_time(MutableBytes batch, int64_t timestamp_ms);

struct RecordHeader {
  std::string_view key;
  std::optional<Bytes> value;
};

// One record, its fields absolute; everything borrowed from the (decompressed) batch.
struct Record {
  int64_t offset = 0;
  int64_t timestamp = kNoTimestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<RecordHeader> headers;
};

// Calls `visit` with every record in order until it returns false. The record is the same object
// each time, and is gone with the call. Decompresses as needed, bounded by `max_decompressed_bytes`
// (ResourceExhausted beyond it). DataLoss on bad contents: wrong count, lengths past the end, bytes
// left over, offset deltas not rising or outside the batch.
absl::Status for_each_record(Bytes batch, absl::FunctionRef<bool(const Record&)> visit,
                             size_t max_decompressed_bytes = kMaxDecompressedBytes);

// The same checks without a visitor; what the broker runs over a batch from a client it must look
// into.
absl::Status check_records(Bytes batch, size_t max_decompressed_bytes = kMaxDecompressedBytes);

// Calls `visit` with the header and bytes of each whole format-2 batch in `batches`, until it
// returns false; a cut one at the end is left out. DataLoss on an impossible length or another
// magic.
absl::Status for_each_batch(Bytes batches,
                            absl::FunctionRef<bool(const BatchHeader&, Bytes)> visit);

// Builds one batch. Offsets are absolute and rise from base_offset on; add() takes the next one.
// With kLogAppendTime every record's timestamp is the largest that was added.
class BatchBuilder {
 public:
  struct Options {
    int64_t base_offset = 0;
    int32_t leader_epoch = -1;
    Codec codec = Codec::kNone;
    int compression_level = 0;  // 0: the codec's default.
    TimestampType timestamp_type = TimestampType::kCreateTime;
    int64_t producer_id = kNoProducerId;
    int16_t producer_epoch = kNoProducerEpoch;
    int32_t base_sequence = kNoSequence;
    bool is_transactional = false;
    bool is_control = false;
  };
  explicit BatchBuilder(Options options);

  void add(int64_t timestamp_ms, std::optional<Bytes> key, std::optional<Bytes> value,
           const std::vector<RecordHeader>& headers = {});
  void add_at(int64_t offset, int64_t timestamp_ms, std::optional<Bytes> key,
              std::optional<Bytes> value, const std::vector<RecordHeader>& headers = {});
  size_t record_count() const { return record_count_; }
  size_t uncompressed_bytes() const { return records_.size(); }

  // The finished batch, checksum set. At least one record must have been added.
  std::string build() const;

 private:
  Options options_;
  std::string records_;
  size_t record_count_ = 0;
  int64_t base_timestamp_ = kNoTimestamp;
  int64_t max_timestamp_ = kNoTimestamp;
  int64_t last_offset_ = -1;
};

}  // namespace moldau
