#include "storage/log_loader.h"

#include <algorithm>
#include <utility>

#include "storage/log_files.h"
#include "storage/partition_metadata.h"

#include "absl/strings/str_cat.h"

namespace moldau {

absl::StatusOr<std::unique_ptr<Log>> Log::open(Disk& disk, OpenOptions options) {
  std::unique_ptr<Log> log(new Log(disk, options));
  if (auto status = LogLoader(*log, disk).load(options); !status.ok()) return status;
  return log;
}

absl::Status LogLoader::load(const Log::OpenOptions& options) {
  if (auto status = list_files(); !status.ok()) return status;
  if (auto status = load_metadata(options.topic_id); !status.ok()) return status;
  if (auto status = make_segments(); !status.ok()) return status;
  auto& segments = log_.segments_;
  log_.active_since_ms_ = options.now_ms;
  log_.log_start_offset_ = options.log_start_offset;
  if (segments.empty()) return start_at(options.log_start_offset);
  log_.log_start_offset_ = std::max(options.log_start_offset, segments.front()->base_offset());
  if (auto status = load_epochs(); !status.ok()) return status;

  const size_t first =
      options.clean_shutdown ? segments.size() : log_.segment_index_for(options.recovery_point);
  if (auto status = check_old_indexes(first); !status.ok()) return status;
  if (options.clean_shutdown) {
    auto end = log_.active().ensure_indexes(log_.config_.index_interval_bytes).ok()
                   ? log_.active().read_next_offset()
                   : absl::DataLossError("no index");
    if (!end.ok()) {
      note(absl::StrCat(end.status().message(), ": the log is scanned although it was closed"));
      auto status = recover_from(segments.size() - 1, INT64_MAX);
      if (!status.ok()) return status;
    } else {
      log_.log_end_offset_ = *end;
      if (auto status = load_producers_up_to(*end); !status.ok()) return status;
      if (has_files_of_clean_stop()) log_.closed_on_disk_ = log_.clock_;
    }
    log_.durable_offset_ = log_.log_end_offset_;
  } else {
    log_.durable_offset_ = options.recovery_point;
    if (auto status = recover_from(first, options.recovery_point); !status.ok()) return status;
    log_.durable_offset_ = std::min(log_.durable_offset_, log_.log_end_offset_);
  }
  if (log_.log_start_offset_ > log_.log_end_offset_ && log_.health_.ok()) {
    note(absl::StrCat("the log ended at ", log_.log_end_offset_, ", before its start ",
                      log_.log_start_offset_, ": it begins anew there"));
    return log_.start_over_at(log_.log_start_offset_);
  }
  if (!log_.health_.ok()) return absl::OkStatus();
  const bool end_moved = log_.epochs_.truncate_from(log_.log_end_offset_ + 1);
  const bool start_moved = log_.epochs_.truncate_before(log_.log_start_offset_);
  if (end_moved || start_moved)
    if (auto status = log_.write_epochs(); !status.ok()) return status;
  if (auto status = remove_stray_snapshots(); !status.ok()) return status;
  if (auto status = log_.active().read_first_timestamp(); !status.ok()) return status;
  log_.active().close_file();
  return absl::OkStatus();
}

absl::Status LogLoader::start_at(int64_t offset) {
  log_.segments_.push_back(std::make_unique<Segment>(disk_, log_.directory_, offset));
  if (auto status = log_.active().create(); !status.ok()) return status;
  log_.note_dirty(log_.active().path(kLogSuffix));
  log_.active().close_file();
  log_.log_start_offset_ = log_.log_end_offset_ = offset;
  log_.durable_offset_ = offset;
  log_.note_directory_changed();
  return absl::OkStatus();
}

// --- What is there
// --------------------------------------------------------------------------------

absl::Status LogLoader::list_files() {
  auto names = disk_.list(log_.directory_);
  if (absl::IsNotFound(names.status())) {
    if (auto status = disk_.make_directories(log_.directory_); !status.ok()) return status;
    log_.note_dirty({.file = directory_as_file(disk_, parent_path(log_.directory_))});
    return absl::OkStatus();
  }
  if (!names.ok()) return names.status();
  if (auto status = complete_swaps(*names); !status.ok()) return status;
  for (const auto& name : *names) {
    if (name.ends_with(kTemporarySuffix) || name.ends_with(kDeletedSuffix) ||
        name.ends_with(kCleanedSuffix)) {
      if (auto status = disk_.remove(log_.path(name)); !status.ok()) return status;
    } else if (auto base = offset_in_name(name, kLogSuffix)) {
      found_.bases.insert(*base);
    } else if (auto offset = offset_in_name(name, kOffsetIndexSuffix)) {
      found_.with_indexes[0].insert(*offset);
    } else if (auto time = offset_in_name(name, kTimeIndexSuffix)) {
      found_.with_indexes[1].insert(*time);
    } else if (auto aborted = offset_in_name(name, kTransactionIndexSuffix)) {
      found_.with_aborted.insert(*aborted);
    } else if (auto snapshot = offset_in_name(name, kSnapshotSuffix)) {
      found_.snapshots.insert(*snapshot);
    }
  }
  found_.has_epochs = std::ranges::binary_search(*names, kLeaderEpochFile);
  found_.has_metadata = std::ranges::binary_search(*names, kPartitionMetadataFile);
  for (const auto& [offsets, suffix] : {std::pair{&found_.with_indexes[0], kOffsetIndexSuffix},
                                        std::pair{&found_.with_indexes[1], kTimeIndexSuffix},
                                        std::pair{&found_.with_aborted, kTransactionIndexSuffix}})
    for (const int64_t offset : *offsets)
      if (!found_.bases.contains(offset))
        if (auto status = disk_.remove(log_.path(log_file_name(offset, suffix))); !status.ok())
          return status;
  return absl::OkStatus();
}

// A compaction that had finished its files and was renaming them: "<base>.log.swap" replaces the
// segments from its base to its last offset.
absl::Status LogLoader::complete_swaps(std::vector<std::string>& names) {
  bool any = false;
  for (const auto& name : std::vector<std::string>(names)) {
    if (!name.ends_with(kSwapSuffix)) continue;
    any = true;
    const std::string final_name = name.substr(0, name.size() - kSwapSuffix.size());
    const auto base = offset_in_name(final_name, kLogSuffix);
    if (base) {
      auto file = disk_.open(log_.path(name), Disk::Mode::kRead);
      if (!file.ok()) return file.status();
      auto size = (*file)->size();
      if (!size.ok()) return size.status();
      int64_t last = *base;
      EntryScanner scanner(*file, 0, *size, EntryScanner::Detail::kHeaders);
      for (;;) {
        auto step = scanner.next();
        if (!step.ok()) return step.status();
        if (step->kind != EntryScanner::Step::Kind::kEntry) break;
        last = step->entry.last_offset;
      }
      for (const auto& other : names) {
        const auto replaced = offset_in_name(other, kLogSuffix);
        if (!replaced || *replaced <= *base || *replaced > last) continue;
        if (auto status = disk_.remove(log_.path(other)); !status.ok()) return status;
      }
      note(absl::StrCat("a compaction was cut short: ", final_name, " is put in its place"));
    }
    if (auto status = disk_.rename(log_.path(name), log_.path(final_name)); !status.ok())
      return status;
  }
  if (!any) return absl::OkStatus();
  auto now = disk_.list(log_.directory_);
  if (!now.ok()) return now.status();
  names = *std::move(now);
  log_.note_directory_changed();
  return absl::OkStatus();
}

absl::Status LogLoader::load_metadata(const Uuid& wanted) {
  const std::string path = log_.path(kPartitionMetadataFile);
  if (found_.has_metadata) {
    auto contents = disk_.read_file(path);
    if (!contents.ok()) return contents.status();
    auto id = parse_partition_metadata(*contents);
    if (id.ok() && wanted != Uuid{} && *id != wanted)
      return absl::FailedPreconditionError(absl::StrCat(path, " names topic id ", to_string(*id),
                                                        " instead of ", to_string(wanted)));
    if (id.ok()) {
      log_.topic_id_ = *id;
      return absl::OkStatus();
    }
    note(absl::StrCat(path, ": ", id.status().message(), ": it is written again"));
  }
  if (wanted == Uuid{}) return absl::OkStatus();
  return log_.write_small_file(path, partition_metadata_text(wanted));
}

absl::Status LogLoader::make_segments() {
  for (const int64_t base : found_.bases) {
    auto segment = std::make_unique<Segment>(disk_, log_.directory_, base);
    if (auto status = segment->load(); !status.ok()) return status;
    segment->set_has_aborted(found_.with_aborted.contains(base));
    log_.segments_.push_back(std::move(segment));
  }
  return absl::OkStatus();
}

absl::Status LogLoader::load_epochs() {
  if (found_.has_epochs) {
    auto contents = disk_.read_file(log_.path(kLeaderEpochFile));
    if (!contents.ok()) return contents.status();
    auto epochs = LeaderEpochs::parse(*contents);
    if (epochs.ok()) {
      log_.epochs_ = *std::move(epochs);
      return absl::OkStatus();
    }
    note(absl::StrCat(log_.path(kLeaderEpochFile), ": ", epochs.status().message(),
                      ": the epochs are read from the log"));
  }
  return rebuild_epochs();
}

absl::Status LogLoader::rebuild_epochs() {
  for (const auto& segment : log_.segments_) {
    if (segment->size_bytes() == 0) continue;
    auto file = segment->file();
    if (!file.ok()) return file.status();
    EntryScanner scanner(*file, 0, segment->size_bytes(), EntryScanner::Detail::kHeaders);
    for (;;) {
      auto step = scanner.next();
      if (!step.ok()) return step.status();
      if (step->kind != EntryScanner::Step::Kind::kEntry) break;
      if (step->entry.leader_epoch() > log_.epochs_.latest())
        log_.epochs_.assign(step->entry.leader_epoch(), step->entry.base_offset);
    }
    segment->close_file();
  }
  return log_.epochs_.empty() && !found_.has_epochs ? absl::OkStatus() : log_.write_epochs();
}

// What a clean stop leaves is there, so that the next needs to write none of it.
bool LogLoader::has_files_of_clean_stop() const {
  const Segment& active = log_.active();
  const bool is_empty = log_.log_end_offset_ == log_.segments_.front()->base_offset();
  return (found_.has_epochs || log_.epochs_.empty()) &&
         (found_.snapshots.contains(log_.log_end_offset_) || is_empty) &&
         active.offset_index().is_written() && active.time_index().is_written();
}

// Segments that are not scanned keep their indexes, unless one is missing or can not be right.
absl::Status LogLoader::check_old_indexes(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Segment& segment = *log_.segments_[i];
    const bool there = found_.with_indexes[0].contains(segment.base_offset()) &&
                       found_.with_indexes[1].contains(segment.base_offset());
    const bool clean = count == log_.segments_.size();
    if (there && clean) continue;  // Looked at when somebody reads.
    if (segment.size_bytes() == 0) continue;
    const auto status =
        there ? segment.check_indexes() : absl::NotFoundError("an index is missing");
    if (status.ok()) continue;
    note(absl::StrCat(segment.path(kLogSuffix), ": ", status.message(), ": indexes made again"));
    ++log_.report_.indexes_rebuilt;
    auto rebuilt = segment.rebuild_indexes(log_.config_.index_interval_bytes);
    if (!rebuilt.ok()) return rebuilt;
    segment.close_file();
    // Nobody looks at these again after the next crash.
    for (const auto& path : {segment.offset_index().path(), segment.time_index().path()})
      if (auto synced = closed_file(disk_, path)->sync(); !synced.ok()) return synced;
    log_.note_directory_changed();
  }
  return absl::OkStatus();
}

