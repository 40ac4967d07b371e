// moldau_load consume: connections that do nothing but fetch.
#include <atomic>
#include <memory>
#include <vector>

#include "tests/benchmarks/consumer.h"
#include "tests/benchmarks/consumer_setup.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/run.h"
#include "tests/benchmarks/topic.h"

namespace moldau::bench {
namespace {

constexpr int64_t kLongestWaitNs = 20'000'000;  // Then it is looked whether all is through.

}  // namespace

absl::StatusOr<Report> run_consume(const Options& options) {
  const auto leader = find_leader(options);
  if (!leader.ok()) return leader.status();
  const auto offsets = start_offsets(options);
  if (!offsets.ok()) return offsets.status();
  std::vector<Socket> sockets;
  for (int i = 0; i < options.consumers; ++i) {
    auto socket = connect_to(leader->host, leader->port);
    if (!socket.ok()) return socket.status();
    sockets.push_back(*std::move(socket));
  }

  const Window window = make_window(options);
  std::atomic<int64_t> in_all = 0;
  auto is_over = [&] {
    return options.records > 0 ? in_all >= options.records : now_ns() > window.end_ns;
  };
  return measure(options, window, [&](int thread, Tally& tally) -> absl::Status {
    EventLoop loop;
    std::vector<uint8_t> input(kConsumerInputBytes);
    std::vector<std::unique_ptr<Consumer>> consumers;
    for (int i = thread; i < options.consumers; i += options.threads) {
      consumers.push_back(
          std::make_unique<Consumer>(std::move(sockets[static_cast<size_t>(i)]), options, window,
                                     consumer_setup(i, options, *offsets), input, in_all, tally));
      if (auto s = consumers.back()->start(); !s.ok()) return s;
      if (auto s = loop.add(consumers.back()->socket(), *consumers.back()); !s.ok()) return s;
    }
    while (!is_over()) {
      if (auto s = loop.run_once(now_ns() + kLongestWaitNs); !s.ok()) return s;
      if (options.records == 0) continue;
      if (auto s = check_progress(options, window, tally); !s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

}  // namespace moldau::bench
