// Log::truncate_to: a follower gives up what its leader does not have.
#include <algorithm>
#include <utility>

#include "storage/log.h"
#include "storage/log_files.h"
#include "storage/log_loader.h"

#include "absl/strings/str_cat.h"

namespace moldau {

absl::Status Log::truncate_to(int64_t offset) {
  (void)write_put_off();  // What it can not write is gone as well.
  if (!health_.ok() && !suspect_) return health_;
  if (offset >= log_end_offset_ && health_.ok()) return absl::OkStatus();
  offset = std::min(offset, log_end_offset_);
  for (auto& segment : std::exchange(beyond_damage_, {})) segments_.push_back(std::move(segment));
  auto status = offset <= log_start_offset_ ? start_over_at(offset) : cut_at(offset);
  if (!status.ok()) {
    health_ = status;  // Neither the old log nor the new one.
    return status;
  }
  health_ = absl::OkStatus();
  suspect_ = false;
  return absl::OkStatus();
}

absl::Status Log::cut_at(int64_t offset) {
  size_t index = segment_index_for(offset);
  if (index > 0 && segments_[index]->base_offset() == offset) --index;
  if (auto status = remove_segments_from(index + 1); !status.ok()) return status;
  Segment& segment = active();
  if (auto status = segment.ensure_indexes(config_.index_interval_bytes); !status.ok())
    return status;
  auto from = segment.position_before(offset);
  if (!from.ok()) return from.status();
  auto file = segment.file();
  if (!file.ok()) return file.status();
  EntryScanner scanner(*file, *from, segment.size_bytes(), EntryScanner::Detail::kHeaders);
  uint64_t position = *from;
  int64_t end = offset;
  for (;; position = scanner.position()) {
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind != EntryScanner::Step::Kind::kEntry) break;
    if (step->entry.last_offset < offset) continue;
    end = std::min(offset, step->entry.base_offset);
    break;
  }
  if (auto status = segment.truncate(position, end); !status.ok()) return status;
  return finish_truncation(end);
}

absl::Status Log::start_over_at(int64_t offset) {
  if (auto status = remove_segments_from(0); !status.ok()) return status;
  segments_.push_back(std::make_unique<Segment>(disk_, directory_, offset));
  if (auto status = active().create(); !status.ok()) return status;
  log_start_offset_ = offset;
  return finish_truncation(offset);
}

absl::Status Log::remove_segments_from(size_t first) {
  while (segments_.size() > first) {
    for (const auto suffix :
         {kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix, kTransactionIndexSuffix})
      if (auto status = disk_.remove(segments_.back()->path(suffix)); !status.ok()) return status;
    segments_.pop_back();
  }
  last_read_.reset();
  return absl::OkStatus();
}

// Everything that was derived from the bytes that went follows them; then it is all synced.
absl::Status Log::finish_truncation(int64_t end_offset) {
  log_end_offset_ = end_offset;
  durable_offset_ = std::min(durable_offset_, end_offset);
  pending_aborts_.clear();
  for (const auto& [unsynced, dirtied] : dirty_)
    if (auto status = unsynced.file->sync(); !status.ok()) return status;
  dirty_.clear();
  handed_out_.clear();
  auto file = active().file();
  if (!file.ok()) return file.status();
  if (auto status = (*file)->sync(); !status.ok()) return status;
  auto indexes = active().seal();
  if (!indexes.ok()) return indexes.status();
  for (const auto& index : *indexes)
    if (auto status = closed_file(disk_, index)->sync(); !status.ok()) return status;
  epochs_.truncate_from(end_offset);
  if (auto status = disk_.write_file(path(kLeaderEpochFile), as_bytes(epochs_.text()));
      !status.ok())
    return status;
  epochs_written_ = true;
  if (auto status = LogLoader(*this, disk_).reload_after_truncation(); !status.ok()) return status;
  durable_offset_ = end_offset;
  return disk_.sync_directory(directory_);
}

}  // namespace moldau
