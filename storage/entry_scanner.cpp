#include "storage/entry_scanner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kHeaderReadAhead = 16 << 10;
constexpr size_t kReadAhead = 256 << 10;

absl::StatusOr<LogEntry> parse_log_entry(Bytes bytes) {
  auto header = parse_entry_header(bytes);
  if (!header.ok()) return header.status();
  LogEntry entry{*header};
  if (entry.magic == 2) {
    auto batch = parse_batch_header(bytes);
    if (!batch.ok()) return batch.status();
    entry.batch = *batch;
  }
  if (entry.base_offset < 0 || entry.last_offset < entry.base_offset)
    return absl::DataLossError(
        absl::StrCat("offsets ", entry.base_offset, " to ", entry.last_offset));
  return entry;
}

}  // namespace

EntryScanner::EntryScanner(std::shared_ptr<File> file, uint64_t position, uint64_t end_position,
                           Detail detail)
    : file_(std::move(file)), position_(position), end_(end_position), detail_(detail) {}

// At least `wanted` bytes from `position` on, or what there is of them before the end.
absl::StatusOr<Bytes> EntryScanner::window(uint64_t position, size_t wanted) {
  wanted = static_cast<size_t>(std::min<uint64_t>(wanted, end_ - position));
  const bool have =
      position >= buffer_position_ && position + wanted <= buffer_position_ + buffered_;
  if (!have) {
    const size_t ahead = detail_ == Detail::kHeaders ? kHeaderReadAhead : kReadAhead;
    const auto size =
        static_cast<size_t>(std::min<uint64_t>(std::max<size_t>(wanted, ahead), end_ - position));
    buffer_.resize(size);
    auto got = file_->read_at(position, MutableBytes(buffer_.data(), size));
    if (!got.ok()) return got.status();
    buffer_position_ = position;
    buffered_ = *got;
  }
  const size_t skip = static_cast<size_t>(position - buffer_position_);
  return Bytes(buffer_.data() + skip, buffered_ - skip);
}

absl::StatusOr<EntryScanner::Step> EntryScanner::next() {
  if (position_ >= end_) return Step{};
  auto bytes = window(position_, kBatchHeaderBytes);
  if (!bytes.ok()) return bytes.status();
  auto entry = parse_log_entry(*bytes);
  if (absl::IsOutOfRange(entry.status())) return bad("the file ends within a batch header");
  if (!entry.ok()) return bad(std::string(entry.status().message()));
  if (entry->size_bytes > end_ - position_)
    return bad(absl::StrCat("a batch of ", entry->size_bytes, " bytes runs past the end, ",
                            end_ - position_, " bytes away"));
  if (detail_ == Detail::kWholeEntries) {
    bytes = window(position_, entry->size_bytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->size() < entry->size_bytes) return bad("the file is shorter than it was");
    entry->bytes = bytes->first(entry->size_bytes);
  }
  entry->position = position_;
  position_ += entry->size_bytes;
  return Step{Step::Kind::kEntry, *entry, {}};
}

}  // namespace moldau
