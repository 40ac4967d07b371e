// One group of the classic protocol: JoinGroup 0-9, SyncGroup 0-5, Heartbeat 0-4, LeaveGroup 0-5.
//
//   Empty <---------------------------+          members                           deadline
//     | a member joins                |            Empty                none        -
//     v                               | none left  PreparingRebalance   wait or not join_ends_at_
//   PreparingRebalance -------------->+            CompletingRebalance  wait or not sync_ends_at_
//     | all have joined, or time is up |            Stable              none waits  sync_ends_at_ *
//     v                               |
//   CompletingRebalance (generation + 1)           * until all have asked for their assignment
//     | the leader brings the assignment
//     v
//   Stable      From the last two back to PreparingRebalance: a member joins, leaves or dies.
//
// Rules from KIP-62 (rebalance timeout), KIP-134 (initial delay), KIP-345 and KIP-814 (static
// members), KIP-394 (MEMBER_ID_REQUIRED), KIP-559 (protocol in SyncGroup), KIP-389 (maximum size).
// A group that is not there is Dead to clients; there is no object for it.
//
// Everything here is working state. What has to survive is one GroupMetadata record, which comes
// with the outcome that needs it: when the leader's assignment is taken, when the group becomes
// Empty and when a static member takes a new id. A rebalance under way is lost with the
// coordinator; its members find their generation unknown and join again.
//
// Errors of the whole request that do not need the group (INVALID_GROUP_ID, authorisation) are the
// handler's. Each ticket is answered once: at once, or when what it waits for is decided.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "broker/coordinator_core.h"
#include "broker/groups/classic_member.h"
#include "broker/groups/events.h"
#include "protocol/error_code.h"
#include "protocol/records/group_metadata.h"

namespace moldau {

struct ClassicLimits {
  int32_t min_session_timeout_ms = 6000;                   // group.min.session.timeout.ms
  int32_t max_session_timeout_ms = 1'800'000;              // group.max.session.timeout.ms
  int32_t initial_rebalance_delay_ms = 3000;               // group.initial.rebalance.delay.ms
  int32_t max_size = std::numeric_limits<int32_t>::max();  // group.max.size
};

class ClassicGroup {
 public:
  ClassicGroup(std::string group, ClassicLimits limits);  // Empty, generation 0, no record.
  // From its record: members have a full session from now. A group above the maximum size
  // rebalances, so that its last members are turned away; one without a leader too, as it was made
  // of a consumer group that had not come to rest.
  ClassicGroup(std::string group, ClassicLimits limits, const GroupMetadataValue& value, Time now);

  GroupOutcome join(Ticket ticket, const JoinGroup& join, Time now);
  GroupOutcome sync(Ticket ticket, const SyncGroup& sync, Time now);
  GroupOutcome heartbeat(Ticket ticket, const GroupHeartbeat& heartbeat, Time now);
  GroupOutcome leave(Ticket ticket, const LeaveGroup& leave, Time now);
  // Deadlines that have come: of sessions, of pending ids, of a rebalance.
  GroupOutcome wake(Time now);
  std::optional<int64_t> wake_at() const;  // steady_ms

  // Whether the commit may be taken. That of a member is a sign of life too.
  ErrorCode check_commit(const CommitOffsets& commit, Time now);

  // Has members join anew; for a group that was made of one of the consumer protocol.
  GroupOutcome rebalance(Time now);
  // Answers all who wait; for a group that is about to be replaced.
  GroupOutcome dismiss(ErrorCode error);

  const char* state() const;  // As Kafka writes it.
  bool is_stable() const { return state_ == State::kStable; }
  bool is_empty() const { return members_.empty() && pending_.empty(); }
  int32_t generation() const { return generation_; }
  const std::string& protocol_type() const { return protocol_type_; }       // "" until one joins.
  const std::optional<std::string>& protocol() const { return protocol_; }  // Chosen by vote.
  const std::optional<std::string>& leader() const { return leader_; }
  const std::map<std::string, ClassicMember>& members() const { return members_; }  // By id.
  // wall_ms of the last change of state; -1 if that is not known (old records).
  int64_t state_since_ms() const { return state_since_ms_; }
  // Of the protocol type "consumer" only: whether a member needs the topic's offsets. If
  // subscriptions are not known or not readable, it is taken to need them.
  bool is_subscribed_to(const std::string& topic) const;

