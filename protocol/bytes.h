// Byte ranges: borrowed (Bytes, MutableBytes) and owned (Buffer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace moldau {

using Bytes = std::span<const uint8_t>;   // Borrowed; the holder says from what.
using MutableBytes = std::span<uint8_t>;  // Borrowed, and may be rewritten in place.

// Memory that is allocated and not cleared: its first write is the data itself.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t size) : data_(new uint8_t[size]), size_(size) {}

  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void shrink_to(size_t size) { size_ = size; }  // Keeps the memory; size must not grow.

  Bytes bytes() const { return {data_.get(), size_}; }
  MutableBytes mutable_bytes() { return {data_.get(), size_}; }

 private:
  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0;
};

inline Bytes as_bytes(std::string_view s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

}  // namespace moldau
