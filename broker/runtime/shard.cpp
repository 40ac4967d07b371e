#include "broker/runtime/shard.h"

#include <algorithm>
#include <pthread.h>
#include <string>

#include <boost/asio/executor_work_guard.hpp>

#include "broker/runtime/clock.h"

namespace moldau {
namespace {

// Not absl::Hash, which differs from process to process: an owner should be easy to predict.
uint64_t stable_hash(const Uuid& topic_id, int32_t partition) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (uint8_t byte : topic_id) hash = (hash ^ byte) * 0x100000001b3;
  return hash + static_cast<uint32_t>(partition);
}

// An io_context that can drop what waits in it before it goes.
class DroppableContext : public asio::io_context {
 public:
  DroppableContext() : asio::io_context(1) {}
  void drop_all() { shutdown(); }
};

}  // namespace

struct Shards::Thread {
  explicit Thread(int index) : shard(index, context, clock) { clock.attach(context); }

  void run() {
    std::string name = "moldau-shard-" + std::to_string(shard.index());
    thread = std::thread([this, name] {
      pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
      context.run();
    });
  }

  // The context goes first, and with it the coroutines that use the clock.
  RealClock clock;
  DroppableContext context;
  Shard shard;
  asio::executor_work_guard<Shard::Executor> work{context.get_executor()};
  std::thread thread;
};

Shard& Shards::operator[](int index) { return threads_[static_cast<size_t>(index)]->shard; }

std::vector<Shard*> Shards::all() {
  std::vector<Shard*> shards;
  for (const auto& thread : threads_) shards.push_back(&thread->shard);
  return shards;
}

Shards::Shards(int count) {
  for (int i = 0; i < count; ++i) threads_.push_back(std::make_unique<Thread>(i));
}

Shards::~Shards() { stop(); }

int Shards::default_count() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

void Shards::start() {
  for (auto& thread : threads_) thread->run();
}

void Shards::stop() {
  for (auto& thread : threads_) thread->context.stop();
  for (auto& thread : threads_)
    if (thread->thread.joinable()) thread->thread.join();
  // A coroutine of one shard may wait in another's context, and is then unwound in its own: no
  // context goes before all are empty. Coroutines that wait for each other nest less deep than
  // this.
  for (int round = 0; round < 4; ++round) {
    for (auto& thread : threads_) thread->clock.clear();
    for (auto& thread : threads_) thread->context.drop_all();
  }
  for (auto& thread : threads_) thread->clock.close();
  threads_.clear();
}

Shard& Shards::of(const Uuid& topic_id, int32_t partition) {
  return (*this)[static_cast<int>(stable_hash(topic_id, partition) % threads_.size())];
}

}  // namespace moldau
