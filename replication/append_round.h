// Appends that one turn of an executor takes in, and that are written together.
//
// A file that grows by large writes costs the kernel a fraction of one that grows by small ones,
// and is read back faster. So appends of clients are put off (Log::append) until everything that is
// ready to run has run: while little happens that is at once, and under load every request that has
// arrived by then shares in the write.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "replication/clock.h"
#include "replication/event.h"

namespace moldau {

class Replica;

class AppendRound {
 public:
  explicit AppendRound(Clock& clock) : clock_(clock) {}

  void add(std::shared_ptr<Replica> replica) { replicas_.push_back(std::move(replica)); }
  // Until everything is written, or lost: Replica::was_written() tells.
  asio::awaitable<void> ended();

 private:
  friend class AppendRounds;
  void run();

  Clock& clock_;
  std::vector<std::shared_ptr<Replica>> replicas_;
  std::vector<Event*> waiting_;  // Each in its coroutine.
  bool has_ended_ = false;
};

// Of one executor, on which all of this is called.
class AppendRounds {
 public:
  AppendRounds(asio::any_io_executor executor, Clock& clock)
      : executor_(std::move(executor)), clock_(clock) {}

  // The round that is open; the first to ask for it opens it.
  std::shared_ptr<AppendRound> current();

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  std::weak_ptr<AppendRound> current_;
};

}  // namespace moldau
