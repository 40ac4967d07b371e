#include "storage/read_plan.h"

#include <algorithm>
#include <utility>

#include "protocol/log_entry.h"
#include "storage/offset_index.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// Read beyond max_bytes, for what precedes the wanted entry since the last index entry.
constexpr size_t kLeadIn = 8 << 10;
constexpr size_t kHeaderPeek = 128;
constexpr size_t kWalkWindow = 4 << 10;  // Read at once where only headers are looked at.

class Reading {
 public:
  Reading(const ReadPlan& plan, ReadMode mode) : plan_(plan), mode_(mode) {}

  absl::StatusOr<ReadBytes> run() {
    window_bytes_ = std::max(kHeaderPeek, plan_.max_bytes);
    if (auto status = find_position(); !status.ok()) return status;
    if (auto status = fill(plan_.max_bytes + kLeadIn); !status.ok()) return status;
    if (auto status = skip_to_offset(); !status.ok()) return status;
    return collect();
  }

  absl::StatusOr<LocatedBytes> locate() {
    window_bytes_ = kWalkWindow;
    if (auto status = find_position(); !status.ok()) return status;
    if (auto status = skip_to_offset(); !status.ok()) return status;
    LocatedBytes result;
    result.next_offset = at_end() ? std::max(plan_.offset, plan_.next_base_offset) : plan_.offset;
    if (at_end()) return result;
    auto first = peek();
    if (!first.ok()) return first.status();
    const size_t limit =
        plan_.at_least_one ? std::max(plan_.max_bytes, first->size_bytes) : plan_.max_bytes;
    if (first->last_offset >= plan_.end_offset || first->size_bytes > limit) return result;
    const uint64_t begin = position_;
    if (auto status = walk_to_end(begin, limit); !status.ok()) return status;
    result.batches = {plan_.file, begin, static_cast<size_t>(position_ - begin)};
    return result;
  }

 private:
  absl::StatusOr<size_t> read(File& file, uint64_t position, MutableBytes out) const {
    return mode_ == ReadMode::kCachedOnly ? file.read_cached_at(position, out)
                                          : file.read_at(position, out);
  }

  // The position of the last entry in the index file for which `is_before`; 0 if there is none.
  template <class IsBefore>
  absl::StatusOr<uint64_t> find_in_index(IsBefore is_before) const {
    auto entry = find_last_in_file<OffsetIndexEntry>(
        plan_.index_entries,
        [&](uint64_t at, MutableBytes out) { return read(*plan_.index_file, at, out); }, is_before);
    if (!entry.ok()) return entry.status();
    return *entry ? static_cast<uint64_t>((*entry)->entry.position) : 0;
  }

  absl::Status find_position() {
    position_ = plan_.position;
    if (!plan_.index_file) return absl::OkStatus();
    const int64_t relative = plan_.offset - plan_.base_offset;
    const auto indexed = find_in_index(
        [relative](const OffsetIndexEntry& e) { return e.relative_offset <= relative; });
    if (!indexed.ok()) return indexed.status();
    if (*indexed < plan_.end_position) position_ = std::max(position_, *indexed);
    return absl::OkStatus();
  }

  // To the end of the last batch that is before end_offset and ends within `limit` of `begin`.
  absl::Status walk_to_end(uint64_t begin, size_t limit) {
    if (plan_.ends_with_file && plan_.end_position - begin <= limit) {
      position_ = plan_.end_position;
      return absl::OkStatus();
    }
    uint64_t known = plan_.near_end;
    if (plan_.index_file) {
      const int64_t end = plan_.end_offset - plan_.base_offset;
      const auto found = find_in_index([&](const OffsetIndexEntry& e) {
        return static_cast<uint64_t>(e.position) <= begin + limit && e.relative_offset < end;
      });
      if (!found.ok()) return found.status();
      known = *found;
    }
    if (known > begin && known <= begin + limit && known < plan_.end_position)
      advance(static_cast<size_t>(known - begin));
    while (!at_end()) {
      auto header = peek();
      if (!header.ok()) return header.status();
      const bool fits = position_ + header->size_bytes - begin <= limit;
      if (!fits || header->last_offset >= plan_.end_offset) break;
      advance(header->size_bytes);
    }
    return absl::OkStatus();
  }

