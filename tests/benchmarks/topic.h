// What has to be known of a topic before it can be loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/benchmarks/options.h"

#include "absl/status/statusor.h"

namespace moldau::bench {

struct Leader {
  std::string host;
  int port = 0;
};

// The broker that leads all the partitions in use. FailedPrecondition if they have several: one
// broker is loaded at a time.
absl::StatusOr<Leader> find_leader(const Options& options);

// Where each partition begins or ends, by `from_latest`.
absl::StatusOr<std::vector<int64_t>> start_offsets(const Options& options);

}  // namespace moldau::bench
