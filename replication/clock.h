// Time, for everything above storage: what the time is, and who is to be called when.
//
// A clock belongs to one executor: call_at() and take() are called there, and callbacks run there.
// The daemon's is broker/runtime/clock.h; the simulator steps one by hand, so nothing else in the
// layers above may sleep, poll or ask the system for the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace moldau {

class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Runs once: with true because its time has come, with false if somebody took and called it.
  using Callback = absl::AnyInvocable<void(bool expired)>;
  using Timer = std::pair<Time, uint64_t>;

  static constexpr Time kNever = Time::max();

  virtual ~Clock() { clear(); }

  virtual Time now() const = 0;         // Any thread.
  virtual int64_t wall_ms() const = 0;  // Any thread. Milliseconds since 1970, may go back.

  // The clock owns the callback until it ran or was taken.
  Timer call_at(Time at, Callback callback);
  // Takes the callback back; an empty one if it ran, or was taken, already.
  Callback take(const Timer& timer);
  // Drops all callbacks without running them. Coroutines that wait in them are unwound in a turn of
  // their executor, and use the clock there: it has to outlive the io_context.
  void clear();

 protected:
  // Asks for one call of run_due() at `earliest` or soon after, replacing an earlier such wish.
  // Called only when the wish moves to an earlier time, or from run_due() for the next one.
  virtual void arm(Time earliest) = 0;
  void run_due();
  Time earliest() const { return timers_.empty() ? kNever : timers_.begin()->first.first; }

 private:
  std::map<Timer, Callback> timers_;
  Time armed_ = kNever;
  uint64_t next_id_ = 0;
};

}  // namespace moldau
