// The bytes of a journal (journal.h): two halves of equal size, each a row of blocks from its
// start. Integers are big-endian.
//
//   block     begins at a multiple of 4096; zeros fill the rest of its last 4096 bytes
//     magic        uint32  "MoJ1"
//     checksum     uint32  CRC-32C of what follows, up to the end of the entries
//     length       uint32  bytes of all entries
//     number       uint32  of the block in its lap, from 0
//     lap          uint64  from 1; one higher each time that a half is begun from its start
//     first_lap    uint64  what laps before it hold had been synced in the files themselves
//     entries
//   entry
//     kind         uint8   1: bytes of a file. 2: an index that may be torn.
//                          3: a directory in which nothing counts that came before.
//     path_length  uint16
//     length       uint32
//     position     uint64  in the file
//     path         relative to the data directory
//     bytes        `length` of them
//
// What follows the last block of a lap is of an earlier lap, or torn: there the number, the lap or
// the checksum is not what it has to be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"

#include "absl/status/statusor.h"

namespace moldau::journal {

inline constexpr size_t kBlockAlignment = 4096;
inline constexpr size_t kBlockHeaderBytes = 32;
inline constexpr size_t kEntryHeaderBytes = 15;

struct Entry {
  enum class Kind : uint8_t { kBytes = 1, kIndex = 2, kSettled = 3 };
  Kind kind = Kind::kBytes;
  std::string_view path;  // Borrowed, as are the bytes.
  uint64_t position = 0;
  Bytes bytes;
};

struct Block {
  uint64_t lap = 0;
  uint64_t first_lap = 0;
  uint32_t number = 0;
  Bytes entries;
  size_t size_bytes() const;  // Of the whole block, with what fills it up.
};

size_t padded(size_t bytes);

// Writes an entry's header and path; its bytes, of which there are `length`, follow behind. Returns
// the size of what was written.
size_t write_entry_header(uint8_t* to, const Entry& entry, uint32_t length);
// The header for entries that lie behind it already.
void write_block_header(MutableBytes block, uint64_t lap, uint64_t first_lap, uint32_t number);

// Nullopt if `bytes` does not begin with a whole block.
std::optional<Block> parse_block(Bytes bytes);
// DataLoss if they are not entries.
absl::StatusOr<std::vector<Entry>> parse_entries(Bytes entries);

}  // namespace moldau::journal
