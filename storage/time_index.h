// <base>.timeindex: from which offset on records may be as late as a timestamp, sparsely.
//
//   entry: timestamp int64 (the largest so far in the segment), relative offset int32 (the last
//          offset of the first batch that has it); timestamps strictly ascend
#pragma once

#include <cstdint>

#include "protocol/big_endian.h"
#include "storage/sparse_index.h"

namespace moldau {

struct TimeIndexEntry {
  static constexpr size_t kBytes = 12;
  int64_t timestamp_ms = -1;
  int32_t relative_offset = 0;

  bool operator==(const TimeIndexEntry&) const = default;
  static TimeIndexEntry decode(const uint8_t* p) {
    return {load_big_endian<int64_t>(p), load_big_endian<int32_t>(p + 8)};
  }
  void encode(uint8_t* p) const {
    store_big_endian(p, timestamp_ms);
    store_big_endian(p + 8, relative_offset);
  }
};

using TimeIndex = SparseIndex<TimeIndexEntry>;

}  // namespace moldau
