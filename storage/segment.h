// One segment of a log: its data file and the two sparse indexes into it. Belongs to the thread
// that owns the log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/disk.h"
#include "storage/entry_scanner.h"
#include "storage/offset_index.h"
#include "storage/time_index.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

class Segment {
 public:
  Segment(Disk& disk, std::string directory, int64_t base_offset);

  int64_t base_offset() const { return base_offset_; }
  uint64_t size_bytes() const { return size_bytes_; }
  std::string path(std::string_view suffix) const;

  // Takes up the files of an existing segment, reading no data.
  absl::Status load();
  // Takes up the indexes: done by whatever needs them first. Those that are missing or can not be
  // right are made again.
  absl::Status ensure_indexes(int32_t index_interval_bytes);
  bool indexes_loaded() const { return indexes_loaded_; }
  // NotFound or DataLoss, saying which index can not be used and why.
  absl::Status check_indexes();
  // Makes the data file, which must not be there (or be empty).
  absl::Status create();

  // The data file, opened when it is first wanted.
  absl::StatusOr<std::shared_ptr<File>> file();
  void close_file() { file_.reset(); }

  // One write at the end. After an error the segment is as it was.
  absl::Status write(std::span<const Bytes> parts);
  // Tells the indexes of a batch or older entry at `position`, in order.
  void note_entry(const EntryHeader& entry, uint64_t position, int32_t index_interval_bytes);

  // Whether `offset` can be told relative to the base in an int32.
  bool can_hold(int64_t offset) const { return offset - base_offset_ <= INT32_MAX; }
  // With so many more entries to come, at most.
  bool indexes_full(int32_t segment_index_bytes, size_t to_come) const;
  // The timestamp of the first batch written; what rolling by time counts from.
  std::optional<int64_t> first_timestamp_ms() const { return first_timestamp_; }

  // The largest timestamp in the segment and an offset at or after the record that has it.
  struct MaxTimestamp {
    int64_t timestamp_ms = -1;
    int64_t offset = -1;
  };
  const MaxTimestamp& max_timestamp() const { return max_timestamp_; }

  const OffsetIndex& offset_index() const { return offset_index_; }
  const TimeIndex& time_index() const { return time_index_; }

  // A position at or before the entry that holds `offset`.
  absl::StatusOr<uint64_t> position_before(int64_t offset) const;  // After ensure_indexes().

  // Writes the indexes out if that is due; returns the paths of their files, to be synced some
  // time.
  absl::StatusOr<std::vector<std::string>> write_indexes_if_due();
  // The last index entry that a segment gets before another one follows, and everything written
  // that is not yet; returns the paths.
  absl::StatusOr<std::vector<std::string>> seal();
  void release_memory();

  // Forgets the indexes, for the scan that makes them again.
  void reset_indexes();
  // Cuts data and indexes at `position`, which holds `offset`.
  absl::Status truncate(uint64_t position, int64_t offset);
  absl::Status cut_file(uint64_t position);
  // Lets bytes from `position` on be, out of reach.
  void pretend_size(uint64_t position) { size_bytes_ = position; }

  // Makes both indexes again from the headers of the data.
  absl::Status rebuild_indexes(int32_t index_interval_bytes);

  // Where appending goes on: after the last entry, which is looked for from the last index entry.
  absl::StatusOr<int64_t> read_next_offset();
  absl::Status read_first_timestamp();

  // A transaction index is there: an abort marker is in this segment.
  bool has_aborted() const { return has_aborted_; }
  void set_has_aborted(bool has) { has_aborted_ = has; }

 private:
  absl::StatusOr<std::vector<std::string>> write_indexes();
  void note_largest_timestamp();
  absl::Status refresh_max_timestamp();

  Disk& disk_;
  const std::string directory_;
  const int64_t base_offset_;
  uint64_t size_bytes_ = 0;
  std::shared_ptr<File> file_;
  OffsetIndex offset_index_;
  TimeIndex time_index_;
  MaxTimestamp max_timestamp_;
  std::optional<int64_t> first_timestamp_;
  uint64_t bytes_since_index_entry_ = 0;
  bool indexes_loaded_ = false;
  bool has_aborted_ = false;
};

}  // namespace moldau
