// Message formats 0 and 1, which clients up to Kafka 0.10 speak, and conversion to and from
// format 2.
//
//   message set: messages end to end, each with its own offset; no header of its own
//     offset int64, size int32, then
//     crc uint32 (CRC-32, IEEE, of everything after it), magic int8, attributes int8 (codec, and in
//     format 1 bit 3: append time), [format 1: timestamp int64], key bytes (int32 length, -1 null),
//     value bytes
//   A message with a codec is a wrapper: its value is a compressed message set, its offset that of
//   the last inner message. In format 0 inner offsets are absolute; in format 1 relative to the
//   first.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/bytes.h"

#include "absl/status/statusor.h"

namespace moldau {

struct UpConversion {
  std::string batches;  // One or more format-2 batches; offsets count from 0.
  int64_t record_count = 0;
};

// Format 0/1 to format 2, for Produce v0-v2 (whose sets a broker must accept whatever the magic of
// each message is; format 2 itself is refused there by the caller). Codec, keys, values, nulls and
// timestamps are kept; messages of format 0 get no timestamp (-1). Accepts inner messages of either
// format under either wrapper, inner offsets all zero, raw or xerial snappy, the old LZ4 header
// checksum. DataLoss: bad checksum, bad length, nested compression, empty wrapper;
// ResourceExhausted: a bomb.
absl::StatusOr<UpConversion> convert_up(Bytes message_set, size_t max_decompressed_bytes);

// The magic of the first message or batch (0, 1 or 2), or -1 if `bytes` is too short to tell.
int8_t first_magic(Bytes bytes);

// Format-2 batches down to uncompressed messages of `magic` 0 or 1, for Fetch v0-v3. Records keep
// their offsets and (format 1) timestamps; headers are lost; control batches are left out; records
// before `from_offset` are left out. A cut batch at the end of the input is ignored. Stops after
// `max_bytes` of output, cutting the last message short when `cut_last` (Fetch v0-v2 truncate in
// mid-message; v3 returns whole ones, and at least one).
absl::StatusOr<std::string> convert_down(Bytes batches, int8_t magic, int64_t from_offset,
                                         size_t max_bytes, bool cut_last);

}  // namespace moldau
