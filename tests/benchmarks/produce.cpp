// moldau_load produce: connections that do nothing but produce.
#include <algorithm>
#include <memory>
#include <vector>

#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/produce_frames.h"
#include "tests/benchmarks/producer.h"
#include "tests/benchmarks/run.h"
#include "tests/benchmarks/topic.h"

namespace moldau::bench {
namespace {

constexpr int64_t kLongestWaitNs = 100'000'000;

// What all producers have in common.
struct Load {
  const Options& options;
  const Leader& leader;
  const Window& window;
  const ProduceAnswerCheck& check;
  const std::vector<EncodedMessage>& frames;
};

// The part of `total` that falls to number `index` of `count`.
int64_t share(int64_t total, int index, int count) {
  return total * (index + 1) / count - total * index / count;
}

int64_t requests_of(int index, const Options& options) {
  if (options.records == 0) return std::numeric_limits<int64_t>::max();
  const int64_t each = options.records_per_request();
  return share((options.records + each - 1) / each, index, options.producers);
}

Producer::Setup setup_of(int index, const Load& load) {
  Producer::Setup setup{.place = index, .requests = requests_of(index, load.options)};
  for (const size_t frame : frames_of(index, load.options, load.frames.size()))
    setup.frames.push_back({.pieces = load.frames[frame].pieces()});
  if (load.options.rate > 0)
    setup.schedule = RateSchedule(
        load.window.start_ns,
        1e9 * static_cast<double>(load.options.records_per_request()) / load.options.rate,
        load.options.producers);
  return setup;
}

// Serves what is ready, then those that are due. False when all are done.
absl::StatusOr<bool> run_once(EventLoop& loop, std::vector<std::unique_ptr<Producer>>& producers) {
  bool all_done = true;
  int64_t until = now_ns() + kLongestWaitNs;
  for (auto& producer : producers) {
    if (producer->wants_turn() || producer->next_due_ns() <= now_ns())
      if (auto s = producer->pump(); !s.ok()) return s;
    all_done = all_done && producer->is_done();
    until = producer->wants_turn() ? 0 : std::min(until, producer->next_due_ns());
  }
  if (all_done) return false;
  if (auto s = loop.run_once(until); !s.ok()) return s;
  return true;
}

}  // namespace

absl::StatusOr<Report> run_produce(const Options& options) {
  const auto leader = find_leader(options);
  if (!leader.ok()) return leader.status();
  const std::string batch = build_batch(options);
  const auto frames = build_produce_frames(options, batch);
  const ProduceAnswerCheck check(options);
  std::vector<Socket> sockets;
  for (int i = 0; i < options.producers; ++i) {
    auto socket = connect_to(leader->host, leader->port);
    if (!socket.ok()) return socket.status();
    sockets.push_back(*std::move(socket));
  }

  const Window window = make_window(options);
  const Load load{options, *leader, window, check, frames};
  return measure(options, window, [&](int thread, Tally& tally) -> absl::Status {
    EventLoop loop;
    std::vector<std::unique_ptr<Producer>> producers;
    for (int i = thread; i < options.producers; i += options.threads) {
      producers.push_back(std::make_unique<Producer>(std::move(sockets[static_cast<size_t>(i)]),
                                                     options, check, window, setup_of(i, load),
                                                     tally));
      if (auto s = loop.add(producers.back()->socket(), *producers.back()); !s.ok()) return s;
    }
    while (true) {
      auto goes_on = run_once(loop, producers);
      if (!goes_on.ok()) return goes_on.status();
      if (!*goes_on) return absl::OkStatus();
      if (auto s = check_progress(options, window, tally); !s.ok()) return s;
    }
  });
}

}  // namespace moldau::bench
