// A file of fixed-size entries in ascending order, from which a position is found by binary search:
// what offset indexes and time indexes have in common.
//
// Recent entries are in memory, where lookups near the end of a log find them; older ones are only
// in the file and are read as they are needed, so that an idle segment costs no memory. New entries
// are written some hundreds at a time; after a crash recovery makes them again from the log.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace moldau {

template <class Entry>
struct FoundEntry {
  Entry entry;
  size_t index = 0;
};

// The last of `count` entries in a file for which `is_before(entry)`; they must be sorted that way.
// `read` is the way to read the file: waiting, or from memory only.
template <class Entry, class Read, class IsBefore>
absl::StatusOr<std::optional<FoundEntry<Entry>>> find_last_in_file(size_t count, Read read,
                                                                   IsBefore is_before) {
  std::optional<FoundEntry<Entry>> found;
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    uint8_t bytes[Entry::kBytes];
    auto got = read(middle * Entry::kBytes, MutableBytes(bytes, Entry::kBytes));
    if (!got.ok()) return got.status();
    if (*got < Entry::kBytes) return absl::DataLossError("an index is shorter than it was");
    const Entry entry = Entry::decode(bytes);
    if (is_before(entry)) {
      found = {entry, middle};
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

// Entry has kBytes, decode(bytes), encode(bytes).
template <class Entry>
class SparseIndex {
 public:
  static constexpr size_t kWriteBehind = 512;  // Entries collected before they are written.

  SparseIndex(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  size_t entry_count() const { return written_ + pending(); }
  std::optional<Entry> last() const { return last_; }
  // Entries from here on are in memory.
  std::optional<Entry> first_in_memory() const {
    return recent_.empty() ? std::nullopt : std::optional(recent_.front());
  }
  size_t entries_in_file() const { return written_; }

  // Takes up the file: how many entries, and the last of them. NotFound if it is missing, DataLoss
  // if it is not a whole number of entries.
  absl::Status load() {
    auto file = disk_->open(path_, Disk::Mode::kRead);
    if (!file.ok()) return file.status();
    auto size = (*file)->size();
    if (!size.ok()) return size.status();
    if (*size % Entry::kBytes != 0)
      return absl::DataLossError(absl::StrCat(path_, ": ", *size, " bytes"));
    clear();
    written_ = *size / Entry::kBytes;
    is_written_ = true;
    return load_last(**file);
  }

  void append(const Entry& entry) {
    recent_.push_back(entry);
    last_ = entry;
    is_written_ = false;
  }
  bool wants_writing() const { return pending() >= kWriteBehind; }
  // The file holds these entries and nothing else.
  bool is_written() const { return is_written_; }

  // Writes what is only in memory, and cuts off what the file holds beyond it. Returns the file, to
  // be synced some time; creates it when there is nothing to write as well.
  absl::StatusOr<std::shared_ptr<File>> write_out() {
    auto file = disk_->open(path_, Disk::Mode::kCreate);
    if (!file.ok()) return file.status();
    std::vector<uint8_t> bytes(pending() * Entry::kBytes);
    for (size_t i = 0; i < pending(); ++i)
      recent_[recent_.size() - pending() + i].encode(bytes.data() + i * Entry::kBytes);
    if (auto status = (*file)->write_at(written_ * Entry::kBytes, bytes); !status.ok())
      return status;
    const size_t count = entry_count();
    auto size = (*file)->size();
    if (!size.ok()) return size.status();
    if (*size > count * Entry::kBytes)
      if (auto status = (*file)->truncate(count * Entry::kBytes); !status.ok()) return status;
    written_ = count;
    pending_from_ = recent_.size();
    is_written_ = true;
    forget_old();
    return file;
  }

  template <class IsBefore>
  absl::StatusOr<std::optional<Entry>> find_last(IsBefore is_before) const {
    if (auto found = find_last_in_memory(is_before)) return found;
    const size_t only_in_file = entry_count() - recent_.size();
    if (only_in_file == 0) return std::optional<Entry>();
    auto file = disk_->open(path_, Disk::Mode::kRead);
    if (!file.ok()) return file.status();
    auto found = find_last_in_file<Entry>(
        only_in_file,
        [&](uint64_t position, MutableBytes out) { return (*file)->read_at(position, out); },
        is_before);
    if (!found.ok()) return found.status();
    return *found ? std::optional<Entry>((*found)->entry) : std::nullopt;
  }

  // Nullopt also when the answer is only in the file.
  template <class IsBefore>
  std::optional<Entry> find_last_in_memory(IsBefore is_before) const {
    auto it = std::ranges::partition_point(recent_, is_before);
    return it == recent_.begin() ? std::nullopt : std::optional(*(it - 1));
  }

  // Keeps the entries for which `keep(entry)`, which must be those at the front.
  template <class Keep>
  absl::Status truncate(Keep keep) {
    if (entry_count() == 0) return absl::OkStatus();
    auto written = write_out();
    if (!written.ok()) return written.status();
    auto found = find_last_in_file<Entry>(
        written_,
        [&](uint64_t position, MutableBytes out) { return (*written)->read_at(position, out); },
        keep);
    if (!found.ok()) return found.status();
    const size_t count = *found ? (*found)->index + 1 : 0;
    clear();
    written_ = count;
    if (auto status = (*written)->truncate(count * Entry::kBytes); !status.ok()) return status;
    is_written_ = true;
    return load_last(**written);
  }

  // Starts over, in memory; the file follows at the next write_out().
  void clear() {
    recent_.clear();
    recent_.shrink_to_fit();
    pending_from_ = 0;
    written_ = 0;
    is_written_ = false;
    last_.reset();
  }

  // Lets go of memory that a sealed segment has no use for.
  void release_memory() {
    if (pending() > 0) return;
    recent_.clear();
    recent_.shrink_to_fit();
    pending_from_ = 0;
  }

 private:
  size_t pending() const { return recent_.size() - pending_from_; }

  void forget_old() {
    if (recent_.size() <= 2 * kWriteBehind) return;
    recent_.erase(recent_.begin(), recent_.end() - kWriteBehind);
    pending_from_ = recent_.size();
  }

  absl::Status load_last(File& file) {
    if (written_ == 0) return absl::OkStatus();
    uint8_t bytes[Entry::kBytes];
    auto got = file.read_at((written_ - 1) * Entry::kBytes, MutableBytes(bytes, Entry::kBytes));
    if (!got.ok()) return got.status();
    if (*got < Entry::kBytes) return absl::DataLossError(absl::StrCat(path_, ": cut short"));
    last_ = Entry::decode(bytes);
    return absl::OkStatus();
  }

  Disk* disk_;
  std::string path_;
  std::vector<Entry> recent_;  // The last entries, in order; those from pending_from_ not written.
  size_t pending_from_ = 0;
  size_t written_ = 0;
  bool is_written_ = false;
  std::optional<Entry> last_;
};

}  // namespace moldau