  DescribeClassicGroup::Reply describe() const;
  GroupMetadataValue metadata() const;  // Its Bytes point into the group.
  CoordinatorRecord record() const;     // The same, in the version that Kafka writes.

 private:
  enum class State { kEmpty, kPreparingRebalance, kCompletingRebalance, kStable };

  // An event, or a deadline, while it is worked on.
  struct Step {
    Time now;
    GroupOutcome outcome;
    void answer(Ticket ticket, GroupReply reply) {
      outcome.answers.push_back({ticket, std::move(reply)});
    }
  };

  // Who is a member (classic_group.cpp)
  ErrorCode check_member(const std::string& id,
                         const std::optional<std::string>& instance_id) const;
  ErrorCode check_generation(int32_t generation) const;
  ErrorCode leave_one(Step& step, const LeaveGroupRequest::Member& leaving);
  void remove(Step& step, const std::string& id);
  void dismiss(Step& step, ClassicMember& member, ErrorCode error);
  static void start_session(ClassicMember& member, Time now);
  const ClassicMember* find_static(const std::optional<std::string>& instance_id) const;
  bool is_leader(const ClassicMember& member) const { return leader_ == member.id; }
  SharedBytes chosen_metadata(const ClassicMember& member) const;
  void read_subscriptions();
  void become(State state, Time now);

  // JoinGroup (classic_group_join.cpp)
  ErrorCode check_join(const JoinGroupRequest& request) const;
  bool has_room_for(const JoinGroupRequest& request) const;
  bool shares_protocol(const JoinGroupRequest& request) const;
  bool may_stay(const ClassicMember& member, const JoinGroupRequest& request) const;
  bool may_keep_assignment(const ClassicMember& member, const SharedBytes& old_metadata) const;
  static void refuse_join(Step& step, Ticket ticket, std::string member_id, ErrorCode error);
  void turn_away(Step& step, Ticket ticket, const std::string& member_id);
  void join_without_id(Step& step, Ticket ticket, const JoinGroup& join);
  void join_with_id(Step& step, Ticket ticket, const JoinGroup& join);
  void require_id(Step& step, Ticket ticket, const JoinGroup& join);
  void add(Step& step, Ticket ticket, const JoinGroup& join, std::string id);
  void replace(Step& step, Ticket ticket, const JoinGroup& join, std::string old_id);
  ClassicMember& rename(Step& step, const std::string& old_id, std::string id);
  void wait_for_generation(Step& step, Ticket ticket, ClassicMember& member);
  JoinGroup::Reply generation_for(const ClassicMember& member) const;
  JoinGroup::Reply generation_under(const ClassicMember& member, const std::string& leader) const;

  // From one generation to the next (classic_group_rebalance.cpp)
  void prepare_rebalance(Step& step);
  void go_on(Step& step);
  void start_initial_delay(Step& step);
  void complete_join(Step& step);
  void remove_absent(Step& step);
  bool elect_leader();
  void begin_generation(Step& step);
  void become_empty(Step& step);
  ErrorCode check_sync(const SyncGroup& sync) const;
  static void refuse_sync(Step& step, Ticket ticket, ErrorCode error);
  void note_sync(ClassicMember& member);
  void take_assignment(Step& step, const SyncGroupRequest& request);
  void hand_out_assignments(Step& step);
  void expire_pending(Step& step);
  void expire_members(Step& step);
  void expire_sync(Step& step);
  void expire_join(Step& step);
  void remove_where(Step& step, auto is_lost);
  std::string vote() const;
  std::set<std::string_view> common_protocols() const;
  int32_t rebalance_timeout_ms() const;
  size_t joined() const;

  std::string group_;
  ClassicLimits limits_;
  State state_ = State::kEmpty;
  int64_t state_since_ms_ = -1;
  int32_t generation_ = 0;
  std::string protocol_type_;
  std::optional<std::string> protocol_;
  std::optional<std::string> leader_;
  std::map<std::string, ClassicMember> members_;
  std::map<std::string, std::string> static_ids_;  // Instance id to member id.
  std::map<std::string, int64_t> pending_;         // Ids given out, and until when (steady_ms).
  std::optional<std::set<std::string>> subscribed_;

  std::optional<int64_t> join_ends_at_, sync_ends_at_;
  // Of the first rebalance of a group: until when it may be drawn out for members that arrive.
  std::optional<int64_t> initial_delay_ends_at_;
  bool has_newcomer_ = false;  // Since the initial delay began or was last drawn out.
};

}  // namespace moldau
