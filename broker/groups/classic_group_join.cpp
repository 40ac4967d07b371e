// What a JoinGroup makes of a classic group: who is let in, under which id, and whether the others
// have to join again for it.
#include <algorithm>
#include <utility>

#include "broker/groups/classic_group.h"
#include "broker/groups/consumer_protocol.h"

namespace moldau {
namespace {

constexpr Version kIdRequiredSince = 4;      // KIP-394
constexpr Version kSkipAssignmentSince = 9;  // KIP-814
// How long a new member's first JoinGroup may wait. It does not know its id yet, so if it gave up
// and joined again there would be two of it.
constexpr int64_t kNewMemberWaitMs = 5 * 60 * 1000;
// Ids that are given out and not used yet. Far more than the members of a group that start at once.
constexpr size_t kMaxPending = 10'000;

void update(ClassicMember& member, const JoinGroup& join) {
  const auto& request = join.request;
  member.client_id = join.caller.client_id;
  member.client_host = join.caller.client_host;
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms =
      join.caller.version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms;
  member.protocols = keep(request.protocols);
}

// False if topics were added or dropped. What else an assignor may have put into its metadata,
// such as the partitions that a member owned before, does not call for another assignment.
bool have_same_topics(const SharedBytes& before, const SharedBytes& after) {
  const auto old_one = read_subscription(as_bytes(*before));
  const auto new_one = read_subscription(as_bytes(*after));
  if (!old_one.ok() || !new_one.ok()) return true;
  return std::ranges::is_permutation(old_one->topics, new_one->topics);
}

}  // namespace

GroupOutcome ClassicGroup::join(Ticket ticket, const JoinGroup& join, Time now) {
  Step step{.now = now};
  const auto& request = join.request;
  const ErrorCode error = check_join(request);
  if (error == ErrorCode::kGroupMaxSizeReached) {
    turn_away(step, ticket, request.member_id);
  } else if (error != ErrorCode::kNone) {
    refuse_join(step, ticket, request.member_id, error);
  } else if (request.member_id.empty()) {
    join_without_id(step, ticket, join);
  } else {
    join_with_id(step, ticket, join);
  }
  return std::move(step.outcome);
}

ErrorCode ClassicGroup::check_join(const JoinGroupRequest& request) const {
  if (request.session_timeout_ms < limits_.min_session_timeout_ms ||
      request.session_timeout_ms > limits_.max_session_timeout_ms)
    return ErrorCode::kInvalidSessionTimeout;
  if (!has_room_for(request)) return ErrorCode::kGroupMaxSizeReached;
  if (!shares_protocol(request)) return ErrorCode::kInconsistentGroupProtocol;
  return ErrorCode::kNone;
}

// While members join, the first ones to do so are in: a group may be too large already, because
// the limit was lowered.
bool ClassicGroup::has_room_for(const JoinGroupRequest& request) const {
  const auto it = members_.find(request.member_id);
  const ClassicMember* member =
      it == members_.end() ? find_static(request.group_instance_id) : &it->second;
  const auto max_size = static_cast<size_t>(limits_.max_size);
  if (state_ != State::kPreparingRebalance) return member || members_.size() < max_size;
  return (member && member->waiting) || joined() < max_size;
}

bool ClassicGroup::shares_protocol(const JoinGroupRequest& request) const {
  if (state_ == State::kEmpty) return !request.protocol_type.empty() && !request.protocols.empty();
  const auto common = common_protocols();
  return request.protocol_type == protocol_type_ &&
         std::ranges::any_of(request.protocols,
                             [&](const auto& protocol) { return common.contains(protocol.name); });
}

void ClassicGroup::refuse_join(Step& step, Ticket ticket, std::string member_id, ErrorCode error) {
  JoinGroup::Reply reply;
  reply.response.error_code = code(error);
  reply.response.member_id = std::move(member_id);
  step.answer(ticket, std::move(reply));
}

void ClassicGroup::turn_away(Step& step, Ticket ticket, const std::string& member_id) {
  refuse_join(step, ticket, "", ErrorCode::kGroupMaxSizeReached);
  pending_.erase(member_id);
  if (members_.contains(member_id)) remove(step, member_id);
  go_on(step);
}

void ClassicGroup::join_without_id(Step& step, Ticket ticket, const JoinGroup& join) {
  const auto& instance_id = join.request.group_instance_id;
  if (const ClassicMember* before = find_static(instance_id)) {
    replace(step, ticket, join, before->id);
  } else if (!instance_id && join.caller.version >= kIdRequiredSince) {
    require_id(step, ticket, join);
  } else {
    add(step, ticket, join, fresh_member_id(join));
  }
}

void ClassicGroup::join_with_id(Step& step, Ticket ticket, const JoinGroup& join) {
  const auto& request = join.request;
  if (!request.group_instance_id && pending_.erase(request.member_id) > 0)
    return add(step, ticket, join, request.member_id);
  const ErrorCode error = check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::kNone) return refuse_join(step, ticket, request.member_id, error);
  ClassicMember& member = members_.at(request.member_id);
  if (may_stay(member, request)) {
    start_session(member, step.now);
    return step.answer(ticket, generation_for(member));
  }
  prepare_rebalance(step);
  update(member, join);
  wait_for_generation(step, ticket, member);
  go_on(step);
}

