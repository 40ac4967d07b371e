#include "storage/journal_block.h"

#include <algorithm>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"

#include "absl/status/status.h"

namespace moldau::journal {
namespace {

constexpr uint32_t kMagic = 0x4d6f4a31;
constexpr size_t kChecksummedFrom = 8;

}  // namespace

size_t padded(size_t bytes) {
  return (bytes + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

size_t Block::size_bytes() const { return padded(kBlockHeaderBytes + entries.size()); }

size_t write_entry_header(uint8_t* to, const Entry& entry, uint32_t length) {
  to[0] = static_cast<uint8_t>(entry.kind);
  store_big_endian(to + 1, static_cast<uint16_t>(entry.path.size()));
  store_big_endian(to + 3, length);
  store_big_endian(to + 7, entry.position);
  std::ranges::copy(entry.path, to + kEntryHeaderBytes);
  return kEntryHeaderBytes + entry.path.size();
}

void write_block_header(MutableBytes block, uint64_t lap, uint64_t first_lap, uint32_t number) {
  uint8_t* p = block.data();
  store_big_endian(p, kMagic);
  store_big_endian(p + 8, static_cast<uint32_t>(block.size() - kBlockHeaderBytes));
  store_big_endian(p + 12, number);
  store_big_endian(p + 16, lap);
  store_big_endian(p + 24, first_lap);
  store_big_endian(p + 4, crc32c(block.subspan(kChecksummedFrom)));
}

std::optional<Block> parse_block(Bytes bytes) {
  if (bytes.size() < kBlockHeaderBytes) return std::nullopt;
  const uint8_t* p = bytes.data();
  const size_t length = load_big_endian<uint32_t>(p + 8);
  if (load_big_endian<uint32_t>(p) != kMagic || length > bytes.size() - kBlockHeaderBytes)
    return std::nullopt;
  const Bytes checked =
      bytes.subspan(kChecksummedFrom, kBlockHeaderBytes - kChecksummedFrom + length);
  if (crc32c(checked) != load_big_endian<uint32_t>(p + 4)) return std::nullopt;
  return Block{.lap = load_big_endian<uint64_t>(p + 16),
               .first_lap = load_big_endian<uint64_t>(p + 24),
               .number = load_big_endian<uint32_t>(p + 12),
               .entries = bytes.subspan(kBlockHeaderBytes, length)};
}

absl::StatusOr<std::vector<Entry>> parse_entries(Bytes entries) {
  std::vector<Entry> found;
  while (!entries.empty()) {
    if (entries.size() < kEntryHeaderBytes) return absl::DataLossError("an entry is cut short");
    const uint8_t* p = entries.data();
    const size_t path_length = load_big_endian<uint16_t>(p + 1);
    const size_t length = load_big_endian<uint32_t>(p + 3);
    if (p[0] < 1 || p[0] > 3) return absl::DataLossError("an entry is of no known kind");
    if (entries.size() - kEntryHeaderBytes < path_length ||
        entries.size() - kEntryHeaderBytes - path_length < length)
      return absl::DataLossError("an entry is cut short");
    found.push_back({.kind = static_cast<Entry::Kind>(p[0]),
                     .path = as_text(entries.subspan(kEntryHeaderBytes, path_length)),
                     .position = load_big_endian<uint64_t>(p + 7),
                     .bytes = entries.subspan(kEntryHeaderBytes + path_length, length)});
    entries = entries.subspan(kEntryHeaderBytes + path_length + length);
  }
  return found;
}

}  // namespace moldau::journal
