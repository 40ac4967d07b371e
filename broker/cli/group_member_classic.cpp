// A member that speaks the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. It offers
// the range assignor, and is eager: it gives up all partitions before it joins again.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "broker/cli/group_member.h"
#include "broker/cli/java_errors.h"
#include "broker/groups/assignor.h"
#include "broker/groups/consumer_protocol.h"
#include "protocol/big_endian.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/sync_group.h"

namespace moldau::cli {
namespace {

constexpr const char* kRange = "range";
constexpr Version kSubscriptionVersion = 1;

template <class Response>
ErrorCode error_of(const Response& response) {
  return static_cast<ErrorCode>(response.error_code);
}

// The assignor knows topics by id only: a number will do.
Uuid numbered_id(uint32_t number) {
  Uuid id{};
  store_big_endian(id.data(), number);
  return id;
}

class ClassicProtocolMember final : public GroupMember {
 public:
  ClassicProtocolMember(Client& client, Options options, Positions positions)
      : GroupMember(client, std::move(options), std::move(positions)) {}

 private:
  absl::StatusOr<bool> step(int64_t timeout_ms) override {
    auto topics_changed = learn_topics(false);
    if (!topics_changed.ok()) return topics_changed.status();
    const bool concerns_us = is_leader_ || options_.topics.empty();
    if (*topics_changed && concerns_us) is_member_ = false;
    if (is_member_)
      if (auto s = send_heartbeat_if_due(); !s.ok()) return s;
    if (is_member_) return false;
    auto joined = join(now_ms() + timeout_ms);
    const bool gave_up_some = std::exchange(has_some_, joined.ok());
    if (absl::IsDeadlineExceeded(joined.status())) return gave_up_some;  // The next call goes on.
    return joined;
  }

  absl::Status say_goodbye() override {
    if (member_id_.empty() || options_.instance_id) return absl::OkStatus();
    LeaveGroupRequest request{.group_id = options_.group, .member_id = member_id_, .members = {}};
    request.members.push_back({.member_id = member_id_,
                               .group_instance_id = {},
                               .reason = "the consumer is being closed"});
    return coordinator_
        .ask<LeaveGroupResponse>(options_.group, request, error_of<LeaveGroupResponse>)
        .status();
  }

  Committer committer() const override {
    return {.member_id = member_id_,
            .instance_id = options_.instance_id,
            .generation_or_epoch = generation_};
  }

  absl::Status send_heartbeat_if_due() {
    if (now_ms() < next_heartbeat_ms_) return absl::OkStatus();
    next_heartbeat_ms_ = now_ms() + options_.heartbeat_interval_ms;
    const HeartbeatRequest request{.group_id = options_.group,
                                   .generation_id = generation_,
                                   .member_id = member_id_,
                                   .group_instance_id = options_.instance_id};
    auto reply =
        coordinator_.ask<HeartbeatResponse>(options_.group, request, error_of<HeartbeatResponse>);
    if (!reply.ok()) return reply.status();
    return take_error(error_of(reply->message));
  }

  // Ok where the cure is to join, or where there is nothing to cure.
  absl::Status take_error(ErrorCode error) {
    switch (error) {
      case ErrorCode::kNone:
        return absl::OkStatus();
      case ErrorCode::kRebalanceInProgress:
        is_member_ = false;
        return absl::OkStatus();
      case ErrorCode::kUnknownMemberId:
        member_id_.clear();
        [[fallthrough]];
      case ErrorCode::kIllegalGeneration:  // Others have what was ours: nothing is to be committed.
        is_member_ = false;
        assigned_.clear();
        return absl::OkStatus();
      default:
        return java_status(error);
    }
  }

  absl::StatusOr<bool> join(int64_t deadline_ms) {
    (void)commit();
    assigned_.clear();
    new_.clear();
    while (true) {
      auto joined = send_join(deadline_ms);
      if (!joined.ok()) return joined.status();
      const JoinGroupResponse& answer = joined->message;
      if (error_of(answer) == ErrorCode::kMemberIdRequired) {
        member_id_ = answer.member_id;
        continue;
      }
      if (auto s = take_error(error_of(answer)); !s.ok()) return s;
      if (answer.error_code != 0) continue;
      member_id_ = answer.member_id;
      generation_ = answer.generation_id;
      is_leader_ = answer.leader == member_id_;
      auto synced = sync(answer, deadline_ms);
      if (!synced.ok()) return synced.status();
      if (*synced) return true;
    }
  }

