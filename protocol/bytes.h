// Byte ranges: borrowed (Bytes, MutableBytes), owned (Buffer), and stored elsewhere (StoredBytes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

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

// Something that bytes are read from, by any thread. Errors name it.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads up to out.size() bytes at `position`; returns how many, short only at the end.
  virtual absl::StatusOr<size_t> read_at(uint64_t position, MutableBytes out) = 0;
  // The same, from memory only: Unavailable instead of waiting for a device.
  virtual absl::StatusOr<size_t> read_cached_at(uint64_t position, MutableBytes out) = 0;
  // For sendfile: the file, -1 where there is none, and whether a range of it is in memory.
  virtual int descriptor() const { return -1; }
  virtual bool is_cached(uint64_t /*position*/, size_t /*size*/) const { return false; }
};

// Bytes that are not read before they are needed.
struct StoredBytes {
  std::shared_ptr<ByteSource> source;
  uint64_t position = 0;
  size_t size = 0;
};

}  // namespace moldau
