// Groups and whoever speaks to them: requests of the group protocols one after another, and records
// that a coordinator finds in its log. Nothing of that may bring it down, no ticket is answered
// twice, and it can always be made again from its records.
//
//   input   := item*
//   item    := kind:byte version:byte pause:byte size:uint16 body    pause in half seconds
//   body    := the request in that version (kinds 0 to 4), in the order of `Requests`
//            | nothing (kind 5): the coordinator is made again
//            | key_size:byte key value (kind 6): a record from its log; then as kind 5
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "broker/groups/group_core.h"
#include "protocol/big_endian.h"
#include "tests/broker/groups/topics.h"
#include "tests/fuzz/require.h"

namespace moldau {
namespace {

using Requests =
    std::tuple<JoinGroup, SyncGroup, GroupHeartbeat, LeaveGroup, ConsumerGroupHeartbeat>;
constexpr uint8_t kRestart = 5, kRecord = 6;
constexpr size_t kItemHeaderBytes = 5;
constexpr int64_t kPauseMs = 500;

std::shared_ptr<const ClusterImage> two_topics() {
  ClusterImage image;
  create_topic(image, "t0", topic_id(0), 3);
  create_topic(image, "t1", topic_id(1), 2);
  return std::make_shared<const ClusterImage>(image);
}

class Coordinator {
 public:
  Coordinator() { restart(); }

  void take(uint8_t kind, Version version, Bytes body) {
    if (kind == kRestart) return restart();
    if (kind == kRecord) return add_record(body);
    take_if(kind, version, body, std::make_index_sequence<std::tuple_size_v<Requests>>());
  }
  void pause(int64_t ms) {
    now_.steady_ms += ms;
    now_.wall_ms += ms;
    int wakes = 0;
    while (core_->wake_at().value_or(now_.steady_ms + 1) <= now_.steady_ms) {
      require(++wakes < 1000, "deadlines go away");
      keep(core_->wake(now_));
    }
  }

 private:
  template <size_t... I>
  void take_if(uint8_t kind, Version version, Bytes body, std::index_sequence<I...>) {
    (void)((kind == I && (submit<std::tuple_element_t<I, Requests>>(version, body), true)) || ...);
  }

  template <class E>
  void submit(Version version, Bytes body) {
    E event{};
    if (!decode(event.request, body, version).ok()) return;
    event.caller = {.client_id = "c", .client_host = "/127.0.0.1", .version = version};
    if constexpr (requires { event.fresh_uuid; }) event.fresh_uuid = std::to_string(++uuids_);
    if constexpr (requires { event.image; }) event.image = image_;
    const Ticket ticket = ++last_ticket_;
    waiting_.insert(ticket);
    keep(core_->step(ticket, event, now_));
    keep(core_->step(0, DescribeClassicGroup{event.request.group_id, 6}, now_));
    keep(core_->step(0, DescribeConsumerGroup{event.request.group_id, image_}, now_));
  }

  void keep(const GroupOutcome& outcome) {
    for (const auto& record : outcome.records) core_->apply(record);
    for (const auto& answer : outcome.answers) {
      require(answer.ticket == 0 || waiting_.erase(answer.ticket) == 1, "one answer a ticket");
    }
  }

  void restart() {
    core_ = std::make_unique<GroupCore>(state_, GroupCore::Limits{});
    core_->begin(now_);
    waiting_.clear();
  }

  void add_record(Bytes body) {
    if (body.empty() || body.size() - 1 < body[0]) return;
    core_->apply({.key = std::string(as_text(body.subspan(1, body[0]))),
                  .value = std::string(as_text(body.subspan(1 + size_t{body[0]})))});
    restart();
  }

  const std::shared_ptr<const ClusterImage> image_ = two_topics();
  std::unique_ptr<Table> table_ = make_memory_table();
  FoldedState state_{*table_, "p"};
  std::unique_ptr<GroupCore> core_;
  Time now_{.wall_ms = 1'700'000'000'000, .steady_ms = 1000};
  Ticket last_ticket_ = 0;
  int uuids_ = 0;
  std::set<Ticket> waiting_;
};

}  // namespace
}  // namespace moldau

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  Coordinator coordinator;
  Bytes rest{data, size};
  while (rest.size() >= kItemHeaderBytes) {
    const size_t body = load_big_endian<uint16_t>(rest.data() + 3);
    const Bytes item =
        rest.subspan(kItemHeaderBytes).first(std::min(body, rest.size() - kItemHeaderBytes));
    coordinator.take(rest[0], rest[1], item);
    coordinator.pause(rest[2] * kPauseMs);
    rest = rest.subspan(kItemHeaderBytes + item.size());
  }
  return 0;
}
