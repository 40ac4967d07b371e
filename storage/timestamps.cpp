// Log: records by time, for ListOffsets.
#include <algorithm>

#include "protocol/log_entry.h"
#include "storage/log.h"

namespace moldau {

// Entries of the time index say how late everything up to them is, so the search begins at the last
// one that is too early.
absl::StatusOr<std::optional<TimestampOffset>> Log::first_record_at(Segment& segment,
                                                                    int64_t timestamp_ms) {
  auto before = segment.time_index().find_last(
      [timestamp_ms](const TimeIndexEntry& e) { return e.timestamp_ms < timestamp_ms; });
  if (!before.ok()) return before.status();
  uint64_t position = 0;
  if (*before) {
    auto from = segment.position_before(segment.base_offset() + (*before)->relative_offset);
    if (!from.ok()) return from.status();
    position = *from;
  }
  auto file = segment.file();
  if (!file.ok()) return file.status();
  EntryScanner scanner(*file, position, segment.size_bytes(), EntryScanner::Detail::kWholeEntries);
  for (;;) {
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind == EntryScanner::Step::Kind::kBad) return absl::DataLossError(step->reason);
    if (step->kind == EntryScanner::Step::Kind::kEnd) return std::optional<TimestampOffset>();
    const LogEntry& entry = step->entry;
    if (entry.max_timestamp < timestamp_ms || entry.last_offset < log_start_offset_) continue;
    std::optional<TimestampOffset> found;
    auto status = for_each_entry_record(entry.bytes, [&](const Record& record) {
      if (record.timestamp < timestamp_ms || record.offset < log_start_offset_) return true;
      found = {.timestamp_ms = record.timestamp,
               .offset = record.offset,
               .leader_epoch = epochs_.epoch_at(record.offset)};
      return false;
    });
    if (!status.ok()) return status;
    if (found) return found;
  }
}

absl::StatusOr<std::optional<TimestampOffset>> Log::find_timestamp(int64_t timestamp_ms) {
  for (const auto& segment : segments_) {
    if (auto status = segment->ensure_indexes(config_.index_interval_bytes); !status.ok())
      return status;
    if (segment->max_timestamp().timestamp_ms < timestamp_ms) continue;
    auto found = first_record_at(*segment, timestamp_ms);
    if (!found.ok() || *found) return found;
  }
  return std::optional<TimestampOffset>();
}

absl::StatusOr<std::optional<TimestampOffset>> Log::find_max_timestamp() {
  int64_t largest = kNoTimestamp;
  for (const auto& segment : segments_) {
    if (auto status = segment->ensure_indexes(config_.index_interval_bytes); !status.ok())
      return status;
    largest = std::max(largest, segment->max_timestamp().timestamp_ms);
  }
  if (largest == kNoTimestamp) return std::optional<TimestampOffset>();
  return find_timestamp(largest);
}

}  // namespace moldau