// --- The scan
// -------------------------------------------------------------------------------------

absl::Status LogLoader::recover_from(size_t first, int64_t recovery_point) {
  auto& segments = log_.segments_;
  log_.log_end_offset_ = segments[first]->base_offset();
  // After a power loss the file may be older than the log, and tell of batches that were cut off
  // before those that are there now were written: what is scanned says it better.
  const auto epochs_in_file = log_.epochs_.entries();
  log_.epochs_.truncate_from(log_.log_end_offset_);
  if (auto status = load_producers_up_to(log_.log_end_offset_); !status.ok()) return status;
  for (size_t i = first; i < segments.size(); ++i) {
    Segment& segment = *segments[i];
    if (is_lost_tail(segment, recovery_point)) {
      const Segment& before = *segments[i - 1];
      const Damage gap{
          .found = true,
          .position = before.size_bytes(),
          .reason = absl::StrCat("the next segment begins at offset ", segment.base_offset())};
      if (auto status = handle_damage(i - 1, gap, recovery_point); !status.ok()) return status;
      break;
    }
    log_.log_end_offset_ = std::max(log_.log_end_offset_, segment.base_offset());
    if (i > first)
      if (auto status = log_.write_snapshot(segment.base_offset()); !status.ok()) return status;
    auto damage = scan(segment);
    if (!damage.ok()) return damage.status();
    ++log_.report_.segments_scanned;
    if (damage->found)
      if (auto status = handle_damage(i, *damage, recovery_point); !status.ok()) return status;
    if (!log_.health_.ok()) return absl::OkStatus();
    // The indexes of the active segment stay in memory as they would have while it was written.
    const bool is_active = i + 1 == segments.size();
    auto indexes = is_active ? segment.write_indexes_if_due() : segment.seal();
    if (!indexes.ok()) return indexes.status();
    log_.note_indexes_dirty(*indexes);
    log_.note_dirty(segment.path(kLogSuffix));
    if (!is_active) segment.close_file();
  }
  log_.note_directory_changed();
  return log_.epochs_.entries() == epochs_in_file ? absl::OkStatus() : log_.write_epochs();
}

