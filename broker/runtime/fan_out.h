// Doing work on several shards at once, and waiting for all of it.
#pragma once

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "broker/runtime/shard.h"
#include "replication/event.h"

namespace moldau {

// Runs `f(shard)`, a coroutine, on each of `shards` and returns when all have ended, with the first
// exception if there was one. All are started before any is waited for, and what one caller starts
// on a shard begins there in the order in which it was started; the part of `home`, the caller's
// own shard, runs in place.
template <class F>
asio::awaitable<void> on_each(Shard& home, std::vector<Shard*> shards, F f) {
  if (shards.size() == 1 && shards[0] == &home) {
    co_await f(home);
    co_return;
  }
  struct Join {
    explicit Join(Clock& clock) : all_ended(clock) {}
    Event all_ended;
    size_t left = 0;
    std::exception_ptr error;
  };
  auto join = std::make_shared<Join>(home.clock());
  const auto ended = [join](std::exception_ptr error) {
    if (error && !join->error) join->error = error;
    if (--join->left == 0) join->all_ended.set();
  };
  bool is_home_part = false;
  for (Shard* shard : shards) {
    if (shard == &home) {
      is_home_part = true;
      continue;
    }
    ++join->left;
    asio::co_spawn(shard->executor(), f(*shard), [ended, &home](std::exception_ptr error) {
      asio::post(home.executor(), [ended, error] { ended(error); });
    });
  }
  std::exception_ptr own_error;
  if (is_home_part) {
    try {
      co_await f(home);
    } catch (...) {
      own_error = std::current_exception();
    }
  }
  // The others still use what f refers to: wait for them whatever happened here.
  if (join->left != 0) co_await join->all_ended.wait();
  if (own_error) std::rethrow_exception(own_error);
  if (join->error) std::rethrow_exception(join->error);
}

// Runs the coroutines `f(0)` to `f(count - 1)` on `home`, the caller's shard, `width` of them at a
// time.
template <class F>
asio::awaitable<void> in_parallel(Shard& home, size_t count, size_t width, F f) {
  struct Join {
    explicit Join(Clock& clock) : all_ended(clock) {}
    Event all_ended;
    size_t next = 0;
    size_t running = 0;
    std::exception_ptr error;
  };
  if (count == 0) co_return;
  auto join = std::make_shared<Join>(home.clock());
  const auto worker = [join, count, &f]() -> asio::awaitable<void> {
    while (join->next < count) {
      const size_t mine = join->next++;
      co_await f(mine);
    }
  };
  join->running = std::min(width, count);
  for (size_t i = std::min(width, count); i > 0; --i)
    asio::co_spawn(home.executor(), worker(), [join](std::exception_ptr error) {
      if (error && !join->error) join->error = error;
      if (--join->running == 0) join->all_ended.set();
    });
  co_await join->all_ended.wait();
  if (join->error) std::rethrow_exception(join->error);
}

}  // namespace moldau
