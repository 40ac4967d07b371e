#include "broker/cli/partitioner.h"

namespace moldau::cli {

uint32_t murmur2(Bytes data) {
  constexpr uint32_t kSeed = 0x9747b28c, kMix = 0x5bd1e995;
  constexpr int kShift = 24;
  const size_t size = data.size();
  uint32_t hash = kSeed ^ static_cast<uint32_t>(size);
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    uint32_t word = data[i] | static_cast<uint32_t>(data[i + 1]) << 8 |
                    static_cast<uint32_t>(data[i + 2]) << 16 |
                    static_cast<uint32_t>(data[i + 3]) << 24;
    word *= kMix;
    word ^= word >> kShift;
    word *= kMix;
    hash *= kMix;
    hash ^= word;
  }
  if (i < size) {
    for (size_t j = size; j > i; --j)
      hash ^= static_cast<uint32_t>(data[j - 1]) << (8 * (j - 1 - i));
    hash *= kMix;
  }
  hash ^= hash >> 13;
  hash *= kMix;
  hash ^= hash >> 15;
  return hash;
}

int32_t partition_for_key(Bytes key, int32_t partition_count) {
  return static_cast<int32_t>(murmur2(key) & 0x7fffffff) % partition_count;
}

}  // namespace moldau::cli
