// Log: what goes at the old end, by time, by size, and by DeleteRecords; and rolling by age.
#include <algorithm>
#include <functional>

#include "storage/log.h"
#include "storage/log_files.h"

#include "absl/strings/str_cat.h"

namespace moldau {

// Segments of one age spread their rolls over the jitter.
int64_t Log::segment_age_limit() const {
  if (config_.segment_jitter_ms <= 0) return config_.segment_ms;
  const size_t hash =
      std::hash<std::string>()(absl::StrCat(topic_partition_.to_string(), active().base_offset()));
  const int64_t jitter = std::min(config_.segment_jitter_ms, config_.segment_ms);
  return config_.segment_ms - static_cast<int64_t>(hash % static_cast<size_t>(jitter));
}

absl::Status Log::roll_if_due(int64_t now_ms) {
  if (!health_.ok()) return absl::OkStatus();
  producer_state_.expire(now_ms, config_.producer_id_expiration_ms);
  if (auto status = write_put_off(); !status.ok()) return status;
  if (active().size_bytes() == 0) return absl::OkStatus();
  const int64_t first = active().first_timestamp_ms().value_or(kNoTimestamp);
  const int64_t since = first >= 0 ? std::min(first, now_ms) : active_since_ms_;
  if (now_ms - since <= segment_age_limit()) return absl::OkStatus();
  return roll(log_end_offset_, now_ms);
}

absl::Status Log::advance_log_start(int64_t offset) {
  if (!health_.ok()) return health_;
  if (offset > log_end_offset_)
    return absl::OutOfRangeError(absl::StrCat("the log of ", topic_partition_.to_string(),
                                              " ends at ", log_end_offset_, ", before ", offset));
  if (offset <= log_start_offset_) return absl::OkStatus();
  log_start_offset_ = offset;
  if (epochs_.truncate_before(offset))
    if (auto status = write_epochs(); !status.ok()) return status;
  const auto kept = std::ranges::partition_point(
      segments_, [&](const auto& segment) { return segment->base_offset() <= offset; });
  return delete_oldest_segments(static_cast<size_t>(kept - segments_.begin()) - 1);
}

// The file's own age stands in for records without a timestamp, and bounds those from the future,
// which would keep a segment for ever.
absl::StatusOr<bool> Log::is_expired(Segment& segment, int64_t now_ms) {
  if (config_.retention_ms < 0) return false;
  if (auto status = segment.ensure_indexes(config_.index_interval_bytes); !status.ok())
    return status;
  int64_t newest = segment.max_timestamp().timestamp_ms;
  if (newest < 0 || newest > now_ms) {
    auto modified = disk_.modified_ms(segment.path(kLogSuffix));
    if (!modified.ok()) return modified.status();
    newest = *modified;
  }
  return now_ms - newest > config_.retention_ms;
}

absl::StatusOr<Log::Retention> Log::apply_retention(int64_t now_ms, int64_t high_watermark) {
  Retention retention;
  if (auto status = write_put_off(); !status.ok()) return status;
  if (!health_.ok() || !config_.cleanup_delete) return retention;
  uint64_t left = size_bytes();
  size_t count = 0;
  for (; count < segments_.size(); ++count) {
    Segment& segment = *segments_[count];
    const bool is_active = count + 1 == segments_.size();
    const int64_t end = is_active ? log_end_offset_ : segments_[count + 1]->base_offset();
    if (end > high_watermark || segment.size_bytes() == 0) break;
    auto expired = is_expired(segment, now_ms);
    if (!expired.ok()) return expired.status();
    const bool too_large =
        config_.retention_bytes >= 0 &&
        left - segment.size_bytes() >= static_cast<uint64_t>(config_.retention_bytes);
    if (!*expired && !too_large) break;
    retention.reason = *expired ? absl::StrCat("older than ", config_.retention_ms, " ms")
                                : absl::StrCat("over ", config_.retention_bytes, " bytes");
    retention.bytes += segment.size_bytes();
    left -= segment.size_bytes();
  }
  if (count == 0) return retention;
  if (count == segments_.size())
    if (auto status = roll(log_end_offset_, now_ms); !status.ok()) return status;
  retention.segments = static_cast<int>(count);
  const int64_t start = segments_[count]->base_offset();
  if (start > log_start_offset_) {
    if (auto status = advance_log_start(start); !status.ok()) return status;
  } else if (auto status = delete_oldest_segments(count); !status.ok()) {
    return status;
  }
  return retention;
}

absl::Status Log::delete_oldest_segments(size_t count) {
  for (; count > 0; --count) {
    const Segment& segment = *segments_.front();
    for (const auto suffix : {kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix,
                              kTransactionIndexSuffix, kSnapshotSuffix}) {
      const std::string from = segment.path(suffix);
      const std::string to = from + std::string(kDeletedSuffix);
      auto status = disk_.rename(from, to);
      if (absl::IsNotFound(status)) continue;
      if (!status.ok()) return status;
      deleted_files_.push_back(to);
    }
    std::erase_if(dirty_, [&](const DirtyFile& d) {
      return d.unsynced.file->path().starts_with(
          join_path(directory_, log_file_name(segment.base_offset(), ".")));
    });
    segments_.erase(segments_.begin());
    note_directory_changed();
  }
  return absl::OkStatus();
}

std::vector<std::string> Log::take_deleted_files() { return std::exchange(deleted_files_, {}); }

}  // namespace moldau
