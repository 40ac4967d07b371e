#include "replication/event.h"

#include <random>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "tests/simulation/simulated_clock.h"

namespace moldau {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EventTest : public testing::Test {
 protected:
  template <class F>
  void spawn(F coroutine) {
    asio::co_spawn(context_, std::move(coroutine), asio::detached);
  }
  void note(const std::string& what) {
    trace_ += std::to_string(clock_.elapsed().count()) + ":" + what + " ";
  }

  SimulatedClock clock_;
  asio::io_context context_;
  std::string trace_;
};

TEST_F(EventTest, WaiterIsWokenBySetBeforeTheDeadline) {
  Event event(clock_);
  spawn([&]() -> asio::awaitable<void> {
    auto was_set = co_await event.wait_until(clock_.now() + seconds(30));
    note(was_set ? "set" : "deadline");
  });
  spawn([&]() -> asio::awaitable<void> {
    co_await sleep_until(clock_, clock_.now() + seconds(2));
    event.set();
    note("setter");
  });
  clock_.run(context_);
  EXPECT_EQ(trace_, "2000:setter 2000:set ");
}

TEST_F(EventTest, DeadlineEndsTheWait) {
  Event event(clock_);
  spawn([&]() -> asio::awaitable<void> {
    auto was_set = co_await event.wait_until(clock_.now() + milliseconds(500));
    note(was_set ? "set" : "deadline");
    event.set();
    auto again = co_await event.wait_until(clock_.now() + milliseconds(500));
    note(again ? "set" : "deadline");
    auto third = co_await event.wait_until(clock_.now() + milliseconds(500));
    note(third ? "set" : "deadline");
  });
  clock_.run(context_);
  EXPECT_EQ(trace_, "500:deadline 500:set 1000:deadline ");
}

TEST_F(EventTest, ManySetsBeforeAWaitAreOne) {
  Event event(clock_);
  event.set();
  event.set();
  spawn([&]() -> asio::awaitable<void> {
    co_await event.wait();
    auto again = co_await event.wait_until(clock_.now() + milliseconds(1));
    note(again ? "set" : "deadline");
  });
  clock_.run(context_);
  EXPECT_EQ(trace_, "1:deadline ");
}

TEST_F(EventTest, SetCancelsTheTimer) {
  Event event(clock_);
  spawn([&]() -> asio::awaitable<void> {
    co_await event.wait_until(clock_.now() + seconds(3600));
    note("woken");
  });
  context_.poll();
  event.set();
  clock_.run(context_);
  EXPECT_EQ(trace_, "0:woken ");
  EXPECT_EQ(clock_.elapsed(), seconds(0)) << "nobody was left to wait for the hour to pass";
}

TEST_F(EventTest, SharedEventOutlivesItsWaiter) {
  auto event = std::make_shared<SharedEvent>(context_.get_executor(), clock_);
  std::weak_ptr<SharedEvent> watched = event;
  spawn([this, event = std::move(event)]() -> asio::awaitable<void> {
    auto was_set = co_await event->wait_until(clock_.now() + seconds(1));
    note(was_set ? "set" : "deadline");
  });
  clock_.run(context_, clock_.now() + milliseconds(999));
  watched.lock()->set();
  clock_.run(context_);
  EXPECT_EQ(trace_, "0:set ");
  EXPECT_TRUE(watched.expired());
}

TEST_F(EventTest, ClearDropsTheCoroutinesThatWait) {
  auto alive = std::make_shared<int>(0);
  std::weak_ptr<int> watched = alive;
  spawn([this, alive = std::move(alive)]() -> asio::awaitable<void> {
    Event event(clock_);
    co_await event.wait();
    note("woken");
  });
  clock_.run(context_);
  EXPECT_FALSE(watched.expired());
  clock_.clear();
  clock_.run(context_);
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(trace_, "");
}

// A fetch, as a handler writes it: waits for appends until it has enough or its time is up.
class Partition {
 public:
  explicit Partition(Clock& clock) : clock_(clock) {}

  void append(int bytes) {
    bytes_ += bytes;
    for (Event* event : waiting_) event->set();
  }
  asio::awaitable<int> fetch(int from, int min_bytes, milliseconds max_wait) {
    const auto deadline = clock_.now() + max_wait;
    Event event(clock_);
    waiting_.push_back(&event);
    for (bool in_time = true; in_time && bytes_ - from < min_bytes;) {
      in_time = co_await event.wait_until(deadline);
    }
    std::erase(waiting_, &event);
    co_return bytes_ - from;
  }

 private:
  Clock& clock_;
  int bytes_ = 0;
  std::vector<Event*> waiting_;
};

std::string simulate(uint64_t seed, milliseconds* elapsed) {
  SimulatedClock clock;
  asio::io_context context;
  std::mt19937_64 random(seed);
  std::string trace;
  Partition partition(clock);
  auto produce = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 1000; ++i) {
      co_await sleep_until(clock, clock.now() + milliseconds(random() % 1000));
      partition.append(static_cast<int>(random() % 100));
    }
  };
  auto consume = [&](int id) -> asio::awaitable<void> {
    for (int from = 0, empty = 0; empty < 20;) {
      auto bytes = co_await partition.fetch(from, 100, milliseconds(500));
      from += bytes;
      empty = bytes == 0 ? empty + 1 : 0;
      trace += std::to_string(id) + "@" + std::to_string(clock.elapsed().count()) + "+" +
               std::to_string(bytes) + " ";
    }
  };
  asio::co_spawn(context, produce, asio::detached);
  asio::co_spawn(context, consume(1), asio::detached);
  asio::co_spawn(context, consume(2), asio::detached);
  clock.run(context);
  *elapsed = clock.elapsed();
  return trace;
}

TEST(VirtualTimeTest, SameSeedSameTrace) {
  milliseconds first{}, second{}, other{};
  std::string trace = simulate(1, &first);
  EXPECT_EQ(simulate(1, &second), trace);
  EXPECT_EQ(first, second);
  EXPECT_NE(simulate(2, &other), trace);
  EXPECT_GT(first, seconds(400)) << "a thousand sleeps of half a second on average";
}

}  // namespace
}  // namespace moldau