// Nothing is new about a member that missed the answer to its last JoinGroup. But the leader of a
// stable group joins again to say that something else has changed, such as a topic's partitions.
bool ClassicGroup::may_stay(const ClassicMember& member, const JoinGroupRequest& request) const {
  if (state_ == State::kPreparingRebalance || !member.has_protocols(request.protocols))
    return false;
  return state_ == State::kCompletingRebalance || !is_leader(member);
}

void ClassicGroup::require_id(Step& step, Ticket ticket, const JoinGroup& join) {
  if (pending_.size() >= kMaxPending)
    return refuse_join(step, ticket, "", ErrorCode::kGroupMaxSizeReached);
  const std::string id = fresh_member_id(join);
  pending_[id] = step.now.steady_ms + join.request.session_timeout_ms;
  refuse_join(step, ticket, id, ErrorCode::kMemberIdRequired);
}

void ClassicGroup::add(Step& step, Ticket ticket, const JoinGroup& join, std::string id) {
  const bool is_first = members_.empty();
  prepare_rebalance(step);
  ClassicMember& member = members_[id];
  member.id = id;
  member.instance_id = join.request.group_instance_id;
  update(member, join);
  member.waiting = ticket;
  member.expires_at = step.now.steady_ms + kNewMemberWaitMs;
  if (member.instance_id) static_ids_[*member.instance_id] = id;
  if (is_first) {
    protocol_type_ = join.request.protocol_type;
    leader_ = id;
    start_initial_delay(step);
  }
  has_newcomer_ = !is_first;
  go_on(step);
}

// A static member that lost its id, as by a restart, takes its place again. In a stable group it
// goes on with what it was assigned, unless that may have to change.
void ClassicGroup::replace(Step& step, Ticket ticket, const JoinGroup& join, std::string old_id) {
  const std::string old_leader = leader_.value_or("");
  ClassicMember& member = rename(step, old_id, fresh_member_id(join));
  const SharedBytes old_metadata = chosen_metadata(member);
  update(member, join);
  if (!may_keep_assignment(member, old_metadata)) {
    prepare_rebalance(step);
    wait_for_generation(step, ticket, member);
    return go_on(step);
  }
  start_session(member, step.now);
  step.outcome.records.push_back(record());
  // A leader that came back watches the topics of all again, and lets the assignment stand. Before
  // v9 it cannot be told so, and hears of a leader that is no more.
  const bool can_skip = join.caller.version >= kSkipAssignmentSince;
  JoinGroup::Reply reply = can_skip ? generation_for(member) : generation_under(member, old_leader);
  reply.response.skip_assignment = can_skip && is_leader(member);
  step.answer(ticket, std::move(reply));
}

bool ClassicGroup::may_keep_assignment(const ClassicMember& member,
                                       const SharedBytes& old_metadata) const {
  if (state_ != State::kStable || vote() != protocol_) return false;
  return protocol_type_ != kConsumerProtocolType ||
         have_same_topics(old_metadata, chosen_metadata(member));
}

// Whoever still uses the old id is fenced.
ClassicMember& ClassicGroup::rename(Step& step, const std::string& old_id, std::string id) {
  auto node = members_.extract(old_id);
  dismiss(step, node.mapped(), ErrorCode::kFencedInstanceId);
  if (leader_ == node.key()) leader_ = id;
  static_ids_[*node.mapped().instance_id] = id;
  node.mapped().id = id;
  node.key() = std::move(id);
  return members_.insert(std::move(node)).position->second;
}

// An older JoinGroup of the same member is of a connection that it has given up.
void ClassicGroup::wait_for_generation(Step& step, Ticket ticket, ClassicMember& member) {
  if (member.waiting) {
    dismiss(step, member, ErrorCode::kRebalanceInProgress);
  } else {
    member.expires_at.reset();
  }
  member.waiting = ticket;
}

// The leader gets to know the others, for it assigns.
JoinGroup::Reply ClassicGroup::generation_for(const ClassicMember& member) const {
  JoinGroup::Reply reply = generation_under(member, leader_.value_or(""));
  if (!is_leader(member)) return reply;
  for (const auto& [id, other] : members_) {
    const Bytes metadata = reply.hold(chosen_metadata(other));
    reply.response.members.push_back(
        {.member_id = id, .group_instance_id = other.instance_id, .metadata = metadata});
  }
  return reply;
}

JoinGroup::Reply ClassicGroup::generation_under(const ClassicMember& member,
                                                const std::string& leader) const {
  JoinGroup::Reply reply;
  reply.response.generation_id = generation_;
  reply.response.protocol_type = protocol_type_;
  reply.response.protocol_name = protocol_;
  reply.response.leader = leader;
  reply.response.member_id = member.id;
  return reply;
}

}  // namespace moldau
