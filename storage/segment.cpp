#include "storage/segment.h"

#include <utility>

#include "storage/log_files.h"

#include "absl/strings/str_cat.h"

namespace moldau {

Segment::Segment(Disk& disk, std::string directory, int64_t base_offset)
    : disk_(disk),
      directory_(std::move(directory)),
      base_offset_(base_offset),
      offset_index_(disk, path(kOffsetIndexSuffix)),
      time_index_(disk, path(kTimeIndexSuffix)) {}

std::string Segment::path(std::string_view suffix) const {
  return join_path(directory_, log_file_name(base_offset_, suffix));
}

absl::Status Segment::load() {
  auto size = disk_.file_size(path(kLogSuffix));
  if (!size.ok()) return size.status();
  size_bytes_ = *size;
  return absl::OkStatus();
}

absl::Status Segment::check_indexes() {
  if (auto status = offset_index_.load(); !status.ok()) return status;
  if (auto status = time_index_.load(); !status.ok()) return status;
  if (auto last = offset_index_.last()) {
    if (last->relative_offset < 0 || last->position < 0 ||
        static_cast<uint64_t>(last->position) >= size_bytes_)
      return absl::DataLossError(absl::StrCat(offset_index_.path(), ": the last entry points to ",
                                              last->position, " of ", size_bytes_, " bytes"));
  }
  if (auto last = time_index_.last()) {
    if (last->relative_offset < 0 || last->timestamp_ms <= 0)
      return absl::DataLossError(absl::StrCat(time_index_.path(), ": the last entry is void"));
    max_timestamp_ = {last->timestamp_ms, base_offset_ + last->relative_offset};
  }
  indexes_loaded_ = true;
  return absl::OkStatus();
}

absl::Status Segment::ensure_indexes(int32_t index_interval_bytes) {
  if (indexes_loaded_) return absl::OkStatus();
  auto status = check_indexes();
  if (absl::IsNotFound(status) || absl::IsDataLoss(status))
    return rebuild_indexes(index_interval_bytes);
  return status;
}

absl::Status Segment::create() {
  auto file = disk_.open(path(kLogSuffix), Disk::Mode::kCreate);
  if (!file.ok()) return file.status();
  file_ = *file;
  if (auto status = file_->truncate(0); !status.ok()) return status;
  size_bytes_ = 0;
  indexes_loaded_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<File>> Segment::file() {
  if (file_) return file_;
  auto file = disk_.open(path(kLogSuffix), Disk::Mode::kReadWrite);
  if (!file.ok()) return file.status();
  file_ = *file;
  return file_;
}

absl::Status Segment::write(std::span<const Bytes> parts) {
  auto opened = file();
  if (!opened.ok()) return opened.status();
  if (auto status = file_->write_gathered_at(size_bytes_, parts); !status.ok()) {
    // Part of it may be there; a later, shorter append must not leave its tail behind.
    if (auto cut = file_->truncate(size_bytes_); !cut.ok())
      return absl::DataLossError(
          absl::StrCat(status.message(), "; and cutting it off: ", cut.message()));
    return status;
  }
  for (Bytes part : parts) size_bytes_ += part.size();
  return absl::OkStatus();
}

void Segment::note_entry(const EntryHeader& entry, uint64_t position,
                         int32_t index_interval_bytes) {
  if (position == 0) first_timestamp_ = entry.max_timestamp;
  if (entry.max_timestamp > max_timestamp_.timestamp_ms)
    max_timestamp_ = {entry.max_timestamp, entry.last_offset};
  if (bytes_since_index_entry_ > static_cast<uint64_t>(index_interval_bytes)) {
    offset_index_.append(
        {static_cast<int32_t>(entry.last_offset - base_offset_), static_cast<int32_t>(position)});
    note_largest_timestamp();
    bytes_since_index_entry_ = 0;
  }
  bytes_since_index_entry_ += entry.size_bytes;
}

// Timestamps in the index must ascend, so one is noted only when it is larger than the last.
void Segment::note_largest_timestamp() {
  const auto last = time_index_.last();
  if (max_timestamp_.timestamp_ms < 0) return;
  if (last && last->timestamp_ms >= max_timestamp_.timestamp_ms) return;
  time_index_.append(
      {max_timestamp_.timestamp_ms, static_cast<int32_t>(max_timestamp_.offset - base_offset_)});
}

// One entry of the time index stays free for the one that seal() adds.
bool Segment::indexes_full(int32_t segment_index_bytes, size_t to_come) const {
  const auto bytes = static_cast<size_t>(segment_index_bytes);
  return offset_index_.entry_count() + to_come >= bytes / OffsetIndexEntry::kBytes ||
         time_index_.entry_count() + to_come + 1 >= bytes / TimeIndexEntry::kBytes;
}

absl::StatusOr<uint64_t> Segment::position_before(int64_t offset) const {
  const int64_t relative = offset - base_offset_;
  auto entry = offset_index_.find_last(
      [relative](const OffsetIndexEntry& e) { return e.relative_offset <= relative; });
  if (!entry.ok()) return entry.status();
  return *entry ? static_cast<uint64_t>((*entry)->position) : 0;
}

absl::StatusOr<std::vector<std::string>> Segment::write_indexes() {
  const auto write = [](auto& index) {
    return index.is_written() ? absl::OkStatus() : index.write_out().status();
  };
  if (auto status = write(offset_index_); !status.ok()) return status;
  if (auto status = write(time_index_); !status.ok()) return status;
  return std::vector<std::string>{offset_index_.path(), time_index_.path()};
}

absl::StatusOr<std::vector<std::string>> Segment::write_indexes_if_due() {
  if (!offset_index_.wants_writing()) return std::vector<std::string>();
  return write_indexes();
}

absl::StatusOr<std::vector<std::string>> Segment::seal() {
  note_largest_timestamp();
  return write_indexes();
}

void Segment::release_memory() {
  offset_index_.release_memory();
  time_index_.release_memory();
}

void Segment::reset_indexes() {
  offset_index_.clear();
  time_index_.clear();
  max_timestamp_ = {};
  first_timestamp_.reset();
  bytes_since_index_entry_ = 0;
  indexes_loaded_ = true;
}

absl::Status Segment::cut_file(uint64_t position) {
  auto opened = file();
  if (!opened.ok()) return opened.status();
  if (auto status = file_->truncate(position); !status.ok()) return status;
  size_bytes_ = position;
  return absl::OkStatus();
}

absl::Status Segment::truncate(uint64_t position, int64_t offset) {
  const int64_t relative = offset - base_offset_;
  auto status = offset_index_.truncate(
      [relative](const OffsetIndexEntry& e) { return e.relative_offset < relative; });
  if (!status.ok()) return status;
  status = time_index_.truncate(
      [relative](const TimeIndexEntry& e) { return e.relative_offset < relative; });
  if (!status.ok()) return status;
  if (status = cut_file(position); !status.ok()) return status;
  bytes_since_index_entry_ = 0;
  return refresh_max_timestamp();
}

// The time index knows the largest timestamp up to its last entry; what follows is read.
absl::Status Segment::refresh_max_timestamp() {
  max_timestamp_ = {};
  uint64_t position = 0;
  if (auto last = time_index_.last()) {
    max_timestamp_ = {last->timestamp_ms, base_offset_ + last->relative_offset};
    auto from = position_before(max_timestamp_.offset);
    if (!from.ok()) return from.status();
    position = *from;
  }
  auto opened = file();
  if (!opened.ok()) return opened.status();
  EntryScanner scanner(*opened, position, size_bytes_, EntryScanner::Detail::kHeaders);
  for (;;) {
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind != EntryScanner::Step::Kind::kEntry) return absl::OkStatus();
    if (step->entry.max_timestamp > max_timestamp_.timestamp_ms)
      max_timestamp_ = {step->entry.max_timestamp, step->entry.last_offset};
  }
}

absl::Status Segment::rebuild_indexes(int32_t index_interval_bytes) {
  reset_indexes();
  auto opened = file();
  if (!opened.ok()) return opened.status();
  EntryScanner scanner(*opened, 0, size_bytes_, EntryScanner::Detail::kHeaders);
  for (;;) {
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind == EntryScanner::Step::Kind::kEnd) break;
    if (step->kind == EntryScanner::Step::Kind::kBad)
      return absl::DataLossError(
          absl::StrCat(path(kLogSuffix), " at ", scanner.position(), ": ", step->reason));
    note_entry(step->entry, step->entry.position, index_interval_bytes);
  }
  return seal().status();
}