// Appending leaves no gap between segments; compaction does, and what it wrote is durable. A gap
// otherwise is the end of a segment that a power loss took while a later one was kept.
bool LogLoader::is_lost_tail(const Segment& next, int64_t recovery_point) const {
  return next.base_offset() > log_.log_end_offset_ && log_.log_end_offset_ >= recovery_point &&
         !log_.config_.cleanup_compact;
}

absl::StatusOr<LogLoader::Damage> LogLoader::scan(Segment& segment) {
  segment.reset_indexes();
  if (segment.has_aborted())
    if (auto status = disk_.remove(segment.path(kTransactionIndexSuffix)); !status.ok())
      return status;
  segment.set_has_aborted(false);
  auto file = segment.file();
  if (!file.ok()) return file.status();
  EntryScanner scanner(*file, 0, segment.size_bytes(), EntryScanner::Detail::kWholeEntries);
  for (;;) {
    const uint64_t position = scanner.position();
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind == EntryScanner::Step::Kind::kEnd) return Damage{};
    std::string reason = std::move(step->reason);
    if (step->kind == EntryScanner::Step::Kind::kEntry) reason = objection(step->entry);
    if (reason.empty() && !segment.can_hold(step->entry.last_offset))
      reason = absl::StrCat("offset ", step->entry.last_offset, " is out of the segment's reach");
    if (!reason.empty())
      return Damage{.found = true, .position = position, .reason = std::move(reason)};
    if (auto status = take_in(segment, step->entry); !status.ok()) return status;
  }
}

