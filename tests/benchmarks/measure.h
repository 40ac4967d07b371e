// Runs the threads of a load, and reads what the counted stretch of time has cost.
#pragma once

#include <functional>
#include <vector>

#include "tests/benchmarks/options.h"
#include "tests/benchmarks/report.h"
#include "tests/benchmarks/tally.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::bench {

// Begins now, or with a rate as soon as the threads are ready for the first request.
Window make_window(const Options& options);

using ThreadWork = std::function<absl::Status(int thread, Tally& tally)>;

// Calls `work` once on each thread. The first error of any is the result.
absl::StatusOr<Report> measure(const Options& options, const Window& window,
                               const ThreadWork& work);

// DeadlineExceeded when nothing has come for options.stall_seconds after the window's end, or, if
// that is not known, since the last answer.
absl::Status check_progress(const Options& options, const Window& window, const Tally& tally);

}  // namespace moldau::bench
