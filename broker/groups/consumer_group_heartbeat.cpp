// ConsumerGroup: heartbeats of members of the consumer protocol.
#include <algorithm>
#include <utility>

#include "broker/groups/consumer_group.h"
#include "broker/groups/topic_regex.h"

namespace moldau {
namespace {

constexpr int32_t kJoin = 0, kLeave = -1, kLeaveToComeBack = -2;

using Request = ConsumerGroupHeartbeatRequest;
using Response = ConsumerGroupHeartbeatResponse;

// Empty to Kafka: nothing but blanks and control characters.
bool is_blank(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c <= ' '; });
}
bool is_blank(const std::optional<std::string>& text) { return text && is_blank(*text); }

// The first words of a request that break the protocol; nullptr: none do.
const char* broken_rule(const Request& request, Version version) {
  const bool needs_id = version >= 1 || request.member_epoch > 0 || request.member_epoch == kLeave;
  if (needs_id && is_blank(request.member_id)) return "MemberId can't be empty.";
  if (is_blank(request.group_id)) return "GroupId can't be empty.";
  if (is_blank(request.instance_id)) return "InstanceId can't be empty.";
  if (is_blank(request.rack_id)) return "RackId can't be empty.";
  if (request.member_epoch == kJoin) {
    if (request.rebalance_timeout_ms == -1) return "A joining member has a RebalanceTimeoutMs.";
    if (!request.topic_partitions || !request.topic_partitions->empty())
      return "A joining member owns no partitions, and has to say so.";
    if (!request.subscribed_topic_names && !request.subscribed_topic_regex)
      return "A joining member has SubscribedTopicNames or a SubscribedTopicRegex.";
  }
  if (request.member_epoch == kLeaveToComeBack && !request.instance_id)
    return "InstanceId can't be null.";
  if (request.member_epoch < kLeaveToComeBack) return "MemberEpoch is invalid.";
  return nullptr;
}

bool is_within(const std::optional<TopicPartitions>& reported, const OwnedPartitions& owned) {
  if (!reported) return false;
  return std::ranges::all_of(*reported, [&](const auto& topic) {
    const auto it = owned.find(topic.first);
    return it != owned.end() && std::ranges::all_of(topic.second, [&](int32_t partition) {
             return it->second.contains(partition);
           });
  });
}

std::optional<TopicPartitions> report_of(const Request& request) {
  if (!request.topic_partitions) return std::nullopt;
  return to_topic_partitions(*request.topic_partitions);
}

// Null fields are those that did not change since the last heartbeat. Who joins had none: a static
// member may be another program now, and inherits no subscription.
MemberMetadata updated(MemberMetadata metadata, const ConsumerGroupHeartbeat& event) {
  const Request& request = event.request;
  if (request.member_epoch == kJoin) metadata = {};
  if (request.instance_id) metadata.instance_id = request.instance_id;
  if (request.rack_id) metadata.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms != -1)
    metadata.rebalance_timeout_ms = request.rebalance_timeout_ms;
  if (request.server_assignor) metadata.assignor = request.server_assignor;
  if (request.subscribed_topic_names) {
    const std::set<std::string> names(request.subscribed_topic_names->begin(),
                                      request.subscribed_topic_names->end());
    metadata.subscribed_topics.assign(names.begin(), names.end());
  }
  if (request.subscribed_topic_regex) metadata.regex = *request.subscribed_topic_regex;
  metadata.client_id = event.caller.client_id;
  metadata.client_host = event.caller.client_host;
  metadata.classic.reset();
  return metadata;
}

Response refused(ErrorCode error, std::string message) {
  Response response;
  response.error_code = static_cast<int16_t>(error);
  response.error_message = std::move(message);
  return response;
}

Response::Assignment told(const OwnedPartitions& assigned) {
  return {.topic_partitions = to_list<Response::TopicPartitions>(without_epochs(assigned))};
}

}  // namespace

GroupOutcome ConsumerGroup::heartbeat(Ticket ticket, const ConsumerGroupHeartbeat& event,
                                      Time now) {
  image_ = event.image;
  std::optional<Refusal> refusal;
  if (const char* rule = broken_rule(event.request, event.caller.version)) {
    refusal = Refusal{ErrorCode::kInvalidRequest, rule};
  } else {
    refusal = refuse(event.request);
  }
  if (refusal) return answered(ticket, refused(refusal->error, std::move(refusal->message)));
  if (event.request.member_epoch < 0) return answered(ticket, leave(event.request));
  return answered(ticket, keep_up(event, now));
}

