// Cuts a stream of bytes into Kafka's frames: size:int32, big-endian, then as many bytes.
//
// Bytes arrive in chunks of memory, and frames are handed out where they lie. A chunk stays as long
// as one of its frames is in use; what was received of a frame that does not fit is moved to a
// larger chunk. Chunks grow with the bytes received, never with the size that a frame claims, and
// shrink again when frames do; without a frame begun there is no chunk at all.
#pragma once

#include <memory>
#include <optional>

#include "broker/network/memory_pool.h"
#include "protocol/bytes.h"

#include "absl/status/statusor.h"

namespace moldau {

class FrameReader {
 public:
  struct Frame {
    MutableBytes bytes;                 // Behind the size.
    std::shared_ptr<const void> owner;  // Of the bytes.
  };

  explicit FrameReader(int32_t max_frame_bytes);

  // The next whole frame; nullopt if more bytes are needed. An error names the bad size, after
  // which the stream can not be read on.
  absl::StatusOr<std::optional<Frame>> next();

  // Memory that has to be taken and passed to add_memory() before there is space; 0 if there is.
  size_t memory_needed();
  void add_memory(MemoryLease lease);

  // Where to read to (never empty after memory_needed() == 0), and how much was read.
  MutableBytes space();
  void received(size_t bytes);

  // Whether a part of a frame was received.
  bool is_inside_frame() const { return end_ > begin_; }
  // Gives the memory back, if nothing needs it, before a wait that may be long.
  void release_if_empty();

 private:
  struct Chunk {
    Buffer buffer;
    MemoryLease lease;
  };

  size_t received_bytes() const { return end_ - begin_; }
  size_t capacity() const { return chunk_ ? chunk_->buffer.size() : 0; }
  // Of the frame that begins at begin_, size included, if its size was received.
  std::optional<int64_t> frame_bytes() const;

  const int32_t max_frame_bytes_;
  std::shared_ptr<Chunk> chunk_;
  size_t begin_ = 0;  // Of what was not handed out.
  size_t end_ = 0;    // Of what was received.
  size_t usual_capacity_;
};

}  // namespace moldau
