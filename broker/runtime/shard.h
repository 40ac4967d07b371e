// Threads of the broker: a shard is one io_context, run by one thread, and owns connections and
// partitions that nobody else touches. What is on another shard is reached by hopping there.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/bytes.h"
#include "protocol/uuid.h"
#include "replication/clock.h"

namespace moldau {

namespace asio = boost::asio;

// The context and the clock are real ones of Shards, or those of a simulation.
class Shard {
 public:
  using Executor = asio::io_context::executor_type;

  Shard(int index, asio::io_context& context, Clock& clock)
      : index_(index), context_(context), clock_(clock) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  int index() const { return index_; }
  asio::io_context& context() { return context_; }
  Executor executor() { return context_.get_executor(); }
  Clock& clock() { return clock_; }  // Timers: on the shard only. The time: anywhere.
  // Memory that stays in the processor's cache, for work that does not suspend. On the shard only.
  MutableBytes scratch() {
    if (scratch_.empty()) scratch_ = Buffer(kScratchBytes);
    return scratch_.mutable_bytes();
  }
  bool is_current() { return executor().running_in_this_thread(); }

 private:
  static constexpr size_t kScratchBytes = 256 << 10;

  const int index_;
  asio::io_context& context_;
  Clock& clock_;
  Buffer scratch_;
};

// All shards of a broker, with their threads ("moldau-shard-N").
class Shards {
 public:
  explicit Shards(int count);
  ~Shards();  // stop()
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  // Cores minus one, and at least one: the last core flushes, and serves the kernel.
  static int default_count();

  void start();
  // Ends the threads, then drops every coroutine that still waits for something on any shard; what
  // these refer to has to be alive until then. Not from a shard.
  void stop();

  int size() const { return static_cast<int>(threads_.size()); }
  Shard& operator[](int index);
  std::vector<Shard*> all();
  // The shard that owns a partition: always the same one while the number of shards stays.
  Shard& of(const Uuid& topic_id, int32_t partition);

 private:
  struct Thread;
  std::vector<std::unique_ptr<Thread>> threads_;
};

namespace runtime {

template <class T>
struct IsAwaitable : std::false_type {};
template <class T>
struct IsAwaitable<asio::awaitable<T>> : std::true_type {
  using Value = T;
};

// The result of a call that ran elsewhere.
template <class T>
struct Outcome {
  std::exception_ptr error;
  std::optional<T> value;

  template <class F>
  void run(F& f) {
    try {
      value.emplace(f());
    } catch (...) {
      error = std::current_exception();
    }
  }
  T take() {
    if (error) std::rethrow_exception(error);
    return std::move(*value);
  }
};
template <>
struct Outcome<void> {
  std::exception_ptr error;

  template <class F>
  void run(F& f) {
    try {
      f();
    } catch (...) {
      error = std::current_exception();
    }
  }
  void take() {
    if (error) std::rethrow_exception(error);
  }
};

// Runs f on another executor; the calling coroutine goes on where it was.
template <class F, class Executor>
asio::awaitable<std::invoke_result_t<F&>> call_on(Executor executor, F f) {
  Outcome<std::invoke_result_t<F&>> outcome;
  auto start = [&](auto handler) {
    asio::post(executor, [&outcome, &f, handler = std::move(handler)]() mutable {
      outcome.run(f);
      auto home = asio::get_associated_executor(handler);
      asio::post(home, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
  co_return outcome.take();
}

}  // namespace runtime

// Runs f on `shard` and comes back with its result; in place if the caller is there already. f may
// be a function or a coroutine; what it throws is thrown here. Two calls from one shard to another
// arrive in the order in which they were made.
template <class F>
requires(!runtime::IsAwaitable<std::invoke_result_t<F&>>::value)
    asio::awaitable<std::invoke_result_t<F&>> on(Shard& shard, F f) {
  if (shard.is_current()) co_return f();
  if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
    co_await runtime::call_on(shard.executor(), std::move(f));
  } else {
    auto result = co_await runtime::call_on(shard.executor(), std::move(f));
    co_return result;
  }
}
template <class F>
requires(runtime::IsAwaitable<std::invoke_result_t<F&>>::value) std::invoke_result_t<F&> on(
    Shard& shard, F f) {
  using Value = typename runtime::IsAwaitable<std::invoke_result_t<F&>>::Value;
  if constexpr (std::is_void_v<Value>) {
    if (shard.is_current()) {
      co_await f();
    } else {
      co_await asio::co_spawn(shard.executor(), f(), asio::use_awaitable);
    }
  } else if (shard.is_current()) {
    auto result = co_await f();
    co_return result;
  } else {
    auto result = co_await asio::co_spawn(shard.executor(), f(), asio::use_awaitable);
    co_return result;
  }
}

}  // namespace moldau
