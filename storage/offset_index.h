// <base>.index: where in the segment an offset is, sparsely.
//
//   entry: relative offset int32 (the last offset of a batch, less the segment's base),
//          position int32 (of that batch)
#pragma once

#include <cstdint>

#include "protocol/big_endian.h"
#include "storage/sparse_index.h"

namespace moldau {

struct OffsetIndexEntry {
  static constexpr size_t kBytes = 8;
  int32_t relative_offset = 0;
  int32_t position = 0;

  bool operator==(const OffsetIndexEntry&) const = default;
  static OffsetIndexEntry decode(const uint8_t* p) {
    return {load_big_endian<int32_t>(p), load_big_endian<int32_t>(p + 4)};
  }
  void encode(uint8_t* p) const {
    store_big_endian(p, relative_offset);
    store_big_endian(p + 4, position);
  }
};

using OffsetIndex = SparseIndex<OffsetIndexEntry>;

}  // namespace moldau