std::string LogLoader::objection(const LogEntry& entry) const {
  if (auto status = check_entry(entry.bytes); !status.ok()) return std::string(status.message());
  if (entry.base_offset < log_.log_end_offset_)
    return absl::StrCat("offset ", entry.base_offset, " follows ", log_.log_end_offset_ - 1);
  if (entry.leader_epoch() >= 0 && entry.leader_epoch() < last_epoch_)
    return absl::StrCat("leader epoch ", entry.leader_epoch(), " follows ", last_epoch_);
  return "";
}

absl::Status LogLoader::take_in(Segment& segment, const LogEntry& entry) {
  segment.note_entry(entry, entry.position, log_.config_.index_interval_bytes);
  log_.log_end_offset_ = entry.last_offset + 1;
  last_epoch_ = std::max(last_epoch_, entry.leader_epoch());
  if (entry.leader_epoch() > log_.epochs_.latest())
    log_.epochs_.assign(entry.leader_epoch(), entry.base_offset);
  if (entry.magic < 2 || !entry.batch.has_producer_id()) return absl::OkStatus();
  std::optional<EndMarker> marker;
  if (entry.is_control) {
    auto read = read_end_marker(entry.bytes);
    if (!read.ok()) return absl::OkStatus();  // The checksum holds: it is what was written.
    marker = *read;
  }
  auto aborted = log_.producer_state_.apply(entry.batch, marker);
  if (!aborted) return absl::OkStatus();
  auto file = append_to_transaction_index(disk_, segment.path(kTransactionIndexSuffix), *aborted);
  if (!file.ok()) return file.status();
  segment.set_has_aborted(true);
  log_.note_dirty((*file)->path());
  return absl::OkStatus();
}

