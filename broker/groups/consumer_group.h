// One consumer group (KIP-848): the coordinator chooses who owns which partition.
//
// A member heartbeats with its epoch, its subscription and what it owns. What members subscribe to
// and what topics there are make the group epoch; a new group epoch makes a new target assignment;
// each member is led from what it owns to its target by steps of its own, so that no partition has
// two owners: it first gives up, then moves to the epoch of the target, then receives what others
// have given up. Members of the classic protocol may be in the group while it migrates.
//
// Durable are Kafka's records (consumer_group_state.h). Working state is deadlines only: after a
// restart each member has a whole session timeout to come back.
//
// How the owner of groups calls it:
// - a new group: make it, heartbeat() with epoch 0; if is_fresh() still holds afterwards, the
//   member was refused and the group is to be forgotten. A heartbeat with another epoch to a group
//   that does not exist is GROUP_ID_NOT_FOUND. An empty classic group of that name makes room: its
//   tombstone goes before the records;
// - a group from the log: make it, load() each record, begin();
// - JoinGroup to a group that is_empty(): the group makes room, with tombstones(), for a classic
// one;
// - after heartbeat(), join(), leave() and wake() ask should_become_classic(); see
//   consumer_group_migration.h for that and for the way from a classic group.
// Every event is answered in its own step.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/groups/classic_group.h"
#include "broker/groups/consumer_group_state.h"
#include "broker/groups/events.h"
#include "protocol/error_code.h"
#include "protocol/records/frame.h"

namespace moldau {

// group.consumer.migration.policy: whether a live group may change its protocol.
enum class MigrationPolicy { kDisabled, kUpgrade, kDowngrade, kBidirectional };

struct ConsumerLimits {
  int32_t session_timeout_ms = 45'000;    // Unless the group has consumer.session.timeout.ms.
  int32_t heartbeat_interval_ms = 5'000;  // Unless the group has consumer.heartbeat.interval.ms.
  int32_t max_size = std::numeric_limits<int32_t>::max();
  ClassicLimits classic;  // Of classic members, and of what becomes a classic group.
  std::vector<std::string> assignors = {"uniform", "range"};  // The first is the default.
  int32_t regex_refresh_interval_ms = 600'000;
  MigrationPolicy migration = MigrationPolicy::kBidirectional;
};

class ConsumerGroup {
 public:
  ConsumerGroup(std::string group, ConsumerLimits limits);  // Empty, epoch 0.

  // One record of the group, tombstones included, in any order of keys; then begin().
  void load(const CoordinatorRecord& record) { state_.apply(record); }
  void begin(Time now);

  // Joins (epoch 0), keeps up, leaves (-1) or leaves to come back (-2, static members).
  GroupOutcome heartbeat(Ticket ticket, const ConsumerGroupHeartbeat& event, Time now);
  GroupOutcome wake(Time now);             // Fences the members whose deadlines have come.
  std::optional<int64_t> wake_at() const;  // steady_ms

  // Of members that speak the classic protocol.
  GroupOutcome join(Ticket ticket, const JoinGroup& event, Time now);
  GroupOutcome sync(Ticket ticket, const SyncGroup& event, Time now);
  GroupOutcome heartbeat(Ticket ticket, const GroupHeartbeat& event, Time now);
  GroupOutcome leave(Ticket ticket, const LeaveGroup& event, Time now);

  // UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH; ILLEGAL_GENERATION to classic members;
  // UNSUPPORTED_VERSION to members of the consumer protocol before OffsetCommit v9.
  ErrorCode check_commit(const CommitOffsets& commit) const;
  // What OffsetFetch v9 says of itself: no member id and an epoch below zero is nobody.
  ErrorCode check_fetch(const std::optional<std::string>& member_id, int32_t member_epoch) const;

  const char* state() const;  // "Empty", "Assigning", "Reconciling", "Stable"
  bool is_empty() const { return state_.members().empty(); }
  bool is_fresh() const { return state_.epoch() == 0; }  // Nothing of it is in the log.
  bool is_subscribed_to(const std::string& topic) const { return state_.is_subscribed_to(topic); }
  DescribeConsumerGroup::Reply describe(const ClusterImage& image) const;
  // Of all its records, for its deletion and its conversion.
  std::vector<CoordinatorRecord> tombstones() const;

  // The last member of the consumer protocol is gone, others remain and may go back.
  bool should_become_classic() const { return should_become_classic_; }
  // Then: their partitions have to be given out anew.
  bool should_rebalance() const { return should_rebalance_; }