absl::StatusOr<int64_t> Segment::read_next_offset() {
  if (size_bytes_ == 0) return base_offset_;
  auto opened = file();
  if (!opened.ok()) return opened.status();
  const auto last = offset_index_.last();
  EntryScanner scanner(*opened, last ? static_cast<uint64_t>(last->position) : 0, size_bytes_,
                       EntryScanner::Detail::kHeaders);
  int64_t next = base_offset_;
  for (;;) {
    auto step = scanner.next();
    if (!step.ok()) return step.status();
    if (step->kind == EntryScanner::Step::Kind::kEnd) return next;
    if (step->kind == EntryScanner::Step::Kind::kBad)
      return absl::DataLossError(
          absl::StrCat(path(kLogSuffix), " at ", scanner.position(), ": ", step->reason));
    if (step->entry.position == 0) first_timestamp_ = step->entry.max_timestamp;
    next = step->entry.last_offset + 1;
    if (step->entry.max_timestamp > max_timestamp_.timestamp_ms)
      max_timestamp_ = {step->entry.max_timestamp, step->entry.last_offset};
  }
}

absl::Status Segment::read_first_timestamp() {
  if (size_bytes_ == 0 || first_timestamp_) return absl::OkStatus();
  auto opened = file();
  if (!opened.ok()) return opened.status();
  uint8_t bytes[kBatchHeaderBytes];
  auto got = (*opened)->read_at(0, MutableBytes(bytes, sizeof(bytes)));
  if (!got.ok()) return got.status();
  auto header = parse_entry_header(Bytes(bytes, *got));
  if (!header.ok()) return header.status();
  first_timestamp_ = header->max_timestamp;
  return absl::OkStatus();
}

}  // namespace moldau
