// What one thread counts, and the stretch of time in which it counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>
#include <string>

#include "tests/benchmarks/histogram.h"

namespace moldau::bench {

inline int64_t now_ns() {  // CLOCK_MONOTONIC.
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

struct Window {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  int64_t start_ns = 0;
  int64_t counted_from_ns = 0;
  int64_t end_ns = kNever;  // kNever: until the records are through.

  bool counts(int64_t at_ns) const { return at_ns >= counted_from_ns && at_ns <= end_ns; }
};

struct Tally {
  int64_t records = 0;
  int64_t bytes = 0;  // Produced: of values. Consumed: of batches, as they come.
  int64_t requests = 0;
  int64_t errors = 0;
  int64_t unsent = 0;  // Requests that were due, and for which there was no room until the end.
  std::string first_error;
  int64_t last_ns = 0;  // The last answer that counted.
  Histogram latency_ns;

  void add(int64_t at_ns, int64_t more_records, int64_t more_bytes) {
    records += more_records;
    bytes += more_bytes;
    last_ns = at_ns;
  }
  void fail(int64_t count, std::string what) {
    errors += count;
    if (first_error.empty()) first_error = std::move(what);
  }
  void merge(const Tally& other) {
    records += other.records;
    bytes += other.bytes;
    requests += other.requests;
    errors += other.errors;
    unsent += other.unsent;
    if (first_error.empty()) first_error = other.first_error;
    last_ns = std::max(last_ns, other.last_ns);
    latency_ns.merge(other.latency_ns);
  }
};

}  // namespace moldau::bench