  absl::StatusOr<Reply<JoinGroupResponse>> send_join(int64_t deadline_ms) {
    ConsumerProtocolSubscription subscription;
    for (const auto& topic : topics_) subscription.topics.push_back(topic.name.value_or(""));
    if (topics_.empty()) subscription.topics = options_.topics;
    const std::string metadata = write_subscription(subscription, kSubscriptionVersion);
    JoinGroupRequest request{.group_id = options_.group,
                             .session_timeout_ms = options_.session_timeout_ms,
                             .rebalance_timeout_ms = options_.max_poll_interval_ms,
                             .member_id = member_id_,
                             .group_instance_id = options_.instance_id,
                             .protocol_type = kConsumerProtocolType,
                             .protocols = {}};
    request.protocols.push_back({.name = kRange, .metadata = as_bytes(metadata)});
    return coordinator_.ask<JoinGroupResponse>(options_.group, request, error_of<JoinGroupResponse>,
                                               left(deadline_ms));
  }

  // False: join again.
  absl::StatusOr<bool> sync(const JoinGroupResponse& joined, int64_t deadline_ms) {
    SyncGroupRequest request{.group_id = options_.group,
                             .generation_id = generation_,
                             .member_id = member_id_,
                             .group_instance_id = options_.instance_id,
                             .protocol_type = kConsumerProtocolType,
                             .protocol_name = joined.protocol_name,
                             .assignments = {}};
    std::map<std::string, std::string> assignments;
    if (is_leader_ && !joined.skip_assignment) {
      auto decided = assign(joined);
      if (!decided.ok()) return decided.status();
      assignments = *std::move(decided);
    }
    for (const auto& [member, bytes] : assignments)
      request.assignments.push_back({.member_id = member, .assignment = as_bytes(bytes)});
    auto reply = coordinator_.ask<SyncGroupResponse>(
        options_.group, request, error_of<SyncGroupResponse>, left(deadline_ms));
    if (!reply.ok()) return reply.status();
    if (auto s = take_error(error_of(reply->message)); !s.ok()) return s;
    if (reply->message.error_code != 0) return false;
    auto ours = read_assignment(reply->message.assignment);
    if (!ours.ok()) return ours.status();
    for (const auto& topic : ours->assigned_partitions)
      for (const int32_t index : topic.partitions) assigned_.insert({topic.topic, index});
    new_ = assigned_;
    is_member_ = true;
    next_heartbeat_ms_ = now_ms() + options_.heartbeat_interval_ms;
    return true;
  }

  // By member, what a leader decides with the range assignor.
  absl::StatusOr<std::map<std::string, std::string>> assign(const JoinGroupResponse& joined) {
    std::map<std::string, std::vector<std::string>> subscribed;  // By member.
    std::set<std::string> names;
    for (const auto& member : joined.members) {
      auto subscription = read_subscription(member.metadata);
      if (!subscription.ok()) return subscription.status();
      names.insert(subscription->topics.begin(), subscription->topics.end());
      subscribed[member.member_id] = subscription->topics;
    }
    const std::vector<std::string> wanted(names.begin(), names.end());
    auto metadata = client_.metadata(&wanted);
    if (!metadata.ok()) return metadata.status();
    AssignSpec spec;
    std::map<std::string, Uuid> ids;
    std::map<Uuid, std::string> names_by_id;
    for (const auto& topic : metadata->topics) {
      if (topic.error_code != 0) continue;
      const Uuid id = numbered_id(static_cast<uint32_t>(ids.size()));
      ids[*topic.name] = id;
      names_by_id[id] = *topic.name;
      spec.partition_counts[id] = static_cast<int32_t>(topic.partitions.size());
    }
    for (const auto& member : joined.members) {
      MemberSpec& one = spec.members[member.member_id];
      one.instance_id = member.group_instance_id;
      for (const auto& topic : subscribed[member.member_id])
        if (ids.contains(topic)) one.subscribed.push_back(ids[topic]);
      std::ranges::sort(one.subscribed);
      const auto [first, last] = std::ranges::unique(one.subscribed);
      one.subscribed.erase(first, last);
    }
    std::map<std::string, std::string> assignments;
    for (const auto& [member, topics] : assign_range(spec)) {
      ConsumerProtocolAssignment assignment;
      for (const auto& [id, partitions] : topics)
        assignment.assigned_partitions.push_back({names_by_id[id], partitions});
      assignments[member] = write_assignment(assignment, kSubscriptionVersion);
    }
    return assignments;
  }

  static int left(int64_t deadline_ms) {
    return static_cast<int>(std::max<int64_t>(deadline_ms - now_ms(), 1));
  }

  std::string member_id_;
  int32_t generation_ = -1;
  bool is_member_ = false;  // Of the current generation, as far as we know.
  bool is_leader_ = false;
  bool has_some_ = false;  // Our caller was told of an assignment that is not taken back.
};

}  // namespace

std::unique_ptr<GroupMember> GroupMember::classic(Client& client, Options options,
                                                  Positions positions) {
  return std::make_unique<ClassicProtocolMember>(client, std::move(options), std::move(positions));
}

}  // namespace moldau::cli
