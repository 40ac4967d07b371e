#include "protocol/lz4_header.h"

#include <bit>

namespace moldau {
namespace {

constexpr size_t kMagicBytes = 4;
constexpr uint32_t kPrime1 = 0x9E3779B1, kPrime2 = 0x85EBCA77, kPrime3 = 0xC2B2AE3D,
                   kPrime4 = 0x27D4EB2F, kPrime5 = 0x165667B1;

uint32_t load_little_endian(const uint8_t* p) {
  return p[0] | (static_cast<uint32_t>(p[1]) << 8) | (static_cast<uint32_t>(p[2]) << 16) |
         (static_cast<uint32_t>(p[3]) << 24);
}

uint32_t lane(uint32_t state, const uint8_t* p) {
  return std::rotl(state + load_little_endian(p) * kPrime2, 13) * kPrime1;
}

// xxHash-32 with seed 0.
uint32_t xxhash32(Bytes bytes) {
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + bytes.size();
  uint32_t h = kPrime5;
  if (bytes.size() >= 16) {
    uint32_t a = kPrime1 + kPrime2, b = kPrime2, c = 0, d = 0u - kPrime1;
    for (; end - p >= 16; p += 16) {
      a = lane(a, p);
      b = lane(b, p + 4);
      c = lane(c, p + 8);
      d = lane(d, p + 12);
    }
    h = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
  }
  h += static_cast<uint32_t>(bytes.size());
  for (; end - p >= 4; p += 4) h = std::rotl(h + load_little_endian(p) * kPrime3, 17) * kPrime4;
  for (; p != end; ++p) h = std::rotl(h + *p * kPrime5, 11) * kPrime1;
  h = (h ^ (h >> 15)) * kPrime2;
  h = (h ^ (h >> 13)) * kPrime3;
  return h ^ (h >> 16);
}

uint8_t second_byte(uint32_t hash) { return static_cast<uint8_t>(hash >> 8); }

}  // namespace

std::optional<size_t> lz4_header_size(Bytes frame) {
  if (frame.size() < 7 || load_little_endian(frame.data()) != 0x184D2204) return std::nullopt;
  const uint8_t flags = frame[kMagicBytes];
  const size_t size = 7u + ((flags & 0x08) != 0 ? 8u : 0u) + ((flags & 0x01) != 0 ? 4u : 0u);
  if (frame.size() < size) return std::nullopt;
  return size;
}

uint8_t lz4_header_checksum(Bytes header) {
  return second_byte(xxhash32(header.subspan(kMagicBytes, header.size() - kMagicBytes - 1)));
}

uint8_t lz4_legacy_header_checksum(Bytes header) {
  return second_byte(xxhash32(header.first(header.size() - 1)));
}

}  // namespace moldau
