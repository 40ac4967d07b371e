// The three kinds of work against a broker. Each returns what all threads counted together.
#pragma once

#include "tests/benchmarks/options.h"
#include "tests/benchmarks/report.h"

#include "absl/status/statusor.h"

namespace moldau::bench {

absl::StatusOr<Report> run_produce(const Options& options);
absl::StatusOr<Report> run_consume(const Options& options);
absl::StatusOr<Report> run_end_to_end(const Options& options);
absl::StatusOr<Report> run_sink(const Options& options);

}  // namespace moldau::bench
