#include "broker/groups/consumer_member.h"

#include <algorithm>
#include <utility>

#include "protocol/bytes.h"

namespace moldau {
namespace {

using CurrentValue = ConsumerGroupCurrentMemberAssignmentValue;
using MetadataValue = ConsumerGroupMemberMetadataValue;

// Coordinators before KIP-1251 wrote no epochs: the member's own is the safe one to assume.
OwnedPartitions owned_from(const std::vector<CurrentValue::TopicPartitions>& topics,
                           int32_t member_epoch) {
  OwnedPartitions owned;
  for (const auto& topic : topics) {
    const auto& epochs = topic.assignment_epochs;
    const bool has_epochs = epochs && epochs->size() == topic.partitions.size();
    for (size_t i = 0; i < topic.partitions.size(); ++i)
      owned[topic.topic_id][topic.partitions[i]] = has_epochs ? (*epochs)[i] : member_epoch;
  }
  return owned;
}

std::vector<CurrentValue::TopicPartitions> owned_to(const OwnedPartitions& owned) {
  std::vector<CurrentValue::TopicPartitions> topics;
  for (const auto& [topic_id, partitions] : owned) {
    CurrentValue::TopicPartitions topic{.topic_id = topic_id, .partitions = {}};
    for (const auto& [partition, epoch] : partitions) {
      topic.partitions.push_back(partition);
      topic.assignment_epochs->push_back(epoch);
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

CurrentAssignment::State state_from(int8_t state) {
  using State = CurrentAssignment::State;
  const bool is_known = state >= 0 && state <= static_cast<int8_t>(State::kUnreleasedPartitions);
  return is_known ? static_cast<State>(state) : State::kUnknown;
}

}  // namespace

TopicPartitions without_epochs(const OwnedPartitions& owned) {
  TopicPartitions set;
  for (const auto& [topic, partitions] : owned)
    for (const auto& [partition, epoch] : partitions) set[topic].push_back(partition);
  return set;
}

MemberMetadata from_record(const MetadataValue& value) {
  MemberMetadata metadata{.instance_id = value.instance_id,
                          .rack_id = value.rack_id,
                          .client_id = value.client_id,
                          .client_host = value.client_host,
                          .subscribed_topics = value.subscribed_topic_names,
                          .regex = value.subscribed_topic_regex.value_or(""),
                          .rebalance_timeout_ms = value.rebalance_timeout_ms,
                          .assignor = value.server_assignor,
                          .classic = std::nullopt};
  auto& topics = metadata.subscribed_topics;
  std::ranges::sort(topics);
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  if (!value.classic_member_metadata) return metadata;
  MemberMetadata::Classic classic;
  classic.session_timeout_ms = value.classic_member_metadata->session_timeout_ms;
  for (const auto& protocol : value.classic_member_metadata->supported_protocols)
    classic.protocols.push_back({protocol.name, std::string(as_text(protocol.metadata))});
  metadata.classic = std::move(classic);
  return metadata;
}

MetadataValue to_record(const MemberMetadata& metadata) {
  MetadataValue value{.instance_id = metadata.instance_id,
                      .rack_id = metadata.rack_id,
                      .client_id = metadata.client_id,
                      .client_host = metadata.client_host,
                      .subscribed_topic_names = metadata.subscribed_topics,
                      .subscribed_topic_regex = metadata.regex,
                      .rebalance_timeout_ms = metadata.rebalance_timeout_ms,
                      .server_assignor = metadata.assignor,
                      .classic_member_metadata = std::nullopt};
  if (!metadata.classic) return value;
  MetadataValue::ClassicMemberMetadata classic;
  classic.session_timeout_ms = metadata.classic->session_timeout_ms;
  for (const auto& protocol : metadata.classic->protocols)
    classic.supported_protocols.push_back({protocol.name, as_bytes(protocol.metadata)});
  value.classic_member_metadata = std::move(classic);
  return value;
}

CurrentAssignment from_record(const CurrentValue& value) {
  return {
      .epoch = value.member_epoch,
      .previous_epoch = value.previous_member_epoch,
      .state = state_from(value.state),
      .assigned = owned_from(value.assigned_partitions, value.member_epoch),
      .pending_revocation = owned_from(value.partitions_pending_revocation, value.member_epoch)};
}

CurrentValue to_record(const CurrentAssignment& current) {
  return {.member_epoch = current.epoch,
          .previous_member_epoch = current.previous_epoch,
          .state = static_cast<int8_t>(current.state),
          .assigned_partitions = owned_to(current.assigned),
          .partitions_pending_revocation = owned_to(current.pending_revocation)};
}

}  // namespace moldau
