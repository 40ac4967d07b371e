#include "broker/network/memory_pool.h"

namespace moldau {

MemoryLease::~MemoryLease() {
  if (pool_ != nullptr) pool_->give_back(bytes_);
}

std::optional<MemoryLease> MemoryPool::try_take(size_t bytes) {
  const auto wanted = static_cast<int64_t>(bytes);
  int64_t used = used_;
  do {
    if (used > 0 && used + wanted > limit_) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + wanted));
  return MemoryLease(*this, bytes);
}

MemoryLease MemoryPool::take(size_t bytes) {
  used_ += static_cast<int64_t>(bytes);
  return {*this, bytes};
}

void MemoryPool::end_overdraft() {
  overdrawn_ = false;
  wake_waiting();
}

void MemoryPool::give_back(size_t bytes) {
  used_ -= static_cast<int64_t>(bytes);
  wake_waiting();
}

void MemoryPool::notify(std::shared_ptr<SharedEvent> event) {
  std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(event));
  has_waiting_ = true;
}

void MemoryPool::wake_waiting() {
  // The waiter announces itself and then tries again, this gives back and then looks for waiters:
  // with sequentially consistent atomics one of the two sees the other.
  if (!has_waiting_) return;
  std::vector<std::shared_ptr<SharedEvent>> woken;
  {
    std::lock_guard lock(mutex_);
    woken.swap(waiting_);
    has_waiting_ = false;
  }
  for (auto& event : woken) event->set();
}

}  // namespace moldau
