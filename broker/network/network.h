// The listeners of a broker and the connections that they accepted, spread over its shards.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/network/connection.h"
#include "broker/network/listener.h"
#include "broker/network/memory_pool.h"
#include "broker/network/options.h"
#include "broker/runtime/log_limit.h"
#include "broker/runtime/shard.h"

#include "absl/status/status.h"

namespace moldau {

// open(), start(), stop() in this order, from a thread that is no shard's. Has to live until
// Shards::stop() has returned: handlers that are slower than stop() is patient refer to it.
class Network {
 public:
  struct Bound {
    std::string name;
    uint16_t port = 0;
  };

  Network(Shards& shards, DiskPool& disk_pool, Broker& broker, const ApiTable& apis,
          NetworkOptions options);
  ~Network();

  // Takes the addresses. Clients may connect from now on, and are served from start() on.
  absl::Status open();
  // By the order of NetworkOptions::listeners, after open().
  std::vector<Bound> listeners() const;
  void start();
  // Accepts no more, answers the requests that were begun, waking those that wait, and closes;
  // after `patience` closes anyway.
  void stop(std::chrono::milliseconds patience);

  // Instead of stop(), when the broker does not get as far as start(): before Shards::stop().
  void release_addresses() { listeners_.clear(); }

  int connections() const { return connections_; }
  const MemoryPool& memory() const { return memory_; }

 private:
  struct OfShard {
    Shard& shard;
    std::unordered_set<Connection*> connections;  // Touched on the shard only.
  };

  OfShard& next_shard();
  void accept(const std::string& listener, OfShard& home, asio::ip::tcp::socket socket);
  asio::awaitable<void> serve(OfShard& home, asio::ip::tcp::socket socket, std::string listener,
                              std::string host);
  bool admit(const std::string& host);
  void dismiss(const std::string& host);
  bool wait_for_none(std::chrono::milliseconds patience);
  template <class F>
  void for_each_connection(F f);

  Shards& shards_;
  DiskPool& disk_pool_;
  Broker& broker_;
  const ApiTable& apis_;
  const NetworkOptions options_;
  MemoryPool memory_;
  LogLimit log_limit_;

  std::vector<std::unique_ptr<OfShard>> of_shards_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  size_t next_shard_ = 0;  // Touched on the shard that accepts.
  std::atomic<uint64_t> next_id_ = 1;
  std::atomic<bool> is_stopping_ = false;

  std::atomic<int> connections_ = 0;
  std::mutex mutex_;  // Taken when a connection begins or ends, on whatever shard.
  std::condition_variable dismissed_;
  std::unordered_map<std::string, int> connections_of_host_;
};

}  // namespace moldau
