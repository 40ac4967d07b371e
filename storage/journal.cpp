// The writing side of the journal; journal_replay.cpp reads it.
#include "storage/journal.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/journal_block.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using journal::Entry;

constexpr size_t kMaxPathBytes = 4096;
// The disk is not filled up for the journal's sake.
constexpr uint64_t kRoomFactor = 4;

Files all_of(const std::vector<Unsynced>& round) {
  Files files;
  for (const auto& unsynced : round) files.push_back(unsynced.file);
  return files;
}

uint64_t length_of(const Unsynced& unsynced) {
  return unsynced.what == Unsynced::What::kAppended ? unsynced.to - unsynced.from : 0;
}

bool is_in(const File& file, const std::string& directory) {
  const std::string& path = file.path();
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

Journal::Journal(Disk& disk, std::string directory)
    : disk_(disk), directory_(std::move(directory)) {}

absl::StatusOr<std::shared_ptr<File>> Journal::make_file(Disk& disk, const std::string& directory,
                                                         uint64_t size_bytes) {
  auto space = disk.space(directory);
  if (!space.ok()) return space.status();
  if (space->usable_bytes / kRoomFactor < size_bytes)
    return absl::ResourceExhaustedError(absl::StrCat("a journal of ", size_bytes,
                                                     " bytes is too much for the ",
                                                     space->usable_bytes, " that are left"));
  const std::string path = join_path(directory, kJournalFile);
  auto file = disk.open(path, Disk::Mode::kCreate);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->truncate(0);
  // In small steps: Linux takes what was written at once for one piece of memory, and all of it for
  // changed when a block in it is.
  const std::vector<uint8_t> zeros(journal::kBlockAlignment);
  for (uint64_t at = 0; status.ok() && at < size_bytes; at += zeros.size())
    status = (*file)->write_at(at, Bytes(zeros).first(std::min(zeros.size(), size_bytes - at)));
  if (status.ok()) status = (*file)->sync();
  if (status.ok()) status = disk.sync_directory(directory);
  if (status.ok()) return file;
  (void)disk.remove(path);  // Without a block in it, it does no harm if it stays.
  return status;
}

void Journal::use(std::shared_ptr<File> file, uint64_t size_bytes) {
  file_ = std::move(file);
  half_bytes_ = size_bytes / 2 / journal::kBlockAlignment * journal::kBlockAlignment;
}

std::string_view Journal::path_in(const File& file) const {
  return std::string_view(file.path()).substr(directory_.size() + 1);
}

bool Journal::can_hold(const Unsynced& unsynced) const {
  return unsynced.what != Unsynced::What::kFile && is_in(*unsynced.file, directory_) &&
         path_in(*unsynced.file).size() <= kMaxPathBytes;
}

bool Journal::is_small(const std::vector<Unsynced>& round) const {
  uint64_t bytes = 0;
  uint64_t files = 0;
  for (const auto& unsynced : round) {
    if (unsynced.what != Unsynced::What::kAppended || !can_hold(unsynced)) continue;
    bytes += length_of(unsynced);
    ++files;
  }
  return files > 0 && bytes <= files * kSmallBytesPerFile;
}

Files Journal::absorb(const std::vector<Unsynced>& round) {
  if (!file_ || is_broken_ || !is_small(round)) return all_of(round);
  const size_t bytes = block_bytes(round);
  if (!make_room(bytes)) return all_of(round);
  if (fill_block(round) != bytes || !write_block(bytes)) return all_of(round);
  Files files = {file_};
  for (const auto& unsynced : round) {
    if (can_hold(unsynced))
      current().held.insert(unsynced.file);
    else
      files.push_back(unsynced.file);
  }
  return files;
}

size_t Journal::block_bytes(const std::vector<Unsynced>& round) const {
  size_t bytes = journal::kBlockHeaderBytes;
  for (const auto& unsynced : round)
    if (can_hold(unsynced))
      bytes += journal::kEntryHeaderBytes + path_in(*unsynced.file).size() + length_of(unsynced);
  return bytes;
}

bool Journal::make_room(size_t bytes) {
  const size_t padded = journal::padded(bytes);
  if (padded > half_bytes_) return false;
  if (position_ + padded > half_bytes_) seal();
  if (position_ + padded > half_bytes_) return false;
  if (block_.size() < padded) block_ = Buffer(padded);
  return true;
}

// The size of the block; less than planned if a file does not have the bytes any more, which
// syncing it will explain.
size_t Journal::fill_block(const std::vector<Unsynced>& round) {
  size_t at = journal::kBlockHeaderBytes;
  for (const auto& unsynced : round) {
    if (!can_hold(unsynced)) continue;
    const bool is_index = unsynced.what == Unsynced::What::kIndex;
    const auto length = static_cast<uint32_t>(length_of(unsynced));
    at += journal::write_entry_header(block_.data() + at,
                                      {.kind = is_index ? Entry::Kind::kIndex : Entry::Kind::kBytes,
                                       .path = path_in(*unsynced.file),
                                       .position = unsynced.from},
                                      length);
    if (length == 0) continue;
    const auto got =
        unsynced.file->read_at(unsynced.from, block_.mutable_bytes().subspan(at, length));
    if (!got.ok() || *got != length) return 0;
    at += length;
  }
  return at;
}

bool Journal::write_block(size_t bytes) {
  const size_t padded = journal::padded(bytes);
  journal::write_block_header(block_.mutable_bytes().first(bytes), lap_, first_lap_, number_);
  std::memset(block_.data() + bytes, 0, padded - bytes);
  const uint64_t at = current_ * half_bytes_ + position_;
  if (!file_->write_at(at, block_.bytes().first(padded)).ok()) {
    is_broken_ = true;
    return false;
  }
  position_ += padded;
  ++number_;
  return true;
}

void Journal::seal() {
  if (number_ == 0 || other().is_sealed) return;
  current().is_sealed = true;
  current_ = 1 - current_;
  position_ = 0;
  number_ = 0;
  ++lap_;
}

Files Journal::checkpoint_files() const { return {other().held.begin(), other().held.end()}; }

void Journal::checkpointed() {
  other().held.clear();
  other().is_sealed = false;
  first_lap_ = lap_;
}

Files Journal::held_files() const {
  Files files(halves_[0].held.begin(), halves_[0].held.end());
  files.insert(files.end(), halves_[1].held.begin(), halves_[1].held.end());
  return files;
}

Files Journal::held_files_in(const std::string& directory) const {
  Files files = held_files();
  std::erase_if(files, [&](const auto& file) { return !is_in(*file, directory); });
  return files;
}

std::shared_ptr<File> Journal::note_settled(const std::string& directory) {
  const Entry entry{.kind = Entry::Kind::kSettled,
                    .path = std::string_view(directory).substr(directory_.size() + 1)};
  const size_t bytes = journal::kBlockHeaderBytes + journal::kEntryHeaderBytes + entry.path.size();
  if (is_broken_ || !make_room(bytes)) return nullptr;
  journal::write_entry_header(block_.data() + journal::kBlockHeaderBytes, entry, 0);
  if (!write_block(bytes)) return nullptr;
  for (auto& half : halves_)
    absl::erase_if(half.held, [&](const auto& file) { return is_in(*file, directory); });
  return file_;
}

absl::Status Journal::retire() {
  file_.reset();
  for (auto& half : halves_) half = {};
  return remove_journal(disk_, directory_);
}

}  // namespace moldau
