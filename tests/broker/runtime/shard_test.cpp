#include "broker/runtime/shard.h"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>

#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "broker/runtime/disk_pool.h"
#include "replication/event.h"

namespace moldau {
namespace {

using std::chrono::milliseconds;

// Runs a coroutine on a shard and waits for its result.
template <class F>
auto run(Shard& shard, F coroutine) {
  return asio::co_spawn(shard.executor(), std::move(coroutine), asio::use_future).get();
}

class ShardTest : public testing::Test {
 protected:
  ShardTest() { shards_.start(); }
  Shards shards_{2};
};

TEST_F(ShardTest, CallsRunThereAndComeBack) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    auto here = std::this_thread::get_id();
    auto there = co_await on(shards_[1], [] { return std::this_thread::get_id(); });
    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here);
    auto in_place = co_await on(shards_[0], [] { return std::this_thread::get_id(); });
    EXPECT_EQ(in_place, here);
  });
}

TEST_F(ShardTest, CoroutinesRunThereThroughout) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    auto work = [this]() -> asio::awaitable<bool> {
      co_await sleep_until(shards_[1].clock(), shards_[1].clock().now() + milliseconds(1));
      co_return shards_[1].is_current();
    };
    auto was_there = co_await on(shards_[1], work);
    EXPECT_TRUE(was_there);
    EXPECT_TRUE(shards_[0].is_current());
  });
}

TEST_F(ShardTest, ExceptionsComeBack) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    bool caught = false;
    try {
      co_await on(shards_[1], [] { throw std::runtime_error("there"); });
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
    EXPECT_TRUE(shards_[0].is_current());
  });
}

TEST_F(ShardTest, CallsOfOneShardArriveInOrder) {
  constexpr int kCalls = 1000;
  std::vector<int> order;
  std::promise<void> done;
  asio::post(shards_[0].executor(), [&] {
    for (int i = 0; i < kCalls; ++i) {
      auto call = [&, i]() -> asio::awaitable<void> {
        co_await on(shards_[1], [&order, i] { order.push_back(i); });
        if (i == kCalls - 1) done.set_value();
      };
      asio::co_spawn(shards_[0].executor(), call, asio::detached);
    }
  });
  done.get_future().wait();
  ASSERT_EQ(order.size(), size_t{kCalls});
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(ShardTest, DeadlinesPassInRealTime) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    Clock& clock = shards_[0].clock();
    auto before = clock.now();
    Event event(clock);
    auto was_set = co_await event.wait_until(before + milliseconds(20));
    EXPECT_FALSE(was_set);
    EXPECT_GE(clock.now() - before, milliseconds(20));
  });
}

TEST_F(ShardTest, AnEarlierDeadlineIsNotHeldUpByALaterOne) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    Clock& clock = shards_[0].clock();
    auto before = clock.now();
    auto late = clock.call_at(before + std::chrono::hours(1), [](bool) {});
    co_await sleep_until(clock, before + milliseconds(10));
    EXPECT_LT(clock.now() - before, std::chrono::seconds(30));
    clock.take(late);
  });
}

TEST_F(ShardTest, SharedEventIsSetFromAnotherThread) {
  run(shards_[0], [this]() -> asio::awaitable<void> {
    auto event = std::make_shared<SharedEvent>(shards_[0].executor(), shards_[0].clock());
    std::thread setter([event] { event->set(); });
    auto was_set = co_await event->wait_until(Clock::kNever);
    setter.join();
    EXPECT_TRUE(was_set);
    EXPECT_TRUE(shards_[0].is_current());
  });
}

TEST_F(ShardTest, StopDropsCoroutinesThatWaitOnAnotherShard) {
  auto alive = std::make_shared<int>(0);
  std::weak_ptr<int> watched = alive;
  std::promise<void> waiting;
  auto wait = [this, alive = std::move(alive), &waiting]() -> asio::awaitable<void> {
    auto sleep = [this, &waiting]() -> asio::awaitable<void> {
      Event never(shards_[1].clock());
      waiting.set_value();
      co_await never.wait();
    };
    co_await on(shards_[1], sleep);
  };
  asio::co_spawn(shards_[0].executor(), std::move(wait), asio::detached);
  waiting.get_future().wait();
  shards_.stop();
  EXPECT_TRUE(watched.expired());
}

TEST_F(ShardTest, IdleShardsUseNoProcessorTime) {
  auto cpu_ms = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
  };
  run(shards_[0], [this]() -> asio::awaitable<void> {
    shards_[0].clock().call_at(shards_[0].clock().now() + std::chrono::hours(1), [](bool) {});
    co_return;
  });
  auto before = cpu_ms();
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_LE(cpu_ms() - before, 20);
}

TEST_F(ShardTest, PartitionsHaveOneOwnerAndSpread) {
  Uuid topic{1, 2, 3};
  std::vector<int> owned(2);
  for (int partition = 0; partition < 100; ++partition) {
    Shard& owner = shards_.of(topic, partition);
    EXPECT_EQ(&owner, &shards_.of(topic, partition));
    ++owned[static_cast<size_t>(owner.index())];
  }
  EXPECT_GE(owned[0], 30);
  EXPECT_GE(owned[1], 30);
}

TEST_F(ShardTest, DiskPoolWorksElsewhereAndComesBack) {
  DiskPool pool(2);
  run(shards_[0], [this, &pool]() -> asio::awaitable<void> {
    auto here = std::this_thread::get_id();
    auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(there, here);
    EXPECT_TRUE(shards_[0].is_current());
    DiskPool none(0);
    auto in_place = co_await none.run([] { return std::this_thread::get_id(); });
    EXPECT_EQ(in_place, here);
  });
}

}  // namespace
}  // namespace moldau