  const std::string& name() const { return name_; }
  const ConsumerLimits& limits() const { return limits_; }
  const ConsumerGroupState& durable() const { return state_; }
  const ClusterImage* image() const { return image_.get(); }  // May be nullptr after a restart.

 private:
  // steady_ms; of one member.
  struct Deadlines {
    std::optional<int64_t> session;
    std::optional<int64_t> rebalance;  // To give up what it has to: rebalance_timeout_ms.
    std::optional<int64_t> join;       // Classic: to join again.
    std::optional<int64_t> sync;       // Classic: to ask for its assignment.

    std::optional<int64_t> first() const;
  };
  struct Refusal {
    ErrorCode error;
    std::string message;
  };
  using Report = std::optional<TopicPartitions>;  // What a member says that it owns.

  // Writes a record: what follows reads the state as the record makes it.
  template <class Key, class Value>
  void emit(const Key& key, const Value& value) {
    write({.key = encode_key(key), .value = encode_value(value, 0)});
  }
  template <class Key>
  void emit_tombstone(const Key& key) {
    write({.key = encode_key(key), .value = std::nullopt});
  }
  void emit_metadata(const std::string& id, const MemberMetadata& metadata);
  void emit_current(const std::string& id, const CurrentAssignment& current);
  void emit_target(const std::string& id, const TopicPartitions& target);
  void write(CoordinatorRecord record);
  // The answer to `ticket`, with all that was written for it.
  GroupOutcome answered(Ticket ticket, GroupReply reply);

  // consumer_group_heartbeat.cpp
  std::optional<Refusal> refuse(const ConsumerGroupHeartbeatRequest& request) const;
  std::optional<Refusal> refuse_member(const ConsumerGroupHeartbeatRequest& request,
                                       const std::string& id) const;
  ConsumerGroupHeartbeatResponse leave(const ConsumerGroupHeartbeatRequest& request);
  ConsumerGroupHeartbeatResponse keep_up(const ConsumerGroupHeartbeat& event, Time now);

  // consumer_group_classic.cpp
  ErrorCode refuse_join(const JoinGroup& event) const;
  bool shares_protocol(const JoinGroupRequest& request) const;
  JoinGroup::Reply admit(const JoinGroup& event, Time now);
  ErrorCode check_classic(const std::string& id, const std::optional<std::string>& instance_id,
                          int32_t generation) const;
  ErrorCode check_sync(const SyncGroupRequest& request) const;
  bool has_to_rejoin(const std::string& id, const ConsumerMember& member) const;
  void expect_join(const std::string& id, Time now);
  // The id of the member that leaves.
  std::optional<std::string> find_leaving(const LeaveGroupRequest::Member& leaving,
                                          ErrorCode& error) const;

  // consumer_group.cpp
  // The member as the group now has it, its metadata changed: brings the epoch of the group, the
  // target assignment and what the member owns up to date.
  void update(const std::string& id, const MemberMetadata& metadata, const Report& reported,
              Time now);
  void replace(const std::string& old_id, const std::string& new_id);
  void remove(const std::string& id);
  void fence(const std::set<std::string>& ids);
  void drop_unused_regexes();
  bool resolve_regexes(Time now);  // True: some regular expression now matches other topics.
  void bump_epoch_if(bool has_changed);
  void bump_epoch(int64_t metadata_hash);
  void retarget(Time now);
  void reconcile_member(const std::string& id, bool subscription_changed, const Report& reported,
                        Time now);
  bool may_become_classic() const;
  const std::string& assignor() const;
  int32_t session_timeout_ms(const ConsumerMember& member) const;
  int32_t setting(const char* name, int32_t otherwise) const;

  std::string name_;
  ConsumerLimits limits_;
  ConsumerGroupState state_;
  std::map<std::string, Deadlines> deadlines_;  // By member.
  // The newest that an event brought; nullptr before the first, and while there are no members.
  std::shared_ptr<const ClusterImage> image_;
  std::optional<int64_t> hashed_at_;            // Offset of the image that the hash was made of.
  std::optional<int64_t> regexes_resolved_at_;  // Offset of the image; with the steady time:
  int64_t regexes_resolved_ms_ = 0;
  std::vector<CoordinatorRecord> written_;  // Of the step that is under way.
  bool should_become_classic_ = false, should_rebalance_ = false;
};

}  // namespace moldau