absl::Status LogLoader::handle_damage(size_t index, const Damage& damage, int64_t recovery_point) {
  auto& segments = log_.segments_;
  Segment& segment = *segments[index];
  const std::string where = absl::StrCat(segment.path(kLogSuffix), " at byte ", damage.position,
                                         " (offset ", log_.log_end_offset_, "): ", damage.reason);
  const uint64_t cut = segment.size_bytes() - damage.position;
  if (log_.log_end_offset_ < recovery_point) {
    log_.health_ = absl::DataLossError(absl::StrCat(
        where, ". Records up to offset ", recovery_point,
        " were durable, so this is not an interrupted write. The log is open for reading up to ",
        "there and takes no records. Restore the file from a copy; or, to accept the loss, cut it ",
        "at that byte and remove the later segments of the partition."));
    note(std::string(log_.health_.message()));
    log_.suspect_ = true;
    segment.pretend_size(damage.position);
    log_.beyond_damage_.assign(std::make_move_iterator(segments.begin() + index + 1),
                               std::make_move_iterator(segments.end()));
    segments.erase(segments.begin() + static_cast<ptrdiff_t>(index) + 1, segments.end());
    return absl::OkStatus();
  }
  uint64_t later = 0;
  for (size_t i = index + 1; i < segments.size(); ++i) later += segments[i]->size_bytes();
  log_.report_.bytes_truncated += cut + later;
  note(absl::StrCat(
      where, ": an interrupted write; ", cut, " bytes are cut off",
      later > 0 ? absl::StrCat(" and ", later, " bytes in later segments removed") : ""));
  // Made durable at once: after the next power loss these bytes must not come back.
  if (auto status = log_.remove_segments_from(index + 1); !status.ok()) return status;
  if (auto status = segment.cut_file(damage.position); !status.ok()) return status;
  if (auto status = segment.file().value()->sync(); !status.ok()) return status;
  return disk_.sync_directory(log_.directory_);
}

// --- Producers
// ------------------------------------------------------------------------------------

// The newest snapshot that can be read and is not beyond `offset`, and the log from there on.
absl::Status LogLoader::load_producers_up_to(int64_t offset) {
  log_.producer_state_.clear();
  int64_t from = log_.segments_.front()->base_offset();
  for (auto it = found_.snapshots.upper_bound(offset); it != found_.snapshots.begin();) {
    --it;
    if (*it < from) break;
    const std::string path = log_.path(log_file_name(*it, kSnapshotSuffix));
    auto contents = disk_.read_file(path);
    if (!contents.ok()) return contents.status();
    auto state = ProducerState::from_snapshot(as_bytes(*contents));
    if (state.ok()) {
      log_.producer_state_ = *std::move(state);
      return replay(*it, offset);
    }
    note(absl::StrCat(path, ": ", state.status().message(), ": an older one is used"));
    if (auto status = disk_.remove(path); !status.ok()) return status;
    it = found_.snapshots.erase(it);
  }
  return replay(from, offset);
}

