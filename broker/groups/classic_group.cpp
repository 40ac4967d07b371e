// The members of a classic group: who is in it, who lives, who leaves, and what is written down.
#include "broker/groups/classic_group.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/groups/consumer_protocol.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

// Kafka 4.2 always writes 3. Tools that follow the topic by themselves, such as Burrow, may know no
// later one than 1: it lacks instance ids, and the time since when a group is empty.
constexpr Version kPlain = 1, kComplete = 3;

ClassicMember member_of(const GroupMetadataValue::Member& stored, const std::string& protocol) {
  ClassicMember member;
  member.id = stored.member_id;
  member.instance_id = stored.group_instance_id;
  member.client_id = stored.client_id;
  member.client_host = stored.client_host;
  member.session_timeout_ms = stored.session_timeout;
  member.rebalance_timeout_ms =
      stored.rebalance_timeout < 0 ? stored.session_timeout : stored.rebalance_timeout;
  member.protocols.push_back({.name = protocol, .metadata = share(stored.subscription)});
  member.assignment = share(stored.assignment);
  return member;
}

int64_t earlier(int64_t a, std::optional<int64_t> b) { return b ? std::min(a, *b) : a; }

}  // namespace

ClassicGroup::ClassicGroup(std::string group, ClassicLimits limits)
    : group_(std::move(group)), limits_(limits) {}

ClassicGroup::ClassicGroup(std::string group, ClassicLimits limits, const GroupMetadataValue& value,
                           Time now)
    : group_(std::move(group)),
      limits_(limits),
      state_since_ms_(value.current_state_timestamp),
      generation_(value.generation),
      protocol_type_(value.protocol_type),
      protocol_(value.protocol),
      leader_(value.leader) {
  for (const auto& stored : value.members) {
    ClassicMember member = member_of(stored, protocol_.value_or(""));
    start_session(member, now);
    if (member.instance_id) static_ids_.emplace(*member.instance_id, member.id);
    members_.emplace(member.id, std::move(member));
  }
  read_subscriptions();
  if (members_.empty()) return;
  state_ = State::kStable;
  if (!leader_ || members_.size() > static_cast<size_t>(limits_.max_size)) rebalance(now);
}

GroupOutcome ClassicGroup::heartbeat(Ticket ticket, const GroupHeartbeat& heartbeat, Time now) {
  const auto& request = heartbeat.request;
  ErrorCode error = check_member(request.member_id, request.group_instance_id);
  if (error == ErrorCode::kNone) error = check_generation(request.generation_id);
  if (error == ErrorCode::kNone) {
    start_session(members_.at(request.member_id), now);
    if (state_ == State::kPreparingRebalance) error = ErrorCode::kRebalanceInProgress;
  }
  Step step{.now = now};
  step.answer(ticket, HeartbeatResponse{.error_code = code(error)});
  return std::move(step.outcome);
}

// One member leaves to v2; from v3 on several may, each with an error of its own.
GroupOutcome ClassicGroup::leave(Ticket ticket, const LeaveGroup& leave, Time now) {
  Step step{.now = now};
  const size_t size_before = members_.size();
  LeaveGroupResponse response;
  if (leave.caller.version <= 2) {
    response.error_code = code(leave_one(step, {.member_id = leave.request.member_id}));
  } else {
    for (const auto& leaving : leave.request.members)
      response.members.push_back({.member_id = leaving.member_id,
                                  .group_instance_id = leaving.group_instance_id,
                                  .error_code = code(leave_one(step, leaving))});
  }
  step.answer(ticket, std::move(response));
  if (members_.size() < size_before) prepare_rebalance(step);
  go_on(step);  // A pending member may have been the last that the others waited for.
  return std::move(step.outcome);
}

// An administrator names a static member by its instance id alone.
ErrorCode ClassicGroup::leave_one(Step& step, const LeaveGroupRequest::Member& leaving) {
  if (pending_.erase(leaving.member_id) > 0) return ErrorCode::kNone;
  const ClassicMember* by_instance = find_static(leaving.group_instance_id);
  const std::string id =
      leaving.member_id.empty() && by_instance ? by_instance->id : leaving.member_id;
  const ErrorCode error = check_member(id, leaving.group_instance_id);
  if (error == ErrorCode::kNone) remove(step, id);
  return error;
}

// Without a claim to membership only a group without members may be written to, except by v0:
// it is of the days when ZooKeeper kept the offsets, and knows no generations.
ErrorCode ClassicGroup::check_commit(const CommitOffsets& commit, Time now) {
  if (commit.version == 0) return ErrorCode::kNone;
  if (commit.generation < 0 && state_ == State::kEmpty) return ErrorCode::kNone;
  ErrorCode error = check_member(commit.member_id, commit.instance_id);
  if (error == ErrorCode::kNone) error = check_generation(commit.generation);
  if (error != ErrorCode::kNone) return error;
  if (state_ == State::kCompletingRebalance) return ErrorCode::kRebalanceInProgress;
  start_session(members_.at(commit.member_id), now);
  return ErrorCode::kNone;
}

GroupOutcome ClassicGroup::dismiss(ErrorCode error) {
  Step step;
  for (auto& [id, member] : members_) dismiss(step, member, error);
  return std::move(step.outcome);
}

