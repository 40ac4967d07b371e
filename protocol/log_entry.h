// What stands in a log between one offset and the next, whatever its format: a record batch (format
// 2), or a message or wrapper of an older log (formats 0 and 1). All open with an int64 offset and
// an int32 size of the rest, and have their magic at the same byte.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"
#include "protocol/record_batch.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

struct EntryHeader {
  int8_t magic = 2;
  size_t size_bytes = 0;  // The whole entry.
  // The lowest offset that may be in the entry. Exact, but for wrappers of formats 0 and 1: there
  // it is last_offset, and first_offset() has to look inside.
  int64_t base_offset = 0;
  int64_t last_offset = 0;
  int64_t max_timestamp = kNoTimestamp;  // -1 in format 0.
  Codec codec = Codec::kNone;
  TimestampType timestamp_type = TimestampType::kCreateTime;
  bool is_control = false;
};

// The size of the entry at the front of `bytes`. OutOfRange if fewer than 17 bytes are there,
// DataLoss if the magic is unknown or the size too small for it.
absl::StatusOr<size_t> entry_size(Bytes bytes);

// The same for all that can be told without looking into the entry's data. OutOfRange if the header
// is not all there; the rest of the entry need not be.
absl::StatusOr<EntryHeader> parse_entry_header(Bytes bytes);

// Checks that `entry` is exactly one whole entry with the right checksum. DataLoss says what is
// wrong.
absl::Status check_entry(Bytes entry);

// Calls `visit` with the header and bytes of each whole entry, until it returns false; a cut one at
// the end is left out. DataLoss as above.
absl::Status for_each_entry(Bytes entries,
                            absl::FunctionRef<bool(const EntryHeader&, Bytes)> visit);

// Calls `visit` with every record of one entry, of whatever format, until it returns false. Errors
// and bounds as in for_each_record and for_each_message.
absl::Status for_each_entry_record(Bytes entry, absl::FunctionRef<bool(const Record&)> visit,
                                   size_t max_decompressed_bytes = kMaxDecompressedBytes);

// The base offset of a batch, or the offset of the first message of a wrapper.
absl::StatusOr<int64_t> first_offset(Bytes entry);

}  // namespace moldau
