#include "replication/clock.h"

namespace moldau {

Clock::Timer Clock::call_at(Time at, Callback callback) {
  Timer timer{at, next_id_++};
  timers_.emplace(timer, std::move(callback));
  if (at < armed_) {
    armed_ = at;
    arm(at);
  }
  return timer;
}

Clock::Callback Clock::take(const Timer& timer) {
  // The wish for a call stays as it is: cancelled deadlines, by far the most, then cost no system
  // call, and the one early call that may follow finds nothing due and asks for the next.
  auto node = timers_.extract(timer);
  return node.empty() ? Callback() : std::move(node.mapped());
}

void Clock::run_due() {
  armed_ = kNever;
  const Time time = now();
  while (!timers_.empty() && timers_.begin()->first.first <= time) {
    auto node = timers_.extract(timers_.begin());
    std::move(node.mapped())(true);
  }
  if (earliest() < armed_) {
    armed_ = earliest();
    arm(armed_);
  }
}

void Clock::clear() {
  // One by one: what a callback owns may cancel other timers as it goes.
  while (!timers_.empty()) auto dropped = timers_.extract(timers_.begin());
}

}  // namespace moldau