// Headers tell all but how a transaction ended, so only markers are read whole.
absl::Status LogLoader::replay(int64_t from, int64_t to) {
  for (size_t i = log_.segment_index_for(from); from < to && i < log_.segments_.size(); ++i) {
    Segment& segment = *log_.segments_[i];
    if (segment.base_offset() >= to) break;
    auto file = segment.file();
    if (!file.ok()) return file.status();
    uint64_t position = 0;
    if (from > segment.base_offset() &&
        segment.ensure_indexes(log_.config_.index_interval_bytes).ok()) {
      auto before = segment.position_before(from);
      if (!before.ok()) return before.status();
      position = *before;
    }
    EntryScanner scanner(*file, position, segment.size_bytes(), EntryScanner::Detail::kHeaders);
    for (;;) {
      auto step = scanner.next();
      if (!step.ok()) return step.status();
      if (step->kind != EntryScanner::Step::Kind::kEntry || step->entry.base_offset >= to) break;
      const LogEntry& entry = step->entry;
      if (entry.last_offset < from || entry.magic < 2 || !entry.batch.has_producer_id()) continue;
      std::optional<EndMarker> marker;
      if (entry.is_control) {
        Buffer whole(entry.size_bytes);
        auto got = (*file)->read_at(entry.position, whole.mutable_bytes());
        if (!got.ok()) return got.status();
        auto read = read_end_marker(whole.bytes());
        if (read.ok()) marker = *read;
      }
      log_.producer_state_.apply(entry.batch, marker);
    }
    if (i + 1 < log_.segments_.size()) segment.close_file();
  }
  return absl::OkStatus();
}

// A snapshot belongs to the base of a segment, or to the end of the log at a clean stop. One beyond
// the end tells of bytes that are gone.
absl::Status LogLoader::remove_stray_snapshots() {
  for (const int64_t offset : found_.snapshots) {
    const bool belongs = found_.bases.contains(offset) && offset <= log_.active().base_offset();
    if (belongs || offset == log_.log_end_offset_) continue;
    if (auto status = disk_.remove(log_.path(log_file_name(offset, kSnapshotSuffix))); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status LogLoader::reload_after_truncation() {
  if (auto status = cut_transaction_index(); !status.ok()) return status;
  return reload_producers();
}

absl::Status LogLoader::reload_producers() {
  auto names = disk_.list(log_.directory_);
  if (!names.ok()) return names.status();
  for (const auto& name : *names) {
    const auto offset = offset_in_name(name, kSnapshotSuffix);
    if (!offset) continue;
    if (*offset <= log_.log_end_offset_) {
      found_.snapshots.insert(*offset);
    } else if (auto status = disk_.remove(log_.path(name)); !status.ok()) {
      return status;
    }
  }
  return load_producers_up_to(log_.log_end_offset_);
}

absl::Status LogLoader::cut_transaction_index() {
  Segment& segment = log_.active();
  if (!segment.has_aborted()) return absl::OkStatus();
  const std::string path = segment.path(kTransactionIndexSuffix);
  auto aborted = read_transaction_index(disk_, path);
  if (!aborted.ok()) return aborted.status();
  std::string kept;
  for (const auto& transaction : *aborted)
    if (transaction.last_offset < log_.log_end_offset_)
      kept += encode_aborted_transaction(transaction);
  segment.set_has_aborted(!kept.empty());
  return kept.empty() ? disk_.remove(path) : disk_.write_file(path, as_bytes(kept));
}

}  // namespace moldau
