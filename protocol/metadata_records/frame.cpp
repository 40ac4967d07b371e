#include "protocol/metadata_records/frame.h"

#include <limits>

namespace moldau {
namespace {

constexpr uint32_t kFrameVersion = 1;

void put_varint(std::string& out, uint32_t x) {
  for (; x > 0x7f; x >>= 7) out += static_cast<char>(x | 0x80);
  out += static_cast<char>(x);
}

// Reads a number that fits int16_t off the front; -1 if there is none.
int read_small_varint(Bytes& in) {
  int x = 0;
  for (int shift = 0; shift < 21 && !in.empty(); shift += 7) {
    uint8_t byte = in.front();
    in = in.subspan(1);
    x |= (byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    return x <= std::numeric_limits<int16_t>::max() ? x : -1;
  }
  return -1;
}

}  // namespace

std::string encode_metadata_frame(int16_t type, Version version, std::string body) {
  std::string out;
  put_varint(out, kFrameVersion);
  put_varint(out, static_cast<uint32_t>(type));
  put_varint(out, static_cast<uint32_t>(version));
  return out + body;
}

absl::StatusOr<MetadataFrame> parse_metadata_frame(Bytes record) {
  int frame_version = read_small_varint(record);
  int type = read_small_varint(record);
  int version = read_small_varint(record);
  if (frame_version != kFrameVersion || type < 0 || version < 0) {
    return absl::InvalidArgumentError("a metadata record does not start with a frame of version 1");
  }
  return MetadataFrame{static_cast<int16_t>(type), static_cast<Version>(version), record};
}

}  // namespace moldau
