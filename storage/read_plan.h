// Reading from a log in two steps: the log's owner plans, without waiting for the device; any
// thread carries out.
#pragma once

#include <cstdint>
#include <memory>

#include "protocol/bytes.h"
#include "storage/disk.h"

#include "absl/status/statusor.h"

namespace moldau {

// Where a read's bytes are. Valid after the log has moved on: it holds the file open.
struct ReadPlan {
  std::shared_ptr<File> file;
  uint64_t position = 0;      // At or before the entry that holds `offset`.
  uint64_t end_position = 0;  // Bytes of the file that may be read.
  int64_t offset = 0;
  int64_t end_offset = 0;  // Entries from here on are not returned (high watermark, stable offset).
  size_t max_bytes = 0;
  bool at_least_one = true;  // The first entry comes whole though larger than max_bytes (KIP-74).
  // When the position is not known from memory: the offset index to look it up in.
  std::shared_ptr<File> index_file;
  size_t index_entries = 0;
  int64_t base_offset = 0;
  // Where the next segment begins; -1 in the last one.
  int64_t next_base_offset = -1;
  // For locate(): whether everything up to end_position is before end_offset; and if the index is
  // in memory, a batch that begins near max_bytes or end_offset, whichever comes first (0: none).
  bool ends_with_file = false;
  uint64_t near_end = 0;
};

enum class ReadMode { kCachedOnly, kMayBlock };

struct ReadBytes {
  std::shared_ptr<Buffer> memory;  // Keeps `batches` alive.
  Bytes batches;                   // Whole batches (or older entries); may be empty.
  // After the last batch returned. If none: the plan's offset, or a larger one when the rest of the
  // segment holds nothing from there on (compaction): plan again from it.
  int64_t next_offset = -1;
};

// Unavailable: kCachedOnly and the pages are not in memory. DataLoss: the file holds something else
// than the log thought. An empty plan (file null) gives no bytes.
absl::StatusOr<ReadBytes> carry_out(const ReadPlan& plan, ReadMode mode);

// Batches that were found and not read: whole ones, as of carry_out().
struct LocatedBytes {
  StoredBytes batches;
  int64_t next_offset = -1;  // If there are none: as of carry_out().
};
// Reads no more than the headers that it needs to know where to begin and to stop. Errors as of
// carry_out(), and the bytes may have left the memory when they are wanted.
absl::StatusOr<LocatedBytes> locate(const ReadPlan& plan, ReadMode mode);

}  // namespace moldau
