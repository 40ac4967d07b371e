#include "protocol/records/frame.h"

namespace moldau {

std::string int16_prefix(int16_t x) {
  return {static_cast<char>(x >> 8), static_cast<char>(x & 0xff)};
}

absl::StatusOr<int16_t> read_int16_prefix(Bytes record) {
  if (record.size() < 2) return absl::InvalidArgumentError("a record is shorter than its prefix");
  return static_cast<int16_t>(record[0] << 8 | record[1]);
}

}  // namespace moldau
