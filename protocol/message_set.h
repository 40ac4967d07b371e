// Message formats 0 and 1, which clients up to Kafka 0.10 speak and old logs hold, and conversion
// to and from format 2.
//
//   message set: messages end to end, each with its own offset; no header of its own
//     offset int64, size int32, then
//     crc uint32 (CRC-32, IEEE, of everything after it), magic int8, attributes int8 (codec, and in
//     format 1 bit 3: append time), [format 1: timestamp int64], key bytes (int32 length, -1 null),
//     value bytes
//   A message with a codec is a wrapper: its value is a compressed message set, its offset that of
//   the last inner message. In format 0 inner offsets are absolute; in format 1 relative to the
//   first (KIP-31). A format-1 wrapper with append time gives its timestamp to all that it holds
//   (KIP-32).
#pragma once

#include <cstdint>
#include <string>

#include "protocol/bytes.h"
#include "protocol/record_batch.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// The smallest message of each format: no key, no value.
constexpr size_t kMinMessageBytes[] = {kLogOverhead + 14, kLogOverhead + 22};

// Checks one whole message without looking into a wrapper: length, format, codec, checksum.
// DataLoss says what is wrong.
absl::Status check_message(Bytes message);

// Calls `visit` with every message in order, those in wrappers too, until it returns false. The
// record is gone with the call and has no headers; messages of format 0 have no timestamp (-1). In
// a set from a producer the offsets are what it made up. `max_decompressed_bytes` bounds all
// wrappers together. DataLoss: bad checksum, bad length, a cut message, unknown or forbidden codec
// (zstd came with format 2), a wrapper in a wrapper, an empty wrapper. ResourceExhausted: a bomb.
absl::Status for_each_message(Bytes message_set, absl::FunctionRef<bool(const Record&)> visit,
                              size_t max_decompressed_bytes = kMaxDecompressedBytes);

struct UpConversion {
  std::string batches;  // Format-2 batches end to end; offsets count from 0 without gaps.
  int64_t record_count = 0;
};

// Format 0/1 to format 2, for Produce v0-v2. Offsets in the set are ignored: the leader assigns
// them. A wrapper becomes a batch with its codec; neighbouring plain messages become one batch.
// Keys, values, nulls, timestamps and their type are kept. Taken too, since clients send them:
// inner messages of either format under either wrapper, inner offsets that are all zero, a wrapper
// timestamp of 0 (inner ones count), raw or xerial snappy, the old LZ4 header checksum. Errors as
// above; a set of nothing is no batch.
absl::StatusOr<UpConversion> convert_up(Bytes message_set, size_t max_decompressed_bytes);

// The magic of the first message or batch, or -1 if `bytes` is too short to tell.
int8_t first_magic(Bytes bytes);

// What a log holds (format-2 batches, or older messages) down to uncompressed messages of `magic` 0
// or 1 (never newer than they are stored), for Fetch v0-v3. Records keep their offsets and (format
// 1) timestamps and type of timestamp; headers are lost; control batches are left out; records
// before `from_offset` are left out. A cut batch at the end of the input is ignored. Stops after
// `max_bytes` of output, cutting the last message short when `cut_last` (Fetch v0-v2 truncate in
// mid-message; v3 returns whole ones, and at least one). When nothing of the input is left the
// output is empty: the caller must then read on in the log, or the client would ask for the same
// offset for ever. Errors as from for_each_record.
absl::StatusOr<std::string> convert_down(Bytes batches, int8_t magic, int64_t from_offset,
                                         size_t max_bytes, bool cut_last);

}  // namespace moldau
