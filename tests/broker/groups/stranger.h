// Whoever may reach a coordinator: any request of the group protocols, with anything in it, in any
// order. What answers give away (ids of members) is used in later requests.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/broker/groups/honest_members.h"

namespace moldau {

class Stranger {
 public:
  explicit Stranger(Surroundings& around) : around_(around), dice_(around.dice) {}

  // To a group of its own kind.
  void send_anything(const std::string& group) {
    switch (dice_.below(6)) {
      case 0:
        return submit(join(group));
      case 1:
        return submit(sync(group));
      case 2:
        return submit(beat(group, any_id()));
      case 3:
        return submit(leave(group, any_id()));
      default:
        return submit(heartbeat(group, any_id(), dice_.below(7) - 3));
    }
  }

  // To a group of honest members: it neither takes their ids nor becomes a member that they would
  // have to lead.
  void bother(const std::string& group) {
    const std::string id = "stranger-" + std::to_string(dice_.below(3));
    switch (dice_.below(4)) {
      case 0: {
        SyncGroup event = sync(group);
        event.request.member_id = id;
        return submit(event);
      }
      case 1:
        return submit(beat(group, id));
      case 2:
        return submit(leave(group, id));
      default:
        return submit(heartbeat(group, id, dice_.below(7) - 3));
    }
  }

  std::string any_id() {
    return ids_.empty() || dice_.one_in(8) ? some(std::array{"", "nobody", "x"}) : dice_.pick(ids_);
  }
  int32_t any_number() { return static_cast<int32_t>(dice_.below(8)) - 2; }

 private:
  template <class Range>
  std::string some(const Range& range) {
    return std::string(dice_.pick(range));
  }
  std::optional<std::string> maybe_instance() {
    if (!dice_.one_in(4)) return std::nullopt;
    return some(std::array{"i1", "i2", ""});
  }
  std::vector<std::string> some_topics() {
    std::vector<std::string> topics;
    while (!dice_.one_in(3)) topics.push_back("topic-" + std::to_string(dice_.below(5)));
    return topics;
  }
  Caller caller(Version last) {
    return {.client_id = "stranger",
            .client_host = "/127.0.0.1",
            .version = static_cast<Version>(dice_.below(last + 1))};
  }
  // Well-formed for the most part.
  Bytes bytes_like(std::string well_formed) {
    if (dice_.one_in(4)) well_formed.resize(well_formed.size() / 2);
    if (dice_.one_in(8)) well_formed[0] = static_cast<char>(dice_.below(256));
    return as_bytes(bytes_.emplace_back(std::move(well_formed)));
  }

  JoinGroup join(const std::string& group) {
    JoinGroup event;
    event.request.group_id = group;
    event.request.session_timeout_ms = static_cast<int32_t>(dice_.one_in(8) ? 1 : 6000);
    event.request.rebalance_timeout_ms = static_cast<int32_t>(dice_.below(10'000)) - 1;
    event.request.member_id = any_id();
    event.request.group_instance_id = maybe_instance();
    event.request.protocol_type = some(std::array{"consumer", "consumer", "connect", ""});
    while (!dice_.one_in(3)) {
      ConsumerProtocolSubscription subscription;
      subscription.topics = some_topics();
      event.request.protocols.push_back({some(std::array{"range", "sticky", "own"}),
                                         bytes_like(write_subscription(subscription, 3))});
    }
    event.caller = caller(9);
    event.fresh_uuid = around_.fresh_uuid();
    event.image = around_.image;
    return event;
  }

  SyncGroup sync(const std::string& group) {
    SyncGroup event;
    event.request.group_id = group;
    event.request.member_id = any_id();
    event.request.generation_id = any_number();
    event.request.group_instance_id = maybe_instance();
    if (dice_.one_in(4)) event.request.protocol_type = "consumer";
    if (dice_.one_in(4)) event.request.protocol_name = "range";
    while (!dice_.one_in(3)) {
      ConsumerProtocolAssignment assignment;
      assignment.assigned_partitions.push_back({"topic-1", {any_number(), any_number()}});
      event.request.assignments.push_back({any_id(), bytes_like(write_assignment(assignment, 1))});
    }
    event.caller = caller(5);
    return event;
  }

  GroupHeartbeat beat(const std::string& group, std::string id) {
    GroupHeartbeat event;
    event.request.group_id = group;
    event.request.member_id = std::move(id);
    event.request.generation_id = any_number();
    event.request.group_instance_id = maybe_instance();
    event.caller = caller(4);
    return event;
  }

  LeaveGroup leave(const std::string& group, const std::string& id) {
    LeaveGroup event;
    event.request.group_id = group;
    event.request.member_id = id;
    event.caller = caller(5);
    if (event.caller.version >= 3) event.request.members = {{id, std::nullopt, std::nullopt}};
    return event;
  }

  ConsumerGroupHeartbeat heartbeat(const std::string& group, std::string id, int64_t epoch) {
    ConsumerGroupHeartbeat event;
    ConsumerGroupHeartbeatRequest& request = event.request;
    request.group_id = group;
    request.member_id = std::move(id);
    request.member_epoch = static_cast<int32_t>(epoch);
    request.instance_id = maybe_instance();
    if (!dice_.one_in(3)) request.rebalance_timeout_ms = static_cast<int32_t>(dice_.below(9000));
    if (!dice_.one_in(3)) request.subscribed_topic_names = some_topics();
    if (dice_.one_in(4))
      request.subscribed_topic_regex = some(std::array{"topic-.*", "[", "", "topic-[12]"});
    if (dice_.one_in(4)) request.server_assignor = some(std::array{"range", "uniform", "other"});
    if (!dice_.one_in(3)) request.topic_partitions.emplace();
    if (request.topic_partitions && dice_.one_in(3)) {
      for (const auto& [name, topic] : around_.image->topics())
        request.topic_partitions->push_back({topic->id, {any_number()}});
    }
    event.caller = caller(1);
    event.fresh_uuid = around_.fresh_uuid();
    event.image = around_.image;
    return event;
  }

  template <class E>
  void submit(const E& event) {
    around_.shell.submit(GroupEvent(event), [this](const GroupReply* reply, int64_t) {
      if (reply) learn(*reply);
    });
    bytes_.clear();
  }
  void learn(const GroupReply& reply) {
    if (const auto* joined = std::get_if<JoinGroup::Reply>(&reply)) {
      learn(joined->response.member_id);
    } else if (const auto* beaten = std::get_if<ConsumerGroupHeartbeat::Reply>(&reply)) {
      learn(beaten->member_id.value_or(""));
    }
  }
  void learn(const std::string& id) {
    if (id.empty()) return;
    if (ids_.size() < 6) ids_.emplace_back();
    ids_[static_cast<size_t>(dice_.below(static_cast<int64_t>(ids_.size())))] = id;
  }

  Surroundings& around_;
  Dice& dice_;
  std::vector<std::string> ids_;
  std::deque<std::string> bytes_;  // That requests point to.
};

}  // namespace moldau
