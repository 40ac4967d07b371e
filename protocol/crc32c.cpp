#include "protocol/crc32c.h"

#include <algorithm>

#include <isa-l/crc.h>

namespace moldau {

uint32_t crc32c(Bytes bytes) {
  constexpr size_t kStep = 1u << 30;  // ISA-L counts in int.
  uint32_t state = ~0u;
  while (!bytes.empty()) {
    const size_t n = std::min(bytes.size(), kStep);
    // ISA-L's signature lacks a const; it only reads.
    state = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(n), state);
    bytes = bytes.subspan(n);
  }
  return ~state;
}

uint32_t crc32_ieee(Bytes bytes) { return crc32_gzip_refl(0, bytes.data(), bytes.size()); }

}  // namespace moldau
