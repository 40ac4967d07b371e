// What a run found, as JSON:
//
//   records, bytes, requests    what went through in the counted stretch
//   seconds                     how long that was
//   records_per_s, mb_per_s     10^6 bytes; produced ones are values, consumed ones whole batches
//   latency_us                  {count, p50, p90, p99, p999, max}, if any was measured
//   errors, first_error         answers with an error code, and what the first said
//   unsent                      requests due by --rate that the broker's slowness kept from being
//                               sent; produce counts them in the latency with what they waited
//   client_cpu_s                CPU time of this process, user and system
//   server                      with --watch, or by sink: {cpu_s, written_bytes, rss_bytes,
//                               peak_rss_bytes} of that process, over the same stretch
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/benchmarks/tally.h"

#include "absl/status/statusor.h"

namespace moldau::bench {

struct ServerUse {
  double cpu_s = 0;
  int64_t written_bytes = 0;  // That went to the disk or will (/proc/PID/io).
  int64_t rss_bytes = 0;
  int64_t peak_rss_bytes = 0;
};

struct Report {
  Tally tally;
  double seconds = 0;
  double client_cpu_s = 0;
  std::optional<ServerUse> server;
};

std::string to_json(const Report& report);

// CPU time of this process so far.
double cpu_seconds();
// NotFound if there is no such process. What may not be read is 0.
absl::StatusOr<ServerUse> read_use(int pid);
// Between two readings; memory as in the later one.
ServerUse between(const ServerUse& before, const ServerUse& after);

}  // namespace moldau::bench