std::optional<int64_t> ClassicGroup::wake_at() const {
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  int64_t at = earlier(earlier(kNever, join_ends_at_), sync_ends_at_);
  for (const auto& [id, expires_at] : pending_) at = std::min(at, expires_at);
  for (const auto& [id, member] : members_) at = earlier(at, member.expires_at);
  return at == kNever ? std::nullopt : std::optional(at);
}

const char* ClassicGroup::state() const {
  switch (state_) {
    case State::kEmpty:
      return "Empty";
    case State::kPreparingRebalance:
      return "PreparingRebalance";
    case State::kCompletingRebalance:
      return "CompletingRebalance";
    case State::kStable:
      return "Stable";
  }
  return "";
}

bool ClassicGroup::is_subscribed_to(const std::string& topic) const {
  if (protocol_type_ != kConsumerProtocolType) return false;
  return !subscribed_ || subscribed_->contains(topic);
}

// Only in a stable group does what members know fit together, so it is told then alone.
DescribeClassicGroup::Reply ClassicGroup::describe() const {
  DescribeClassicGroup::Reply reply;
  reply.response.group_id = group_;
  reply.response.group_state = state();
  reply.response.protocol_type = protocol_type_;
  if (is_stable()) reply.response.protocol_data = protocol_.value_or("");
  for (const auto& [id, member] : members_) {
    auto& described = reply.response.members.emplace_back();
    described.member_id = id;
    described.group_instance_id = member.instance_id;
    described.client_id = member.client_id;
    described.client_host = member.client_host;
    described.member_assignment = reply.hold(member.assignment);
    if (is_stable()) described.member_metadata = reply.hold(chosen_metadata(member));
  }
  return reply;
}

GroupMetadataValue ClassicGroup::metadata() const {
  GroupMetadataValue value{.protocol_type = protocol_type_,
                           .generation = generation_,
                           .protocol = protocol_,
                           .leader = leader_,
                           .current_state_timestamp = state_since_ms_};
  for (const auto& [id, member] : members_)
    value.members.push_back({.member_id = id,
                             .group_instance_id = member.instance_id,
                             .client_id = member.client_id,
                             .client_host = member.client_host,
                             .rebalance_timeout = member.rebalance_timeout_ms,
                             .session_timeout = member.session_timeout_ms,
                             .subscription = as_bytes(*chosen_metadata(member)),
                             .assignment = as_bytes(*member.assignment)});
  return value;
}

CoordinatorRecord ClassicGroup::record() const {
  const bool has_static = std::ranges::any_of(
      members_, [](const auto& entry) { return entry.second.instance_id.has_value(); });
  const bool is_plain = !members_.empty() && !has_static;
  return {.key = encode_key(GroupMetadataKey{.group = group_}),
          .value = encode_value(metadata(), is_plain ? kPlain : kComplete)};
}

// Of two that claim the same instance id, the one that came last is the member (KIP-345).
ErrorCode ClassicGroup::check_member(const std::string& id,
                                     const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const ClassicMember* current = find_static(instance_id);
    if (!current) return ErrorCode::kUnknownMemberId;
    if (current->id != id) return ErrorCode::kFencedInstanceId;
  }
  return members_.contains(id) ? ErrorCode::kNone : ErrorCode::kUnknownMemberId;
}

ErrorCode ClassicGroup::check_generation(int32_t generation) const {
  return generation == generation_ ? ErrorCode::kNone : ErrorCode::kIllegalGeneration;
}

const ClassicMember* ClassicGroup::find_static(
    const std::optional<std::string>& instance_id) const {
  if (!instance_id) return nullptr;
  const auto it = static_ids_.find(*instance_id);
  return it == static_ids_.end() ? nullptr : &members_.at(it->second);
}

void ClassicGroup::remove(Step& step, const std::string& id) {
  auto member = members_.extract(id);
  dismiss(step, member.mapped(), ErrorCode::kUnknownMemberId);
  if (member.mapped().instance_id) static_ids_.erase(*member.mapped().instance_id);
  if (leader_ != id) return;
  leader_.reset();
  if (!members_.empty()) leader_ = members_.begin()->first;
}

// What it waits for follows from the state: nobody waits in any other.
void ClassicGroup::dismiss(Step& step, ClassicMember& member, ErrorCode error) {
  const auto ticket = std::exchange(member.waiting, std::nullopt);
  if (!ticket) return;
  if (state_ == State::kPreparingRebalance) {
    // One that is unknown now has to come without an id.
    refuse_join(step, *ticket, error == ErrorCode::kUnknownMemberId ? "" : member.id, error);
  } else {
    refuse_sync(step, *ticket, error);
  }
}

void ClassicGroup::start_session(ClassicMember& member, Time now) {
  if (!member.waiting) member.expires_at = now.steady_ms + member.session_timeout_ms;
}

void ClassicGroup::become(State state, Time now) {
  state_ = state;
  state_since_ms_ = now.wall_ms;
}

SharedBytes ClassicGroup::chosen_metadata(const ClassicMember& member) const {
  return member.metadata(protocol_.value_or(""));
}

void ClassicGroup::read_subscriptions() {
  subscribed_.reset();
  if (protocol_type_ != kConsumerProtocolType) return;
  std::set<std::string> topics;
  for (const auto& [id, member] : members_) {
    const auto subscription = read_subscription(as_bytes(*chosen_metadata(member)));
    if (!subscription.ok()) return;
    topics.insert(subscription->topics.begin(), subscription->topics.end());
  }
  subscribed_ = std::move(topics);
}

}  // namespace moldau
