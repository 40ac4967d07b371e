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

class Reading {
 public:
  Reading(const ReadPlan& plan, ReadMode mode) : plan_(plan), mode_(mode) {}

  absl::StatusOr<ReadBytes> run() {
    if (auto status = find_position(); !status.ok()) return status;
    if (auto status = fill(plan_.max_bytes + kLeadIn); !status.ok()) return status;
    if (auto status = skip_to_offset(); !status.ok()) return status;
    return collect();
  }

 private:
  absl::StatusOr<size_t> read(File& file, uint64_t position, MutableBytes out) const {
    return mode_ == ReadMode::kCachedOnly ? file.read_cached_at(position, out)
                                          : file.read_at(position, out);
  }

  absl::Status find_position() {
    position_ = plan_.position;
    if (!plan_.index_file) return absl::OkStatus();
    const int64_t relative = plan_.offset - plan_.base_offset;
    auto entry = find_last_in_file<OffsetIndexEntry>(
        plan_.index_entries,
        [&](uint64_t at, MutableBytes out) { return read(*plan_.index_file, at, out); },
        [relative](const OffsetIndexEntry& e) { return e.relative_offset <= relative; });
    if (!entry.ok()) return entry.status();
    if (!*entry) return absl::OkStatus();
    const auto indexed = static_cast<uint64_t>((*entry)->entry.position);
    if (indexed < plan_.end_position) position_ = indexed;
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
      if (auto status = fill(std::max(kHeaderPeek, plan_.max_bytes)); !status.ok()) return status;
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

}  // namespace moldau
