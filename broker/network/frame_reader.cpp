#include "broker/network/frame_reader.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kSizeBytes = 4;
constexpr size_t kSmallestChunk = 16 << 10;
constexpr size_t kLargestUsualChunk = 1 << 20;  // Larger ones serve one frame only.

}  // namespace

FrameReader::FrameReader(int32_t max_frame_bytes)
    : max_frame_bytes_(max_frame_bytes), usual_capacity_(kSmallestChunk) {}

std::optional<int64_t> FrameReader::frame_bytes() const {
  if (received_bytes() < kSizeBytes) return std::nullopt;
  const uint8_t* p = chunk_->buffer.data() + begin_;
  uint32_t size = uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
  return int64_t{static_cast<int32_t>(size)} + int64_t{kSizeBytes};
}

absl::StatusOr<std::optional<FrameReader::Frame>> FrameReader::next() {
  auto whole = frame_bytes();
  if (!whole) return std::nullopt;
  const int64_t size = *whole - int64_t{kSizeBytes};
  if (size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", size, " bytes, which is not Kafka's protocol"));
  }
  if (size > max_frame_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a frame of ", size, " bytes, and socket.request.max.bytes is ",
                     max_frame_bytes_, "; a client of another protocol looks like this too"));
  }
  if (received_bytes() < static_cast<size_t>(*whole)) return std::nullopt;
  Frame frame{.bytes = {chunk_->buffer.data() + begin_ + kSizeBytes, static_cast<size_t>(size)},
              .owner = chunk_};
  begin_ += static_cast<size_t>(*whole);
  return frame;
}

size_t FrameReader::memory_needed() {
  if (!chunk_) return usual_capacity_;
  const bool is_shared = chunk_.use_count() > 1;
  if (!is_shared && !is_inside_frame()) begin_ = end_ = 0;
  if (end_ < capacity()) return 0;
  const auto whole = static_cast<size_t>(frame_bytes().value_or(kSizeBytes));
  if (!is_shared && whole <= capacity()) {
    std::memmove(chunk_->buffer.data(), chunk_->buffer.data() + begin_, received_bytes());
    end_ = received_bytes();
    begin_ = 0;
    if (end_ < capacity()) return 0;
  }
  // Twice what is there, and no more than this frame takes, unless frames are small.
  return std::max(usual_capacity_, std::min(2 * std::max(received_bytes(), capacity() / 2), whole));
}

void FrameReader::add_memory(MemoryLease lease) {
  auto larger = std::make_shared<Chunk>();
  larger->buffer = Buffer(lease.bytes());
  larger->lease = std::move(lease);
  if (chunk_) std::memcpy(larger->buffer.data(), chunk_->buffer.data() + begin_, received_bytes());
  chunk_ = std::move(larger);
  end_ = received_bytes();
  begin_ = 0;
}

MutableBytes FrameReader::space() { return {chunk_->buffer.data() + end_, capacity() - end_}; }

void FrameReader::received(size_t bytes) {
  end_ += bytes;
  // A read that fills the chunk asks for larger ones, a small one for smaller.
  if (end_ == capacity()) {
    usual_capacity_ = std::min(std::max(usual_capacity_, 2 * capacity()), kLargestUsualChunk);
  } else if (end_ < usual_capacity_ / 8) {
    usual_capacity_ = std::max(usual_capacity_ / 2, kSmallestChunk);
  }
}

void FrameReader::release_if_empty() {
  if (is_inside_frame()) return;
  chunk_.reset();
  begin_ = end_ = 0;
}

}  // namespace moldau
