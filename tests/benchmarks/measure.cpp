#include "tests/benchmarks/measure.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

constexpr double kSetUpSeconds = 0.2;

int64_t nanoseconds(double seconds) { return static_cast<int64_t>(seconds * 1e9); }

// How many threads still run; locked, since it is what the main thread waits for.
class Running {
 public:
  explicit Running(int threads) : threads_(threads) {}
  void end_one() {
    const std::lock_guard lock(mutex_);
    --threads_;
    changed_.notify_all();
  }
  // Until then, or until all have ended.
  void wait_until(int64_t at_ns) {
    std::unique_lock lock(mutex_);
    auto ended = [this] { return threads_ == 0; };
    if (at_ns == Window::kNever) return changed_.wait(lock, ended);
    const auto rest = std::chrono::nanoseconds(std::max<int64_t>(0, at_ns - now_ns()));
    changed_.wait_for(lock, rest, ended);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int threads_;
};

struct Reading {
  double client_cpu_s = 0;
  ServerUse server;
};

absl::StatusOr<Reading> take_reading(const Options& options) {
  Reading reading{.client_cpu_s = cpu_seconds()};
  if (options.watch_pid == 0) return reading;
  auto use = read_use(options.watch_pid);
  if (!use.ok()) return use.status();
  reading.server = *use;
  return reading;
}

double counted_seconds(const Window& window, const Tally& tally) {
  const int64_t end = window.end_ns == Window::kNever ? tally.last_ns : window.end_ns;
  return static_cast<double>(std::max<int64_t>(0, end - window.counted_from_ns)) / 1e9;
}

}  // namespace

Window make_window(const Options& options) {
  const int64_t start = now_ns() + (options.rate > 0 ? nanoseconds(kSetUpSeconds) : 0);
  const int64_t counted_from = start + nanoseconds(options.warmup_seconds);
  return {
      .start_ns = start,
      .counted_from_ns = counted_from,
      .end_ns = options.seconds > 0 ? counted_from + nanoseconds(options.seconds) : Window::kNever};
}

absl::StatusOr<Report> measure(const Options& options, const Window& window,
                               const ThreadWork& work) {
  const auto count = static_cast<size_t>(options.threads);
  std::vector<Tally> tallies(count);
  std::vector<absl::Status> statuses(count);
  Running running(options.threads);
  absl::StatusOr<Reading> before = take_reading(options);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      statuses[i] = work(static_cast<int>(i), tallies[i]);
      running.end_one();
    });
  if (window.counted_from_ns > now_ns()) {
    running.wait_until(window.counted_from_ns);
    before = take_reading(options);
  }
  running.wait_until(window.end_ns);
  const absl::StatusOr<Reading> after = take_reading(options);
  for (auto& thread : threads) thread.join();

  for (const auto& status : statuses)
    if (!status.ok()) return status;
  for (const absl::StatusOr<Reading>* reading : {&std::as_const(before), &after})
    if (!reading->ok()) return reading->status();
  Report report;
  for (const auto& tally : tallies) report.tally.merge(tally);
  report.seconds = counted_seconds(window, report.tally);
  report.client_cpu_s = after->client_cpu_s - before->client_cpu_s;
  if (options.watch_pid != 0) report.server = between(before->server, after->server);
  return report;
}

absl::Status check_progress(const Options& options, const Window& window, const Tally& tally) {
  const bool has_end = window.end_ns != Window::kNever;
  const int64_t since = has_end ? window.end_ns : std::max(window.start_ns, tally.last_ns);
  if (now_ns() - since < nanoseconds(options.stall_seconds)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("nothing came for ", options.stall_seconds, " s",
                   tally.first_error.empty() ? "" : "; first error: ", tally.first_error));
}

}  // namespace moldau::bench
