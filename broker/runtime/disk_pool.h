// Threads for disk work that may block: cold reads, opening and deleting of files. Never the place
// for fdatasync of produced records, which is the flusher's.
#pragma once

#include <memory>

#include "broker/runtime/shard.h"

namespace moldau {

class DiskPool {
 public:
  // No threads means that run() works in place: for simulation.
  explicit DiskPool(int threads);
  ~DiskPool();  // Finishes what was begun, drops the rest.
  DiskPool(const DiskPool&) = delete;
  DiskPool& operator=(const DiskPool&) = delete;

  // Runs f on a thread of the pool and comes back to the caller's executor with its result.
  template <class F>
  asio::awaitable<std::invoke_result_t<F&>> run(F f) {
    if (threads_ == 0) co_return f();
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      co_await runtime::call_on(executor(), std::move(f));
    } else {
      auto result = co_await runtime::call_on(executor(), std::move(f));
      co_return result;
    }
  }

  int threads() const { return threads_; }
  // For what waits for the disk by itself.
  asio::io_context::executor_type executor();

 private:
  struct Threads;

  const int threads_;
  std::unique_ptr<Threads> pool_;
};

}  // namespace moldau
