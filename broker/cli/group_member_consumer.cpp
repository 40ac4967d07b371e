// A member that speaks the consumer protocol (KIP-848): one heartbeat does it all, and the broker
// assigns. Partitions that stay are read on while others come and go.
#include <algorithm>
#include <random>

#include "broker/cli/group_member.h"
#include "broker/cli/java_errors.h"
#include "protocol/messages/consumer_group_heartbeat.h"

namespace moldau::cli {
namespace {

constexpr int32_t kJoin = 0, kLeave = -1, kLeaveForAWhile = -2;  // Member epochs in requests.

Uuid random_id() {
  std::random_device random;
  Uuid id{};
  for (auto& byte : id) byte = static_cast<uint8_t>(random());
  return id;
}

ErrorCode error_of(const ConsumerGroupHeartbeatResponse& response) {
  return static_cast<ErrorCode>(response.error_code);
}

class ConsumerProtocolMember final : public GroupMember {
 public:
  ConsumerProtocolMember(Client& client, Options options, Positions positions)
      : GroupMember(client, std::move(options), std::move(positions)) {}

 private:
  using Request = ConsumerGroupHeartbeatRequest;

  absl::StatusOr<bool> step(int64_t timeout_ms) override {
    auto topics_changed = learn_topics(false);
    if (!topics_changed.ok()) return topics_changed.status();
    if (*topics_changed && options_.topics.empty()) says_topics_ = true;
    const bool is_due =
        epoch_ == kJoin || says_topics_ || says_owned_ || now_ms() >= next_heartbeat_ms_;
    if (is_due)
      if (auto s = send_heartbeat(timeout_ms); !s.ok()) return s;
    return take_target();
  }

  absl::Status say_goodbye() override {
    if (epoch_ == kJoin) return absl::OkStatus();
    const Request request{.group_id = options_.group,
                          .member_id = member_id_,
                          .member_epoch = options_.instance_id ? kLeaveForAWhile : kLeave,
                          .instance_id = options_.instance_id,
                          .subscribed_topic_names = {},
                          .topic_partitions = {}};
    return coordinator_.ask<ConsumerGroupHeartbeatResponse>(options_.group, request, error_of)
        .status();
  }

  Committer committer() const override {
    return {.member_id = member_id_,
            .instance_id = options_.instance_id,
            .generation_or_epoch = epoch_};
  }

  // Everything when joining; then only what has changed.
  Request next_request() {
    const bool joins = epoch_ == kJoin;
    Request request{.group_id = options_.group,
                    .member_id = member_id_,
                    .member_epoch = epoch_,
                    .instance_id = options_.instance_id,
                    .subscribed_topic_names = {},
                    .topic_partitions = {}};
    if (joins) request.rebalance_timeout_ms = options_.max_poll_interval_ms;
    if (joins) request.server_assignor = options_.assignor;
    if (joins || says_topics_) {
      request.subscribed_topic_names = options_.topics;
      if (options_.topics.empty())
        for (const auto& topic : topics_)
          request.subscribed_topic_names->push_back(topic.name.value_or(""));
    }
    if (joins || says_owned_) request.topic_partitions = owned_;
    return request;
  }

  absl::Status send_heartbeat(int64_t timeout_ms) {
    const Request request = next_request();
    auto reply = coordinator_.ask<ConsumerGroupHeartbeatResponse>(
        options_.group, request, error_of,
        static_cast<int>(std::clamp<int64_t>(timeout_ms, 1, 30'000)));
    if (absl::IsDeadlineExceeded(reply.status())) return absl::OkStatus();
    if (!reply.ok()) return reply.status();
    const auto& answer = reply->message;
    const auto error = error_of(answer);
    if (error == ErrorCode::kFencedMemberEpoch || error == ErrorCode::kUnknownMemberId) {
      epoch_ = kJoin;  // Others have what was ours: nothing is to be committed.
      target_ = owned_ = {};
      assigned_.clear();
      has_target_ = true;
      next_heartbeat_ms_ = 0;
      return absl::OkStatus();
    }
    if (error != ErrorCode::kNone) return java_status(error, answer.error_message);
    says_topics_ = says_owned_ = false;
    epoch_ = answer.member_epoch;
    if (answer.member_id && !answer.member_id->empty()) member_id_ = *answer.member_id;
    next_heartbeat_ms_ = now_ms() + answer.heartbeat_interval_ms;
    if (answer.assignment) {
      target_.clear();
      for (const auto& topic : answer.assignment->topic_partitions)
        target_.push_back({topic.topic_id, topic.partitions});
      has_target_ = true;
    }
    return absl::OkStatus();
  }

  // Goes over to what the broker assigned last, once all its topics are known by name, and lets the
  // next heartbeat say so.
  absl::StatusOr<bool> take_target() {
    if (!has_target_) return false;
    auto target = names_of_target();
    if (!target.ok()) return target.status();
    if (!*target) return false;
    has_target_ = false;
    (void)commit();  // Of what goes.
    new_.clear();
    std::ranges::set_difference(**target, assigned_, std::inserter(new_, new_.end()));
    assigned_ = **std::move(target);
    owned_ = target_;
    says_owned_ = epoch_ != kJoin;
    return true;
  }

  absl::StatusOr<std::optional<TopicPartitionSet>> names_of_target() {
    TopicPartitionSet partitions;
    for (const auto& topic : target_) {
      const auto is_it = [&](const auto& known) { return known.topic_id == topic.topic_id; };
      auto known = std::ranges::find_if(topics_, is_it);
      if (known == topics_.end()) {
        auto changed = learn_topics(true);
        if (!changed.ok()) return changed.status();
        known = std::ranges::find_if(topics_, is_it);
      }
      if (known == topics_.end()) return std::optional<TopicPartitionSet>();
      for (const int32_t index : topic.partitions) partitions.insert({*known->name, index});
    }
    return std::optional(std::move(partitions));
  }

  std::string member_id_ = to_string(random_id());
  int32_t epoch_ = kJoin;
  std::vector<Request::TopicPartitions> target_, owned_;
  bool has_target_ = false;  // target_ is to become what is assigned.
  bool says_owned_ = false;  // The next heartbeat does.
  bool says_topics_ = false;
};

}  // namespace

std::unique_ptr<GroupMember> GroupMember::consumer(Client& client, Options options,
                                                   Positions positions) {
  return std::make_unique<ConsumerProtocolMember>(client, std::move(options), std::move(positions));
}

}  // namespace moldau::cli
