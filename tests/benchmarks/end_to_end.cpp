// moldau_load end-to-end: produces at a rate and consumes the same, in one thread, so that one
// clock tells how long a record took from when it was due to when its batch was read.
#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "protocol/big_endian.h"
#include "tests/benchmarks/consumer.h"
#include "tests/benchmarks/consumer_setup.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/produce_frames.h"
#include "tests/benchmarks/producer.h"
#include "tests/benchmarks/run.h"
#include "tests/benchmarks/topic.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

constexpr int64_t kLongestWaitNs = 100'000'000;

class EndToEnd {
 public:
  EndToEnd(const Options& options, const Leader& leader, const std::vector<int64_t>& offsets)
      : options_(options),
        leader_(leader),
        offsets_(offsets),
        batch_(build_batch(options)),
        encoded_(build_produce_frames(options, batch_)),
        stamp_position_(stamp_position(batch_)),
        check_(options),
        input_(kConsumerInputBytes) {}

  absl::Status connect(const Window& window, Tally& tally);
  absl::Status run(const Window& window, Tally& tally);

 private:
  Producer::Setup producer_setup(int index, const Window& window);
  Consumer::Setup consumer_setup_for(int index, const Window& window, Tally& tally);
  absl::StatusOr<bool> run_once();
  int64_t records_sent() const;

  const Options& options_;
  const Leader& leader_;
  const std::vector<int64_t>& offsets_;
  const std::string batch_;
  const std::vector<EncodedMessage> encoded_;
  const size_t stamp_position_;
  const ProduceAnswerCheck check_;
  std::vector<uint8_t> input_;
  EventLoop loop_;
  std::deque<std::string> frames_;  // Of all producers; their addresses stay.
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::atomic<int64_t> received_ = 0;
  Tally acknowledged_;
};

absl::Status EndToEnd::connect(const Window& window, Tally& tally) {
  for (int i = 0; i < options_.consumers; ++i) {
    auto socket = connect_to(leader_.host, leader_.port);
    if (!socket.ok()) return socket.status();
    consumers_.push_back(std::make_unique<Consumer>(*std::move(socket), options_, window,
                                                    consumer_setup_for(i, window, tally), input_,
                                                    received_, tally));
    if (auto s = consumers_.back()->start(); !s.ok()) return s;
    if (auto s = loop_.add(consumers_.back()->socket(), *consumers_.back()); !s.ok()) return s;
  }
  for (int i = 0; i < options_.producers; ++i) {
    auto socket = connect_to(leader_.host, leader_.port);
    if (!socket.ok()) return socket.status();
    producers_.push_back(std::make_unique<Producer>(*std::move(socket), options_, check_, window,
                                                    producer_setup(i, window), acknowledged_));
    if (auto s = loop_.add(producers_.back()->socket(), *producers_.back()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// A frame is written again only after its answer has come: there are as many as may be in flight,
// and more until every partition has had its turn.
Producer::Setup EndToEnd::producer_setup(int index, const Window& window) {
  const double requests_per_s = options_.rate / static_cast<double>(options_.batch_records);
  Producer::Setup setup{
      .stamp_position = stamp_position_,
      .schedule = RateSchedule(window.start_ns, 1e9 / requests_per_s, options_.producers),
      .place = index,
      .requests = std::numeric_limits<int64_t>::max()};
  const auto numbers = frames_of(index, options_, encoded_.size());
  while (setup.frames.size() < static_cast<size_t>(options_.in_flight))
    for (const size_t number : numbers) {
      std::string& frame = frames_.emplace_back(encoded_[number].flatten());
      const MutableBytes bytes(reinterpret_cast<uint8_t*>(frame.data()), frame.size());
      setup.frames.push_back(
          {.pieces = {bytes}, .batch = bytes.subspan(frame.find(batch_), batch_.size())});
    }
  return setup;
}

Consumer::Setup EndToEnd::consumer_setup_for(int index, const Window& window, Tally& tally) {
  Consumer::Setup setup = consumer_setup(index, options_, offsets_);
  setup.head_bytes = stamp_position_ + kStampBytes;
  setup.on_batch = [this, &window, &tally](Bytes head, int64_t now) {
    const auto due = load_big_endian<int64_t>(head.data() + stamp_position_);
    if (due >= window.counted_from_ns && due < window.end_ns)
      tally.latency_ns.record(static_cast<uint64_t>(std::max<int64_t>(0, now - due)));
  };
  return setup;
}

// False when all that was sent is acknowledged.
absl::StatusOr<bool> EndToEnd::run_once() {
  bool all_done = true;
  int64_t until = now_ns() + kLongestWaitNs;
  for (auto& producer : producers_) {
    if (producer->wants_turn() || producer->next_due_ns() <= now_ns())
      if (auto s = producer->pump(); !s.ok()) return s;
    all_done = all_done && producer->is_done();
    until = producer->wants_turn() ? 0 : std::min(until, producer->next_due_ns());
  }
  if (auto s = loop_.run_once(until); !s.ok()) return s;
  return !all_done;
}

int64_t EndToEnd::records_sent() const {
  int64_t requests = 0;
  for (const auto& producer : producers_) requests += producer->sent();
  return requests * options_.batch_records;
}

// Until everything that was sent has come, or nothing comes any more.
absl::Status EndToEnd::run(const Window& window, Tally& tally) {
  while (true) {
    auto goes_on = run_once();
    if (!goes_on.ok()) return goes_on.status();
    if (!*goes_on && received_ + acknowledged_.errors * options_.batch_records >= records_sent())
      break;
    if (auto s = check_progress(options_, window, tally); !s.ok())
      return absl::DataLossError(absl::StrCat("sent ", records_sent(), " records, received ",
                                              received_.load(), "; ", s.message(), " ",
                                              acknowledged_.first_error));
  }
  tally.errors += acknowledged_.errors;
  tally.unsent += acknowledged_.unsent;
  tally.first_error = acknowledged_.first_error;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> run_end_to_end(const Options& options) {
  const auto leader = find_leader(options);
  if (!leader.ok()) return leader.status();
  const auto offsets = start_offsets(options);
  if (!offsets.ok()) return offsets.status();
  EndToEnd both(options, *leader, *offsets);
  const Window window = make_window(options);
  return measure(options, window, [&](int, Tally& tally) -> absl::Status {
    if (auto s = both.connect(window, tally); !s.ok()) return s;
    return both.run(window, tally);
  });
}

}  // namespace moldau::bench
