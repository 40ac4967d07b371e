// The memory that requests and responses of all connections may hold together.
//
// Frames are not begun while it is used up: the client then waits in its own socket, which is the
// backpressure that TCP has anyway. A frame that was begun grows within the pool too; one of them
// at a time may overdraw, so that frames that wait for each other's memory can not wait for ever.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "replication/event.h"

namespace moldau {

class MemoryPool;

// Memory taken from a pool, given back at the end of its life.
class MemoryLease {
 public:
  MemoryLease() = default;
  MemoryLease(MemoryPool& pool, size_t bytes) : pool_(&pool), bytes_(bytes) {}
  MemoryLease(MemoryLease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryLease& operator=(MemoryLease&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryLease();

  size_t bytes() const { return bytes_; }

 private:
  MemoryPool* pool_ = nullptr;
  size_t bytes_ = 0;
};

// Any thread.
class MemoryPool {
 public:
  explicit MemoryPool(int64_t limit_bytes) : limit_(limit_bytes) {}

  // nullopt if it would exceed the limit, unless nothing else is taken.
  std::optional<MemoryLease> try_take(size_t bytes);
  // Beyond the limit if need be: for memory that is there already.
  MemoryLease take(size_t bytes);

  // The right to overdraw, held by one holder at most until end_overdraft().
  bool try_begin_overdraft() { return !overdrawn_.exchange(true); }
  void end_overdraft();

  // Sets `event` once, when memory or the right to overdraw was given back after this call. Try
  // again between this and waiting.
  void notify(std::shared_ptr<SharedEvent> event);

  bool is_short() const { return used_ > limit_ / 2; }
  int64_t used() const { return used_; }
  int64_t limit() const { return limit_; }

 private:
  friend MemoryLease;
  void give_back(size_t bytes);
  void wake_waiting();

  const int64_t limit_;
  std::atomic<int64_t> used_ = 0;
  std::atomic<bool> overdrawn_ = false;
  std::atomic<bool> has_waiting_ = false;
  std::mutex mutex_;  // Connections of all shards wait here; touched only when memory is short.
  std::vector<std::shared_ptr<SharedEvent>> waiting_;
};

}  // namespace moldau
