// Virtual time: runs what is ready, then jumps to the next deadline. Same events, same order, every
// time, and an hour passes in no time at all.
#pragma once

#include <boost/asio/io_context.hpp>

#include "replication/clock.h"

namespace moldau {

class SimulatedClock final : public Clock {
 public:
  static constexpr int64_t kEpochWallMs = 1'700'000'000'000;

  Time now() const override { return now_; }
  int64_t wall_ms() const override {
    return kEpochWallMs +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
  }
  // Since the simulation began.
  std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
  }

  // Until nothing is ready and nobody waits for a deadline, or until `end`.
  void run(boost::asio::io_context& ready, Time end = kNever) {
    for (;;) {
      ready.restart();
      ready.poll();
      if (earliest() == kNever || earliest() > end) return;
      now_ = std::max(now_, earliest());
      run_due();
    }
  }

 private:
  void arm(Time) override {}

  Time now_{};
};

}  // namespace moldau
