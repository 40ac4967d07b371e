// When requests are due in an open loop: evenly spaced from the start, whether or not the broker
// keeps up, and dealt out to the connections in turn.
#pragma once

#include <cstdint>

namespace moldau::bench {

class RateSchedule {
 public:
  RateSchedule() = default;
  // `interval_ns` between two requests of all `connections` together.
  RateSchedule(int64_t start_ns, double interval_ns, int connections)
      : start_ns_(start_ns), interval_ns_(interval_ns), connections_(connections) {}

  // The `nth` request (from 0) of one connection. No error adds up over time.
  int64_t due_ns(int connection, int64_t nth) const {
    const int64_t number = nth * connections_ + connection;
    return start_ns_ + static_cast<int64_t>(static_cast<double>(number) * interval_ns_);
  }

 private:
  int64_t start_ns_ = 0;
  double interval_ns_ = 0;
  int connections_ = 1;
};

}  // namespace moldau::bench
