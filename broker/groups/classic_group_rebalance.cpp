// How a classic group gets from one generation to the next: all join, one assigns, all sync.
#include <algorithm>
#include <utility>
#include <vector>

#include "broker/groups/classic_group.h"

namespace moldau {
namespace {

constexpr Version kProtocolInSyncSince = 5;  // KIP-559
// Between attempts to start a generation of members that are all silent, if they allow less.
constexpr int32_t kMinPostponementMs = 1000;

bool is_due(std::optional<int64_t> deadline, Time now) {
  return deadline && *deadline <= now.steady_ms;
}

bool differs(const std::optional<std::string>& claimed, const std::optional<std::string>& actual) {
  return claimed && claimed != actual;
}

}  // namespace

GroupOutcome ClassicGroup::rebalance(Time now) {
  Step step{.now = now};
  prepare_rebalance(step);
  go_on(step);
  return std::move(step.outcome);
}

// Members learn of it by the answer to their next Heartbeat, or to the SyncGroup that they wait in.
void ClassicGroup::prepare_rebalance(Step& step) {
  if (state_ == State::kPreparingRebalance) return;
  for (auto& [id, member] : members_) {
    if (!member.waiting) continue;
    dismiss(step, member, ErrorCode::kRebalanceInProgress);
    start_session(member, step.now);
  }
  sync_ends_at_.reset();
  become(State::kPreparingRebalance, step.now);
}

// To be called after whatever may have removed a reason to wait.
void ClassicGroup::go_on(Step& step) {
  if (state_ != State::kPreparingRebalance) return;
  const bool all_joined = joined() == members_.size() && pending_.empty();
  if (members_.empty() || (all_joined && !initial_delay_ends_at_)) {
    complete_join(step);
  } else if (!join_ends_at_) {
    join_ends_at_ = step.now.steady_ms + rebalance_timeout_ms();
  }
}

// Members of a group often start together: to have them in its first generation saves rebalances
// (KIP-134).
void ClassicGroup::start_initial_delay(Step& step) {
  const int32_t delay_ms = limits_.initial_rebalance_delay_ms;
  if (delay_ms <= 0) return;
  join_ends_at_ = step.now.steady_ms + delay_ms;
  initial_delay_ends_at_ = step.now.steady_ms + rebalance_timeout_ms();
}

void ClassicGroup::complete_join(Step& step) {
  join_ends_at_.reset();
  initial_delay_ends_at_.reset();
  remove_absent(step);
  if (members_.empty()) {
    become_empty(step);
  } else if (elect_leader()) {
    begin_generation(step);
  } else {
    join_ends_at_ = step.now.steady_ms + std::max(rebalance_timeout_ms(), kMinPostponementMs);
  }
}

// Static members are not in a hurry: they keep their place while their session lasts (KIP-345).
void ClassicGroup::remove_absent(Step& step) {
  std::vector<std::string> absent;
  for (const auto& [id, member] : members_)
    if (!member.waiting && !member.instance_id) absent.push_back(id);
  for (const auto& id : absent) remove(step, id);
}

// The leader stays if it has joined. False if nobody has.
bool ClassicGroup::elect_leader() {
  const auto has_joined = [](const auto& entry) { return entry.second.waiting.has_value(); };
  const auto current = members_.find(leader_.value_or(""));
  if (current != members_.end() && has_joined(*current)) return true;
  const auto elected = std::ranges::find_if(members_, has_joined);
  if (elected == members_.end()) return false;
  leader_ = elected->first;
  return true;
}

void ClassicGroup::begin_generation(Step& step) {
  ++generation_;
  protocol_ = vote();
  read_subscriptions();
  become(State::kCompletingRebalance, step.now);
  sync_ends_at_ = step.now.steady_ms + rebalance_timeout_ms();
  for (auto& [id, member] : members_) {
    member.has_synced = false;
    const auto ticket = std::exchange(member.waiting, std::nullopt);
    if (!ticket) continue;
    step.answer(*ticket, generation_for(member));
    start_session(member, step.now);
  }
}

void ClassicGroup::become_empty(Step& step) {
  ++generation_;
  protocol_.reset();
  read_subscriptions();
  become(State::kEmpty, step.now);
  step.outcome.records.push_back(record());
}

// The leader's SyncGroup brings the assignment; all others wait for it.
GroupOutcome ClassicGroup::sync(Ticket ticket, const SyncGroup& sync, Time now) {
  Step step{.now = now};
  const auto& request = sync.request;
  if (const ErrorCode error = check_sync(sync); error != ErrorCode::kNone) {
    refuse_sync(step, ticket, error);
    return std::move(step.outcome);
  }
  ClassicMember& member = members_.at(request.member_id);
  dismiss(step, member, ErrorCode::kRebalanceInProgress);  // Of a connection that it gave up.
  note_sync(member);
  member.waiting = ticket;
  member.expires_at.reset();
  if (state_ == State::kCompletingRebalance && is_leader(member)) take_assignment(step, request);
  if (state_ == State::kStable) hand_out_assignments(step);
  return std::move(step.outcome);
}

ErrorCode ClassicGroup::check_sync(const SyncGroup& sync) const {
  const auto& request = sync.request;
  const bool names_protocol = request.protocol_type && request.protocol_name;
  if (sync.caller.version >= kProtocolInSyncSince && !names_protocol)
    return ErrorCode::kInconsistentGroupProtocol;
  ErrorCode error = check_member(request.member_id, request.group_instance_id);
  if (error == ErrorCode::kNone) error = check_generation(request.generation_id);
  if (error != ErrorCode::kNone) return error;
  if (differs(request.protocol_type, protocol_type_) || differs(request.protocol_name, protocol_))
    return ErrorCode::kInconsistentGroupProtocol;
  return state_ == State::kPreparingRebalance ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
}

void ClassicGroup::refuse_sync(Step& step, Ticket ticket, ErrorCode error) {
  SyncGroup::Reply reply;
  reply.response.error_code = code(error);
  step.answer(ticket, std::move(reply));
}

void ClassicGroup::note_sync(ClassicMember& member) {
  member.has_synced = true;
  const auto has_synced = [](const auto& entry) { return entry.second.has_synced; };
  if (std::ranges::all_of(members_, has_synced)) sync_ends_at_.reset();
}

// A member that the leader leaves out has nothing to do.
void ClassicGroup::take_assignment(Step& step, const SyncGroupRequest& request) {
  for (auto& [id, member] : members_) member.assignment = share({});
  for (const auto& given : request.assignments) {
    const auto it = members_.find(given.member_id);
    if (it != members_.end()) it->second.assignment = share(given.assignment);
  }
  become(State::kStable, step.now);
  step.outcome.records.push_back(record());
}

void ClassicGroup::hand_out_assignments(Step& step) {
  for (auto& [id, member] : members_) {
    const auto ticket = std::exchange(member.waiting, std::nullopt);
    if (!ticket) continue;
    SyncGroup::Reply reply;
    reply.response.protocol_type = protocol_type_;
    reply.response.protocol_name = protocol_;
    reply.response.assignment = reply.hold(member.assignment);
    step.answer(*ticket, std::move(reply));
    start_session(member, step.now);
  }
}

GroupOutcome ClassicGroup::wake(Time now) {
  Step step{.now = now};
  expire_pending(step);
  expire_members(step);
  if (is_due(sync_ends_at_, now)) expire_sync(step);
  if (is_due(join_ends_at_, now)) expire_join(step);
  return std::move(step.outcome);
}

void ClassicGroup::expire_pending(Step& step) {
  std::erase_if(pending_, [&](const auto& entry) { return is_due(entry.second, step.now); });
  go_on(step);
}

void ClassicGroup::expire_members(Step& step) {
  remove_where(step, [&](const ClassicMember& m) { return is_due(m.expires_at, step.now); });
}

void ClassicGroup::expire_sync(Step& step) {
  remove_where(step, [](const ClassicMember& member) { return !member.has_synced; });
}

void ClassicGroup::expire_join(Step& step) {
  const int64_t now_ms = step.now.steady_ms;
  const int64_t delay_ends_at = initial_delay_ends_at_.value_or(now_ms);
  if (!std::exchange(has_newcomer_, false) || delay_ends_at <= now_ms) return complete_join(step);
  join_ends_at_ = std::min(now_ms + limits_.initial_rebalance_delay_ms, delay_ends_at);
}

void ClassicGroup::remove_where(Step& step, auto is_lost) {
  std::vector<std::string> lost;
  for (const auto& [id, member] : members_)
    if (is_lost(member)) lost.push_back(id);
  if (lost.empty()) return;
  for (const auto& id : lost) remove(step, id);
  prepare_rebalance(step);
  go_on(step);
}

// Each votes for what it prefers among what all support. The most votes win; of as many, the first
// by name.
std::string ClassicGroup::vote() const {
  const auto candidates = common_protocols();
  std::map<std::string, size_t> votes;
  for (const auto& [id, member] : members_) {
    const auto preferred = std::ranges::find_if(
        member.protocols, [&](const auto& protocol) { return candidates.contains(protocol.name); });
    if (preferred != member.protocols.end()) ++votes[preferred->name];
  }
  const auto by_votes = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto winner = std::ranges::max_element(votes, by_votes);
  return winner == votes.end() ? "" : winner->first;
}

std::set<std::string_view> ClassicGroup::common_protocols() const {
  std::set<std::string_view> common;
  if (members_.empty()) return common;
  for (const auto& protocol : members_.begin()->second.protocols) common.insert(protocol.name);
  for (const auto& [id, member] : members_) {
    std::set<std::string_view> own;
    for (const auto& protocol : member.protocols) own.insert(protocol.name);
    std::erase_if(common, [&](std::string_view name) { return !own.contains(name); });
  }
  return common;
}

int32_t ClassicGroup::rebalance_timeout_ms() const {
  int32_t timeout_ms = 0;
  for (const auto& [id, member] : members_)
    timeout_ms = std::max(timeout_ms, member.rebalance_timeout_ms);
  return timeout_ms;
}

size_t ClassicGroup::joined() const {
  return static_cast<size_t>(std::ranges::count_if(
      members_, [](const auto& entry) { return entry.second.waiting.has_value(); }));
}

}  // namespace moldau
