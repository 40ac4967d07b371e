// Big-endian integers in memory, as every Kafka format holds them. Callers check the bounds.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

namespace moldau {

template <class T>
T load_big_endian(const uint8_t* p) {
  static_assert(std::is_integral_v<T>);
  std::make_unsigned_t<T> value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<std::make_unsigned_t<T>>((static_cast<uint64_t>(value) << 8) | p[i]);
  }
  return static_cast<T>(value);
}

template <class T>
void store_big_endian(uint8_t* p, T value) {
  static_assert(std::is_integral_v<T>);
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (size_t i = 0; i < sizeof(T); ++i) {
    p[i] = static_cast<uint8_t>(bits >> (8 * (sizeof(T) - 1 - i)));
  }
}

template <class T>
void append_big_endian(std::string& out, T value) {
  uint8_t bytes[sizeof(T)];
  store_big_endian(bytes, value);
  out.append(reinterpret_cast<const char*>(bytes), sizeof(T));
}

}  // namespace moldau
