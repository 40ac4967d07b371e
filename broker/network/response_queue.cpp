#include "broker/network/response_queue.h"

#include <algorithm>

namespace moldau {
namespace {

constexpr size_t kMaxBuffers = 64;  // What Asio passes to the system in one write.

size_t size_of(const EncodedMessage::Part& part) {
  if (const auto* stored = std::get_if<StoredBytes>(&part)) return stored->size;
  return std::get<Bytes>(part).size();
}

void drop_front(EncodedMessage::Part& part, size_t bytes) {
  if (auto* stored = std::get_if<StoredBytes>(&part)) {
    stored->position += bytes;
    stored->size -= bytes;
  } else {
    part = std::get<Bytes>(part).subspan(bytes);
  }
}

}  // namespace

ResponseQueue::Response& ResponseQueue::begin() {
  return *responses_.emplace_back(std::make_unique<Response>());
}

void ResponseQueue::take_done() {
  while (!responses_.empty() && responses_.front()->is_done) {
    size_t count = 0;
    for (auto& part : responses_.front()->message.parts()) {
      if (size_of(part) == 0) continue;
      parts_.push_back(std::move(part));
      ++count;
    }
    if (count > 0) writing_.push_back({std::move(responses_.front()), count});
    responses_.pop_front();
  }
}

absl::StatusOr<std::span<const asio::const_buffer>> ResponseQueue::next(MutableBytes scratch) {
  take_done();
  buffers_.clear();
  for (const auto& part : parts_) {
    if (buffers_.size() == kMaxBuffers) break;
    if (const auto* bytes = std::get_if<Bytes>(&part)) {
      buffers_.emplace_back(bytes->data(), bytes->size());
      continue;
    }
    const auto& stored = std::get<StoredBytes>(part);
    if (stored.source->descriptor() >= 0) break;
    const MutableBytes into = scratch.first(std::min(scratch.size(), stored.size));
    const auto got = stored.source->read_cached_at(stored.position, into);
    if (got.ok() && *got < into.size())
      return absl::DataLossError("a file is shorter than it was when the response was made");
    if (!got.ok() && (buffers_.empty() || !absl::IsUnavailable(got.status()))) return got.status();
    if (!got.ok()) break;
    buffers_.emplace_back(into.data(), into.size());
    scratch = scratch.subspan(into.size());
    if (into.size() < stored.size || scratch.empty()) break;
  }
  return std::span<const asio::const_buffer>(buffers_);
}

const StoredBytes* ResponseQueue::next_stored() {
  take_done();
  return parts_.empty() ? nullptr : std::get_if<StoredBytes>(&parts_.front());
}

void ResponseQueue::replace_stored(Buffer bytes, MemoryLease lease) {
  replacement_ = std::move(bytes);
  replacement_lease_ = std::move(lease);
  drop_front(parts_.front(), replacement_.size());
  if (size_of(parts_.front()) == 0) {
    parts_.front() = replacement_.bytes();
  } else {
    parts_.emplace_front(replacement_.bytes());
    ++writing_.front().parts;
  }
}

void ResponseQueue::wrote(size_t bytes) {
  while (bytes > 0) {
    auto& part = parts_.front();
    const size_t size = size_of(part);
    if (bytes < size) return drop_front(part, bytes);
    bytes -= size;
    parts_.pop_front();
    replacement_ = Buffer();  // If there was one, it was the part in front.
    replacement_lease_ = MemoryLease();
    if (--writing_.front().parts == 0) writing_.pop_front();
  }
}

}  // namespace moldau
