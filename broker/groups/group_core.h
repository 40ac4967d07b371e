// The coordinator of the groups of one partition of __consumer_offsets: which group an event goes
// to, what becomes of groups as a whole, and the offsets that they committed.
//
// A group is of one type at a time: classic (classic_group.h), of the protocol of KIP-848
// (consumer_group.h), or simple: nothing but offsets, for consumers that share their work without
// the broker. An empty group takes the type of whoever joins it; one with members is converted
// where group.consumer.migration.policy allows it.
//
// Folded state (folded_state.h), where `name` is length:uint16 bytes:
//   'm' group:name key     the latest record of a group's metadata, by its key in the log
//   'o', 't'               offsets (offsets.h)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/folded_state.h"
#include "broker/groups/classic_group.h"
#include "broker/groups/consumer_group.h"
#include "broker/groups/events.h"
#include "broker/groups/offsets.h"

namespace moldau {

class GroupCore {
 public:
  using Event = GroupEvent;
  using Reply = GroupReply;
  static constexpr uint8_t kStateVersion = 2;

  struct Limits {
    Offsets::Limits offsets;
    ClassicLimits classic;
    ConsumerLimits consumer;
    bool serves_consumer_protocol = true;               // group.coordinator.rebalance.protocols
    int64_t offsets_retention_ms = 7LL * 86'400'000;    // offsets.retention.minutes
    int64_t retention_check_interval_ms = 10 * 60'000;  // offsets.retention.check.interval.ms
  };

  GroupCore(FoldedState& state, Limits limits);

  void begin(Time now);
  GroupOutcome step(Ticket ticket, const Event& event, Time now);
  GroupOutcome wake(Time now);
  std::optional<int64_t> wake_at() const;
  void apply(const CoordinatorRecord& record);
  void end_transaction(int64_t producer_id, bool committed) {
    offsets_.end_transaction(producer_id, committed);
  }

 private:
  struct Group {
    std::variant<ClassicGroup, ConsumerGroup> as;
    std::optional<int64_t> wake_at;  // As it stands in deadlines_.
  };
  using Groups = std::map<std::string, Group, std::less<>>;

  GroupOutcome decide(Ticket ticket, const JoinGroup& join, Time now);
  GroupOutcome decide(Ticket ticket, const SyncGroup& sync, Time now);
  GroupOutcome decide(Ticket ticket, const GroupHeartbeat& heartbeat, Time now);
  GroupOutcome decide(Ticket ticket, const LeaveGroup& leave, Time now);
  GroupOutcome decide(Ticket ticket, const ConsumerGroupHeartbeat& heartbeat, Time now);
  GroupOutcome decide(Ticket ticket, const CommitOffsets& commit, Time now);
  GroupOutcome decide(Ticket ticket, const FetchOffsets& fetch, Time now);
  GroupOutcome decide(Ticket ticket, const ForgetTopics& forget, Time now);
  GroupOutcome decide(Ticket ticket, const ListGroups& list, Time now);
  GroupOutcome decide(Ticket ticket, const DescribeClassicGroup& describe, Time now);
  GroupOutcome decide(Ticket ticket, const DescribeConsumerGroup& describe, Time now);
  GroupOutcome decide(Ticket ticket, const DeleteGroup& remove, Time now);
  GroupOutcome decide(Ticket ticket, const DeleteOffsets& remove, Time now);

  ErrorCode check_commit(const CommitOffsets& commit, Time now);
  ErrorCode check_delete_offsets(const std::string& group) const;
  std::vector<CoordinatorRecord> metadata_tombstones(const std::string& group) const;

  // nullptr if there is no such group of that type.
  template <class Type>
  Type* find(std::string_view group);
  template <class Type>
  const Type* find(std::string_view group) const;
  template <class Type>
  Type& put(const std::string& group, Type made);
  ClassicGroup& classic(const std::string& group);    // Created where there is none.
  ConsumerGroup& consumer(const std::string& group);  // Created where there is none.
  template <class Ask>
  GroupOutcome ask(const std::string& group, Time now, Ask ask_it);
  template <class Type>
  GroupOutcome take_protocol(const std::string& name, Type fresh, GroupOutcome joined,
                             std::vector<CoordinatorRecord> tombstones, Time now);
  GroupOutcome convert(Ticket ticket, const ConsumerGroupHeartbeat& event, Time now);
  bool is_subscribed(const std::string& group, const std::string& topic) const;

  void settle(const std::string& group, Time now, GroupOutcome& out);
  void schedule(Groups::iterator it);
  void drop(Groups::iterator it);
  void load(const std::string& group, std::string_view key, std::string_view value, Time now);
  GroupOutcome expire(Time now);
  bool is_expired(const OffsetCommitKey& key, const OffsetCommitValue& value, Time now) const;
  GroupOutcome remove_unused();

  FoldedState& state_;
  const Limits limits_;
  Offsets offsets_;
  Groups groups_;  // Those with metadata; simple groups are known by their offsets.
  std::set<std::pair<int64_t, std::string>> deadlines_;

  // The walk that removes what has expired, a part at each wake: offsets, then groups without any.
  int64_t expiry_at_ = 0;  // steady_ms
  std::string expiry_from_;
  bool is_expiry_at_groups_ = false;
};

}  // namespace moldau
