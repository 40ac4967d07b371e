// Log: reading, leader epochs, and what is durable. Appending, truncation, retention, timestamps
// and recovery have files of their own.
#include "storage/log.h"

#include <algorithm>
#include <utility>

#include "storage/log_files.h"

#include "absl/strings/str_cat.h"

namespace moldau {

namespace {
// Callers that take dirty files and never report back must not make the log grow.
constexpr size_t kMaxHandedOut = 1024;
}  // namespace

Log::Log(Disk& disk, OpenOptions options)
    : disk_(disk),
      directory_(std::move(options.directory)),
      topic_partition_(std::move(options.topic_partition)),
      topic_id_(options.topic_id),
      config_(options.config) {}

Log::~Log() = default;

std::string Log::path(std::string_view name) const { return join_path(directory_, name); }

uint64_t Log::size_bytes() const {
  uint64_t size = 0;
  for (const auto& segment : segments_) size += segment->size_bytes();
  return size;
}

size_t Log::segment_index_for(int64_t offset) const {
  const auto after = std::ranges::partition_point(
      segments_, [&](const auto& segment) { return segment->base_offset() <= offset; });
  return after == segments_.begin() ? 0 : static_cast<size_t>(after - segments_.begin()) - 1;
}

// --- Reading
// --------------------------------------------------------------------------------------

absl::StatusOr<ReadPlan> Log::plan_read(int64_t offset, int64_t end_offset, size_t max_bytes,
                                        bool at_least_one) {
  if (offset < log_start_offset_ || offset > log_end_offset_)
    return absl::OutOfRangeError(absl::StrCat("offset ", offset, " of ",
                                              topic_partition_.to_string(), " is not in ",
                                              log_start_offset_, " to ", log_end_offset_));
  ReadPlan plan{.offset = offset,
                .end_offset = std::min(end_offset, log_end_offset_),
                .max_bytes = max_bytes,
                .at_least_one = at_least_one};
  if (offset >= plan.end_offset) return plan;
  const size_t index = segment_index_for(offset);
  Segment& segment = *segments_[index];
  if (index + 1 < segments_.size()) plan.next_base_offset = segments_[index + 1]->base_offset();
  plan.base_offset = segment.base_offset();
  plan.end_position = segment.size_bytes();
  const bool is_last = index + 1 == segments_.size();
  plan.ends_with_file = plan.end_offset >= (is_last ? log_end_offset_ : plan.next_base_offset);
  if (auto status = plan_position(segment, plan); !status.ok()) return status;
  auto file = segment.file();
  if (!file.ok()) return file.status();
  plan.file = *std::move(file);
  close_all_but(index);
  return plan;
}

// From memory if the offset is near the end; otherwise the index file is part of the plan, so that
// nobody waits for it here.
absl::Status Log::plan_position(const Segment& segment, ReadPlan& plan) const {
  const int64_t relative = plan.offset - plan.base_offset;
  const OffsetIndex& index = segment.offset_index();
  const auto in_memory = index.find_last_in_memory(
      [relative](const OffsetIndexEntry& e) { return e.relative_offset <= relative; });
  if (in_memory) {
    plan.position = static_cast<uint64_t>(in_memory->position);
    const int64_t end = plan.end_offset - plan.base_offset;
    const auto near_end = index.find_last_in_memory([&](const OffsetIndexEntry& e) {
      return static_cast<uint64_t>(e.position) <= plan.position + plan.max_bytes &&
             e.relative_offset < end;
    });
    if (near_end) plan.near_end = static_cast<uint64_t>(near_end->position);
    return absl::OkStatus();
  }
  if (segment.indexes_loaded() && index.entries_in_file() == 0) return absl::OkStatus();
  auto file = disk_.open(index.path(), Disk::Mode::kRead);
  if (absl::IsNotFound(file.status())) return absl::OkStatus();  // Then from the beginning.
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  plan.index_file = *std::move(file);
  plan.index_entries =
      segment.indexes_loaded() ? index.entries_in_file() : *size / OffsetIndexEntry::kBytes;
  return absl::OkStatus();
}

// The active segment stays open, and the one that was read last.
void Log::close_all_but(size_t index) {
  if (last_read_ && *last_read_ != segments_[index]->base_offset()) {
    Segment& other = *segments_[segment_index_for(*last_read_)];
    if (&other != &active()) other.close_file();
  }
  last_read_ = segments_[index]->base_offset();
}

absl::StatusOr<ReadBytes> Log::read(int64_t offset, int64_t end_offset, size_t max_bytes) {
  for (;;) {
    auto plan = plan_read(offset, end_offset, max_bytes, true);
    if (!plan.ok()) return plan.status();
    auto bytes = carry_out(*plan, ReadMode::kMayBlock);
    if (!bytes.ok() || !bytes->batches.empty() || bytes->next_offset <= offset) return bytes;
    offset = bytes->next_offset;
  }
}

// --- Transactions
// ---------------------------------------------------------------------------------

std::optional<int64_t> Log::first_open_transaction_offset() const {
  return producer_state_.first_open_offset();
}

int64_t Log::last_stable_offset(int64_t high_watermark) {
  const auto unstable = producer_state_.first_unstable_offset(high_watermark);
  return unstable ? std::min(*unstable, high_watermark) : high_watermark;
}

absl::StatusOr<std::vector<AbortedTransaction>> Log::aborted_transactions(int64_t from,
                                                                          int64_t to) {
  std::vector<AbortedTransaction> found;
  const auto add = [&](const AbortedTransaction& aborted) {
    if (aborted.last_offset >= from && aborted.first_offset < to) found.push_back(aborted);
  };
  for (size_t i = segment_index_for(from); i < segments_.size(); ++i) {
    if (!segments_[i]->has_aborted()) continue;
    auto aborted = read_transaction_index(disk_, segments_[i]->path(kTransactionIndexSuffix));
    if (!aborted.ok()) return aborted.status();
    std::ranges::for_each(*aborted, add);
    // Whatever began before `to` has ended by here.
    if (!aborted->empty() && aborted->back().last_stable_offset >= to) return found;
  }
  std::ranges::for_each(pending_aborts_, add);
  return found;
}

std::vector<Log::Producer> Log::producers() const {
  std::vector<Producer> producers;
  for (const auto& [id, entry] : producer_state_.producers())
    producers.push_back({.producer_id = id,
                         .producer_epoch = entry.epoch,
                         .last_sequence = entry.last_sequence(),
                         .last_timestamp_ms = entry.last_timestamp_ms,
                         .coordinator_epoch = entry.coordinator_epoch,
                         .current_transaction_start = entry.transaction_start});
  std::ranges::sort(producers, {}, &Producer::producer_id);
  return producers;
}

// --- Leader epochs
// --------------------------------------------------------------------------------

absl::Status Log::begin_epoch(int32_t leader_epoch) {
  if (auto status = write_put_off(); !status.ok()) return status;
  if (!health_.ok()) return health_;
  if (leader_epoch < epochs_.latest())
    return absl::FailedPreconditionError(absl::StrCat("epoch ", leader_epoch, " of ",
                                                      topic_partition_.to_string(),
                                                      " is older than ", epochs_.latest()));
  if (epochs_.assign(leader_epoch, log_end_offset_)) epochs_written_ = false;
  return absl::OkStatus();
}

Log::EpochEnd Log::end_offset_for(int32_t leader_epoch) const {
  const auto end = epochs_.end_offset_for(leader_epoch, log_end_offset_);
  return {.leader_epoch = end.epoch, .end_offset = end.end_offset};
}

int32_t Log::latest_epoch() const { return epochs_.latest(); }
int32_t Log::epoch_at(int64_t offset) const { return epochs_.epoch_at(offset); }

// --- Durability
// -----------------------------------------------------------------------------------

// One entry a path: a newer handle covers what an older one wrote, and bytes that are appended
// follow on those that were before.
void Log::note_dirty(Unsynced unsynced) {
  using enum Unsynced::What;
  ++clock_;
  const auto known = std::ranges::find_if(dirty_, [&](const DirtyFile& d) {
    return d.unsynced.file == unsynced.file || d.unsynced.file->path() == unsynced.file->path();
  });
  if (known == dirty_.end()) {
    dirty_.push_back({std::move(unsynced), clock_});
    return;
  }
  const Unsynced& before = known->unsynced;
  if (before.what == kAppended && unsynced.what == kAppended)
    unsynced.from = before.from;
  else if (before.what != unsynced.what)
    unsynced.what = kFile;
  *known = {std::move(unsynced), clock_};
}

// Files that are written now and then need not stay open until they are synced.
void Log::note_dirty(const std::string& path) { note_dirty({.file = closed_file(disk_, path)}); }

void Log::note_indexes_dirty(const std::vector<std::string>& paths) {
  for (const auto& path : paths)
    note_dirty({.file = closed_file(disk_, path), .what = Unsynced::What::kIndex});
}

void Log::note_directory_changed() { note_dirty({.file = directory_as_file(disk_, directory_)}); }

Log::Dirty Log::dirty_files() {
  Dirty dirty{.end_offset = log_end_offset_};
  if (dirty_.empty() || !health_.ok()) return {.end_offset = durable_offset_};
  for (const auto& [unsynced, dirtied] : dirty_) dirty.files.push_back(unsynced);
  const bool known = !handed_out_.empty() && handed_out_.back().at == clock_;
  if (known) return dirty;
  handed_out_.push_back({.end_offset = log_end_offset_, .at = clock_});
  for (const auto& unsynced : dirty.files)
    if (unsynced.what == Unsynced::What::kAppended) handed_out_.back().appended.push_back(unsynced);
  if (handed_out_.size() > kMaxHandedOut) handed_out_.pop_front();
  return dirty;
}

// Only what was handed out by then is clean: the same end offset may have been handed out before
// and after another file became dirty.
void Log::mark_durable(int64_t end_offset) {
  const auto found = std::ranges::find(handed_out_, end_offset, &HandedOut::end_offset);
  if (found == handed_out_.end()) return;
  const HandedOut out = std::move(*found);
  handed_out_.erase(handed_out_.begin(), found + 1);
  std::erase_if(dirty_, [&](const DirtyFile& d) { return d.dirtied <= out.at; });
  for (auto& [unsynced, dirtied] : dirty_)
    for (const auto& durable : out.appended)
      if (unsynced.what == Unsynced::What::kAppended && unsynced.file == durable.file)
        unsynced.from = std::max(unsynced.from, durable.to);
  durable_offset_ = std::max(durable_offset_, end_offset);
}

void Log::mark_all_durable() {
  if (!health_.ok()) return;
  dirty_.clear();
  handed_out_.clear();
  durable_offset_ = log_end_offset_;
}

absl::Status Log::close() {
  if (auto status = write_out(); !status.ok() || !health_.ok()) return status;
  for (const auto& [unsynced, dirtied] : dirty_)
    if (auto status = unsynced.file->sync(); !status.ok()) return status;
  mark_all_durable();
  return absl::OkStatus();
}

absl::Status Log::write_out() {
  if (auto status = write_put_off(); !status.ok()) return status;
  if (!health_.ok()) return absl::OkStatus();
  if (closed_on_disk_ != clock_) {
    if (auto status = write_pending_aborts(); !status.ok()) return status;
    auto indexes = active().seal();
    if (!indexes.ok()) return indexes.status();
    note_indexes_dirty(*indexes);
    if (auto status = write_epochs_of_batches(); !status.ok()) return status;
    if (log_end_offset_ > segments_.front()->base_offset())
      if (auto status = write_snapshot(log_end_offset_); !status.ok()) return status;
    closed_on_disk_ = clock_;
  }
  for (const auto& segment : segments_) segment->close_file();
  return absl::OkStatus();
}

}  // namespace moldau
