// How a coroutine sleeps: until something happened, or a deadline.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "replication/clock.h"

namespace moldau {

namespace asio = boost::asio;

// For one executor, that of `clock`, and one waiting coroutine at a time. A set() that comes before
// the wait ends that wait at once; a wait consumes it. The waiter goes on in a turn of its own, so
// set() never runs foreign code. Must outlive the wait, as a local of the waiting coroutine does.
class Event {
 public:
  explicit Event(Clock& clock) : clock_(clock) {}
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // True if it was set, false at the deadline. Clock::kNever waits for ever.
  asio::awaitable<bool> wait_until(Clock::Time deadline);
  asio::awaitable<void> wait();
  void set();
  void reset() { is_set_ = false; }
  bool is_set() const { return is_set_; }

 private:
  Clock& clock_;
  bool is_set_ = false;
  std::optional<Clock::Timer> timer_;  // While a coroutine waits.
  asio::any_io_executor executor_;     // Of that coroutine.
};

// The same, set from any thread: set() goes through the executor of the waiter. Held in a
// shared_ptr by both sides, so either may go first.
class SharedEvent : public std::enable_shared_from_this<SharedEvent> {
 public:
  SharedEvent(asio::any_io_executor executor, Clock& clock)
      : executor_(std::move(executor)), event_(clock) {}

  asio::awaitable<bool> wait_until(Clock::Time deadline) { return event_.wait_until(deadline); }
  void set();

 private:
  asio::any_io_executor executor_;
  std::atomic<bool> posted_ = false;  // Many sets before the waiter runs are one.
  Event event_;
};

asio::awaitable<void> sleep_until(Clock& clock, Clock::Time deadline);

}  // namespace moldau
