// ConsumerGroup: members that still speak the classic protocol while the group migrates (KIP-848).
//
// They are led like the others, only that it takes more words: a Heartbeat tells them to join
// again, JoinGroup reports what they own and brings their generation, which is their member epoch,
// and SyncGroup fetches what they are given. Nobody waits for anybody, there is no leader, and the
// assignment is made here.
#include <algorithm>
#include <utility>

#include "broker/groups/consumer_group.h"
#include "broker/groups/consumer_protocol.h"

namespace moldau {
namespace {

constexpr Version kIdRequiredSince = 4;  // KIP-394

TopicPartitions reported_by(const ConsumerProtocolSubscription& subscription,
                            const ClusterImage& image) {
  TopicPartitions owned;
  for (const auto& [name, partitions] : subscription.owned_partitions)
    if (const TopicPointer topic = image.topic(name)) {
      auto& all = owned[topic->id];
      all.insert(all.end(), partitions.begin(), partitions.end());
    }
  normalize(owned);
  return owned;
}

MemberMetadata metadata_of(const JoinGroup& event, MemberMetadata metadata,
                           const ConsumerProtocolSubscription& subscription) {
  const JoinGroupRequest& request = event.request;
  if (request.group_instance_id) metadata.instance_id = request.group_instance_id;
  if (subscription.rack_id && !subscription.rack_id->empty())
    metadata.rack_id = subscription.rack_id;
  metadata.client_id = event.caller.client_id;
  metadata.client_host = event.caller.client_host;
  const std::set<std::string> topics(subscription.topics.begin(), subscription.topics.end());
  metadata.subscribed_topics.assign(topics.begin(), topics.end());
  metadata.regex.clear();
  metadata.rebalance_timeout_ms =
      event.caller.version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms;
  MemberMetadata::Classic classic{.session_timeout_ms = request.session_timeout_ms,
                                  .protocols = {}};
  for (const auto& protocol : request.protocols)
    classic.protocols.push_back({protocol.name, std::string(as_text(protocol.metadata))});
  metadata.classic = std::move(classic);
  return metadata;
}

ConsumerProtocolAssignment told(const OwnedPartitions& assigned, const ClusterImage& image) {
  ConsumerProtocolAssignment assignment;
  for (const auto& [id, partitions] : assigned) {
    const TopicPointer topic = image.topic(id);
    if (!topic) continue;
    auto& told = assignment.assigned_partitions.emplace_back();
    told.topic = topic->name;
    for (const auto& [partition, epoch] : partitions) told.partitions.push_back(partition);
  }
  return assignment;
}

}  // namespace

// --- JoinGroup

GroupOutcome ConsumerGroup::join(Ticket ticket, const JoinGroup& event, Time now) {
  image_ = event.image;
  const JoinGroupRequest& request = event.request;
  JoinGroup::Reply reply;
  reply.response.member_id = request.member_id;
  if (const ErrorCode error = refuse_join(event); error != ErrorCode::kNone) {
    reply.response.error_code = code(error);
  } else if (request.member_id.empty() && !request.group_instance_id &&
             event.caller.version >= kIdRequiredSince) {
    reply.response.error_code = code(ErrorCode::kMemberIdRequired);
    reply.response.member_id = fresh_member_id(event);
  } else {
    reply = admit(event, now);
  }
  return answered(ticket, std::move(reply));
}

ErrorCode ConsumerGroup::refuse_join(const JoinGroup& event) const {
  const JoinGroupRequest& request = event.request;
  if (request.session_timeout_ms < limits_.classic.min_session_timeout_ms ||
      request.session_timeout_ms > limits_.classic.max_session_timeout_ms)
    return ErrorCode::kInvalidSessionTimeout;
  const bool is_member = state_.member(request.member_id) != nullptr;
  if (!is_member && state_.members().size() >= static_cast<size_t>(limits_.max_size))
    return ErrorCode::kGroupMaxSizeReached;
  if (!shares_protocol(request)) return ErrorCode::kInconsistentGroupProtocol;
  if (!read_subscription(request.protocols.front().metadata).ok())
    return ErrorCode::kInconsistentGroupProtocol;
  if (!request.group_instance_id || request.member_id.empty()) return ErrorCode::kNone;
  const std::string* owner = state_.static_member(request.group_instance_id);
  if (!owner) return ErrorCode::kUnknownMemberId;
  return *owner == request.member_id ? ErrorCode::kNone : ErrorCode::kFencedInstanceId;
}

// One that all classic members support: they may have to make a classic group again.
bool ConsumerGroup::shares_protocol(const JoinGroupRequest& request) const {
  const auto all_support = [&](const JoinGroupRequest::Protocol& wanted) {
    return std::ranges::all_of(state_.members(), [&](const auto& m) {
      const auto& classic = m.second.metadata.classic;
      return !classic || std::ranges::any_of(classic->protocols, [&](const auto& protocol) {
        return protocol.name == wanted.name;
      });
    });
  };
  return request.protocol_type == kConsumerProtocolType &&
         std::ranges::any_of(request.protocols, all_support);
}

JoinGroup::Reply ConsumerGroup::admit(const JoinGroup& event, Time now) {
  const JoinGroupRequest& request = event.request;
  const std::string* owner = state_.static_member(request.group_instance_id);
  const bool is_replacing = owner && request.member_id.empty();
  const std::string id = request.member_id.empty() ? fresh_member_id(event) : request.member_id;
  if (is_replacing) replace(std::string(*owner), id);

  const ConsumerMember* known = state_.member(id);
  const auto subscription = *read_subscription(request.protocols.front().metadata);
  update(id, metadata_of(event, known ? known->metadata : MemberMetadata{}, subscription),
         reported_by(subscription, *image_), now);

  const ConsumerMember& member = *state_.member(id);
  Deadlines& deadlines = deadlines_[id];
  deadlines.session = now.steady_ms + session_timeout_ms(member);
  deadlines.sync = now.steady_ms + member.metadata.rebalance_timeout_ms;
  deadlines.join.reset();
  deadlines.rebalance.reset();
  if (may_become_classic()) {
    should_become_classic_ = true;
    should_rebalance_ = std::string_view(state()) != "Stable";
  }
  JoinGroup::Reply reply;
  reply.response.generation_id = member.current.epoch;
  reply.response.protocol_type = kConsumerProtocolType;
  reply.response.protocol_name = request.protocols.front().name;
  reply.response.member_id = id;
  return reply;
}

// --- SyncGroup and Heartbeat

ErrorCode ConsumerGroup::check_classic(const std::string& id,
                                       const std::optional<std::string>& instance_id,
                                       int32_t generation) const {
  if (instance_id) {
    const std::string* owner = state_.static_member(instance_id);
    if (!owner) return ErrorCode::kUnknownMemberId;
    if (*owner != id) return ErrorCode::kFencedInstanceId;
  }
  const ConsumerMember* member = state_.member(id);
  if (!member || !member->is_classic()) return ErrorCode::kUnknownMemberId;
  return generation == member->current.epoch ? ErrorCode::kNone : ErrorCode::kIllegalGeneration;
}

ErrorCode ConsumerGroup::check_sync(const SyncGroupRequest& request) const {
  const ErrorCode error =
      check_classic(request.member_id, request.group_instance_id, request.generation_id);
  if (error != ErrorCode::kNone) return error;
  const ConsumerMember& member = *state_.member(request.member_id);
  const std::string& protocol = member.metadata.classic->protocols.front().name;
  if (request.protocol_type.value_or(kConsumerProtocolType) != kConsumerProtocolType ||
      request.protocol_name.value_or(protocol) != protocol)
    return ErrorCode::kInconsistentGroupProtocol;
  // A coordinator that has just begun knows no names of topics yet; JoinGroup brings them.
  const bool is_behind = state_.epoch() > member.current.epoch &&
                         member.current.state != CurrentAssignment::State::kUnrevokedPartitions;
  return is_behind || !image_ ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
}

GroupOutcome ConsumerGroup::sync(Ticket ticket, const SyncGroup& event, Time now) {
  const SyncGroupRequest& request = event.request;
  const ErrorCode error = check_sync(request);
  SyncGroup::Reply reply;
  reply.response.error_code = code(error);
  if (error == ErrorCode::kRebalanceInProgress) expect_join(request.member_id, now);
  if (error == ErrorCode::kNone) {
    const ConsumerMember& member = *state_.member(request.member_id);
    Deadlines& deadlines = deadlines_[request.member_id];
    deadlines.sync.reset();
    deadlines.session = now.steady_ms + session_timeout_ms(member);
    const auto& protocol = member.metadata.classic->protocols.front();
    reply.response.protocol_type = request.protocol_type;
    reply.response.protocol_name = request.protocol_name;
    const std::string assignment =
        write_assignment(told(member.current.assigned, *image_),
                         consumer_protocol_version(as_bytes(protocol.metadata)));
    reply.response.assignment = reply.hold(share(as_bytes(assignment)));
  }
  return answered(ticket, std::move(reply));
}

GroupOutcome ConsumerGroup::heartbeat(Ticket ticket, const GroupHeartbeat& event, Time now) {
  const HeartbeatRequest& request = event.request;
  ErrorCode error =
      check_classic(request.member_id, request.group_instance_id, request.generation_id);
  if (error == ErrorCode::kNone) {
    const ConsumerMember& member = *state_.member(request.member_id);
    deadlines_[request.member_id].session = now.steady_ms + session_timeout_ms(member);
    if (has_to_rejoin(request.member_id, member)) {
      error = ErrorCode::kRebalanceInProgress;
      expect_join(request.member_id, now);
    }
  }
  HeartbeatResponse response;
  response.error_code = code(error);
  return answered(ticket, response);
}

// For a new epoch, to say that it gave up partitions, or to fetch some that are free now.
bool ConsumerGroup::has_to_rejoin(const std::string& id, const ConsumerMember& member) const {
  const CurrentAssignment& current = member.current;
  if (current.epoch < state_.epoch()) return true;
  if (current.state == CurrentAssignment::State::kUnrevokedPartitions) return true;
  if (current.state != CurrentAssignment::State::kUnreleasedPartitions) return false;
  for (const auto& [topic, partitions] : state_.target(id))
    for (const int32_t partition : partitions) {
      const std::string* owner = state_.owner(topic, partition);
      if (owner && *owner != id) return false;
    }
  return true;
}

void ConsumerGroup::expect_join(const std::string& id, Time now) {
  Deadlines& deadlines = deadlines_[id];
  if (!deadlines.join)
    deadlines.join = now.steady_ms + state_.member(id)->metadata.rebalance_timeout_ms;
}

// --- LeaveGroup

GroupOutcome ConsumerGroup::leave(Ticket ticket, const LeaveGroup& event, Time) {
  LeaveGroupResponse response;
  std::set<std::string> ids;
  const auto leave_one = [&](const LeaveGroupRequest::Member& leaving) {
    ErrorCode error = ErrorCode::kNone;
    if (const auto id = find_leaving(leaving, error)) ids.insert(*id);
    return code(error);
  };
  if (event.caller.version <= 2) {
    LeaveGroupRequest::Member leaving;
    leaving.member_id = event.request.member_id;
    response.error_code = leave_one(leaving);
  } else {
    for (const auto& leaving : event.request.members)
      response.members.push_back({.member_id = leaving.member_id,
                                  .group_instance_id = leaving.group_instance_id,
                                  .error_code = leave_one(leaving)});
  }
  if (!ids.empty()) fence(ids);
  return answered(ticket, std::move(response));
}

// An administrator names a static member by its instance id alone.
std::optional<std::string> ConsumerGroup::find_leaving(const LeaveGroupRequest::Member& leaving,
                                                       ErrorCode& error) const {
  const std::string* owner = state_.static_member(leaving.group_instance_id);
  if (leaving.group_instance_id && owner && !leaving.member_id.empty() &&
      *owner != leaving.member_id) {
    error = ErrorCode::kFencedInstanceId;
    return std::nullopt;
  }
  const std::string id = leaving.group_instance_id ? (owner ? *owner : "") : leaving.member_id;
  if (!state_.member(id)) {
    error = ErrorCode::kUnknownMemberId;
    return std::nullopt;
  }
  return id;
}

}  // namespace moldau