  // Reads `wanted` bytes from position_ into a fresh buffer, or what there is of them.
  absl::Status fill(size_t wanted) {
    const uint64_t left = plan_.end_position - std::min(position_, plan_.end_position);
    const auto size = static_cast<size_t>(std::min<uint64_t>(wanted, left));
    auto memory = std::make_shared<Buffer>(size);
    auto got = read(*plan_.file, position_, memory->mutable_bytes());
    if (!got.ok()) return got.status();
    if (*got < size) return absl::DataLossError(absl::StrCat(plan_.file->path(), " is shorter"));
    memory_ = std::move(memory);
    window_ = memory_->bytes();
    return absl::OkStatus();
  }

  bool at_end() const { return position_ >= plan_.end_position; }

  void advance(size_t bytes) {
    position_ += bytes;
    window_ = window_.subspan(std::min(bytes, window_.size()));
  }

  // The entry at position_, of which at least the header is in the window afterwards.
  absl::StatusOr<EntryHeader> peek() {
    auto header = parse_entry_header(window_);
    if (absl::IsOutOfRange(header.status())) {
      if (auto status = fill(window_bytes_); !status.ok()) return status;
      header = parse_entry_header(window_);
    }
    if (!header.ok())
      return absl::DataLossError(
          absl::StrCat(plan_.file->path(), " at ", position_, ": ", header.status().message()));
    return header;
  }

  absl::Status skip_to_offset() {
    while (!at_end()) {
      auto header = peek();
      if (!header.ok()) return header.status();
      if (header->last_offset >= plan_.offset) return absl::OkStatus();
      advance(header->size_bytes);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ReadBytes> collect() {
    ReadBytes result;
    result.next_offset = plan_.offset;
    if (at_end()) {
      result.next_offset = std::max(plan_.offset, plan_.next_base_offset);
      return result;
    }
    auto first = peek();
    if (!first.ok()) return first.status();
    if (first->last_offset >= plan_.end_offset) return result;
    const size_t wanted =
        plan_.at_least_one ? std::max(plan_.max_bytes, first->size_bytes) : plan_.max_bytes;
    if (window_.size() < wanted && position_ + window_.size() < plan_.end_position)
      if (auto status = fill(wanted); !status.ok()) return status;
    const size_t limit = std::min(wanted, window_.size());
    size_t taken = 0;
    while (taken < limit) {
      auto header = parse_entry_header(window_.subspan(taken));
      if (!header.ok() || header->size_bytes > limit - taken) break;
      if (header->last_offset >= plan_.end_offset) break;
      taken += header->size_bytes;
      result.next_offset = header->last_offset + 1;
    }
    result.batches = window_.first(taken);
    result.memory = memory_;
    return result;
  }

  const ReadPlan& plan_;
  const ReadMode mode_;
  size_t window_bytes_ = 0;
  uint64_t position_ = 0;
  std::shared_ptr<Buffer> memory_;
  Bytes window_;  // What is read, from position_ on.
};

}  // namespace

absl::StatusOr<ReadBytes> carry_out(const ReadPlan& plan, ReadMode mode) {
  if (!plan.file) {
    ReadBytes nothing;
    nothing.next_offset = plan.offset;
    return nothing;
  }
  return Reading(plan, mode).run();
}

absl::StatusOr<LocatedBytes> locate(const ReadPlan& plan, ReadMode mode) {
  if (!plan.file) {
    LocatedBytes nothing;
    nothing.next_offset = plan.offset;
    return nothing;
  }
  return Reading(plan, mode).locate();
}

}  // namespace moldau
