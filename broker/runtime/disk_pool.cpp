#include "broker/runtime/disk_pool.h"

#include <pthread.h>
#include <string>

#include <boost/asio/executor_work_guard.hpp>

namespace moldau {

struct DiskPool::Threads {
  explicit Threads(int count) : context(count) {
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([this, i] {
        pthread_setname_np(pthread_self(), ("moldau-disk-" + std::to_string(i)).c_str());
        context.run();
      });
    }
  }
  ~Threads() {
    context.stop();
    for (auto& thread : threads) thread.join();
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::vector<std::thread> threads;
};

DiskPool::DiskPool(int threads)
    : threads_(threads), pool_(threads > 0 ? std::make_unique<Threads>(threads) : nullptr) {}

DiskPool::~DiskPool() = default;

asio::io_context::executor_type DiskPool::executor() { return pool_->context.get_executor(); }

}  // namespace moldau