// All that can be wrong is found before anything is written.
std::optional<ConsumerGroup::Refusal> ConsumerGroup::refuse(const Request& request) const {
  const std::string& id = request.member_id;
  if (request.server_assignor &&
      std::ranges::find(limits_.assignors, *request.server_assignor) == limits_.assignors.end())
    return Refusal{ErrorCode::kUnsupportedAssignor,
                   "There is no assignor " + *request.server_assignor + "."};
  const bool is_staying = request.member_epoch >= kJoin;
  if (is_staying && state_.members().size() >= static_cast<size_t>(limits_.max_size) &&
      !state_.member(id))
    return Refusal{ErrorCode::kGroupMaxSizeReached, "The group is full."};
  if (const std::string* owner = state_.static_member(request.instance_id)) {
    const ConsumerMember& member = *state_.member(*owner);
    if (request.member_epoch == kJoin) {
      if (*owner != id && !member.is_classic() && member.current.epoch != kLeaveToComeBack)
        return Refusal{ErrorCode::kUnreleasedInstanceId,
                       "The instance id belongs to the member " + *owner + "."};
    } else if (*owner != id) {
      return Refusal{ErrorCode::kFencedInstanceId, "Replaced by the member " + *owner + "."};
    }
  } else if (request.instance_id && request.member_epoch != kJoin) {
    return Refusal{ErrorCode::kUnknownMemberId, "No member has this instance id."};
  }
  if (request.member_epoch != kJoin) {
    if (!state_.member(id)) return Refusal{ErrorCode::kUnknownMemberId, "Not a member."};
    if (auto refusal = refuse_member(request, id)) return refusal;
  }
  const std::string regex = request.subscribed_topic_regex.value_or("");
  if (is_staying && !regex.empty() && !state_.is_in_use(regex))
    if (const absl::Status status = check_topic_regex(regex); !status.ok())
      return Refusal{ErrorCode::kInvalidRegularExpression, std::string(status.message())};
  return std::nullopt;
}

// A member may be one epoch behind, because the answer that told it was lost; but not with
// partitions that it does not own.
std::optional<ConsumerGroup::Refusal> ConsumerGroup::refuse_member(const Request& request,
                                                                   const std::string& id) const {
  if (request.member_epoch < 0) return std::nullopt;
  const CurrentAssignment& current = state_.member(id)->current;
  const auto report = report_of(request);
  const bool is_behind = request.member_epoch < current.epoch;
  const bool is_answer_lost =
      request.member_epoch == current.previous_epoch && is_within(report, current.assigned);
  const bool is_unknown =
      current.state == CurrentAssignment::State::kUnknown && (!report || !report->empty());
  if (request.member_epoch > current.epoch || (is_behind && !is_answer_lost) || is_unknown)
    return Refusal{ErrorCode::kFencedMemberEpoch,
                   "The member is at epoch " + std::to_string(current.epoch) +
                       "; it has to give up its partitions and to join again."};
  return std::nullopt;
}

// A static member that will come back keeps its partitions for the rest of its session.
Response ConsumerGroup::leave(const Request& request) {
  const std::string& id = request.member_id;
  if (request.member_epoch == kLeaveToComeBack) {
    CurrentAssignment current = state_.member(id)->current;
    current.epoch = kLeaveToComeBack;
    current.pending_revocation.clear();
    deadlines_[id].rebalance.reset();
    emit_current(id, current);
  } else {
    fence({id});
  }
  Response response;
  response.member_id = id;
  response.member_epoch = request.member_epoch;
  return response;
}

Response ConsumerGroup::keep_up(const ConsumerGroupHeartbeat& event, Time now) {
  const Request& request = event.request;
  const std::string id = request.member_id.empty() ? event.fresh_uuid : request.member_id;
  const std::string* owner = state_.static_member(request.instance_id);
  if (request.member_epoch == kJoin && owner &&
      (*owner != id || state_.member(id)->current.epoch == kLeaveToComeBack))
    replace(std::string(*owner), id);
  const ConsumerMember* known = state_.member(id);
  const ConsumerMember before = known ? *known : ConsumerMember{};
  update(id, updated(before.metadata, event), report_of(request), now);
  const ConsumerMember& member = *state_.member(id);
  deadlines_[id].session = now.steady_ms + session_timeout_ms(member);

  Response response;
  response.member_id = id;
  response.member_epoch = member.current.epoch;
  response.heartbeat_interval_ms =
      setting("consumer.heartbeat.interval.ms", limits_.heartbeat_interval_ms);
  const bool is_full = request.rebalance_timeout_ms != -1 && request.topic_partitions &&
                       (request.subscribed_topic_names || request.subscribed_topic_regex);
  if (request.member_epoch == kJoin || is_full ||
      member.current.assigned != before.current.assigned)
    response.assignment = told(member.current.assigned);
  return response;
}

}  // namespace moldau
