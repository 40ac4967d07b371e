#include "broker/runtime/random_uuid.h"

#include <cstring>
#include <random>

namespace moldau {

Uuid random_uuid() {
  std::random_device source;
  Uuid id{};
  do {
    for (size_t i = 0; i < id.size(); i += sizeof(uint32_t)) {
      const uint32_t word = source();
      std::memcpy(&id[i], &word, sizeof word);
    }
    id[6] = static_cast<uint8_t>((id[6] & 0x0f) | 0x40);
    id[8] = static_cast<uint8_t>((id[8] & 0x3f) | 0x80);
  } while (is_reserved(id) || to_string(id).front() == '-');
  return id;
}

}  // namespace moldau
