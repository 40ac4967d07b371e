#include "broker/cli/group_client.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "broker/cli/java_errors.h"
#include "broker/groups/consumer_protocol.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

// From version 10 on topics have ids in place of names, and one that was deleted has none.
constexpr Version kNewestWithTopicNames = 9;

template <class Topics>
auto& topic_of(Topics& topics, const std::string& name) {
  if (topics.empty() || topics.back().name != name) {
    topics.emplace_back();
    topics.back().name = name;
  }
  return topics.back();
}

// Brokers write "classic", and tools "Classic".
std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

// What the leader of a classic group gave a member; nothing if it is no consumer's.
TopicPartitionSet assigned_to(Bytes bytes) {
  TopicPartitionSet partitions;
  auto assignment = read_assignment(bytes);
  if (!assignment.ok()) return partitions;
  for (const auto& topic : assignment->assigned_partitions)
    for (const int32_t index : topic.partitions) partitions.insert({topic.topic, index});
  return partitions;
}

TopicPartitionSet assigned_to(const ConsumerGroupDescribeResponse::Assignment& assignment) {
  TopicPartitionSet partitions;
  for (const auto& topic : assignment.topic_partitions)
    for (const int32_t index : topic.partitions) partitions.insert({topic.topic_name, index});
  return partitions;
}

GroupDescription read(const ConsumerGroupDescribeResponse::Group& group) {
  GroupDescription description{.group = group.group_id,
                               .type = "Consumer",
                               .state = group.group_state,
                               .assignor = group.assignor_name,
                               .coordinator = {},
                               .epoch = group.group_epoch,
                               .assignment_epoch = group.assignment_epoch,
                               .members = {}};
  constexpr int8_t kUnknownKind = -1, kConsumerKind = 1;
  for (const auto& member : group.members)
    description.members.push_back(
        {.id = member.member_id,
         .instance_id = member.instance_id,
         .client_id = member.client_id,
         .host = member.client_host,
         .assigned = assigned_to(member.assignment),
         .target = assigned_to(member.target_assignment),
         .epoch = member.member_epoch,
         .is_upgraded = member.member_type == kUnknownKind
                            ? std::nullopt
                            : std::optional(member.member_type == kConsumerKind)});
  return description;
}

GroupDescription read(const DescribeGroupsResponse::Group& group) {
  GroupDescription description{.group = group.group_id,
                               .type = "Classic",
                               .state = group.group_state,
                               .assignor = group.protocol_data,
                               .coordinator = {},
                               .epoch = {},
                               .assignment_epoch = {},
                               .members = {}};
  for (const auto& member : group.members)
    description.members.push_back({.id = member.member_id,
                                   .instance_id = member.group_instance_id,
                                   .client_id = member.client_id,
                                   .host = member.client_host,
                                   .assigned = assigned_to(member.member_assignment),
                                   .target = {},
                                   .epoch = {},
                                   .is_upgraded = {}});
  return description;
}

template <class Response>
ErrorCode error_of_one_group(const Response& response) {
  return response.groups.empty() ? ErrorCode::kUnknownServerError
                                 : static_cast<ErrorCode>(response.groups[0].error_code);
}

ErrorCode error_of_fetch(const OffsetFetchResponse& response) {
  return static_cast<ErrorCode>(response.groups.empty() ? response.error_code
                                                        : response.groups[0].error_code);
}

ErrorCode error_of_commit(const OffsetCommitResponse& response) {
  for (const auto& topic : response.topics)
    for (const auto& partition : topic.partitions)
      if (partition.error_code != 0) return static_cast<ErrorCode>(partition.error_code);
  return ErrorCode::kNone;
}

}  // namespace

int64_t GroupClient::now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void GroupClient::pause() { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }

bool GroupClient::is_coordinator_gone(ErrorCode error) {
  return error == ErrorCode::kCoordinatorNotAvailable || error == ErrorCode::kNotCoordinator ||
         error == ErrorCode::kCoordinatorLoadInProgress;
}

absl::StatusOr<GroupClient::Coordinator> GroupClient::find_coordinator(const std::string& group) {
  const FindCoordinatorRequest request{.key = group, .coordinator_keys = {group}};
  auto reply = client_.call<FindCoordinatorResponse>(request);
  if (!reply.ok()) return reply.status();
  const auto& message = reply->message;
  if (message.coordinators.empty()) {  // Before version 4 there is one answer.
    const auto error = static_cast<ErrorCode>(message.error_code);
    if (error != ErrorCode::kNone) return java_status(error, message.error_message);
    return Coordinator{message.node_id, {message.host, static_cast<uint16_t>(message.port)}};
  }
  const auto& found = message.coordinators[0];
  const auto error = static_cast<ErrorCode>(found.error_code);
  if (error != ErrorCode::kNone) return java_status(error, found.error_message);
  return Coordinator{found.node_id, {found.host, static_cast<uint16_t>(found.port)}};
}

absl::StatusOr<int32_t> GroupClient::coordinator_of(const std::string& group, int64_t deadline_ms) {
  while (!coordinators_.contains(group)) {
    auto found = find_coordinator(group);
    const bool may_work_later = absl::IsUnavailable(found.status()) && now_ms() < deadline_ms;
    if (found.ok()) {
      coordinators_[group] = *found;
    } else if (may_work_later) {
      pause();
    } else {
      return found.status();
    }
  }
  const int32_t node = coordinators_[group].node;
  const auto& brokers = client_.last_metadata().brokers;
  if (std::ranges::find(brokers, node, &MetadataResponse::Broker::node_id) == brokers.end()) {
    const std::vector<std::string> none;  // The client connects to brokers of the metadata.
    if (auto m = client_.metadata(&none); !m.ok()) return m.status();
  }
  return node;
}

absl::StatusOr<std::vector<GroupListing>> GroupClient::list(const std::vector<std::string>& states,
                                                            const std::vector<std::string>& types) {
  const std::vector<std::string> no_topics;
  auto metadata = client_.metadata(&no_topics);
  if (!metadata.ok()) return metadata.status();
  std::map<std::string, GroupListing> listings;
  for (const auto& broker : metadata->brokers) {
    auto reply = client_.call<ListGroupsResponse>(
        ListGroupsRequest{.states_filter = states, .types_filter = types}, broker.node_id,
        timeout_ms_);
    if (!reply.ok()) return reply.status();
    if (auto s = java_status(static_cast<ErrorCode>(reply->message.error_code)); !s.ok()) return s;
    for (const auto& group : reply->message.groups)
      listings[group.group_id] = {group.group_id, group.protocol_type, group.group_state,
                                  capitalised(group.group_type)};
  }
  std::vector<GroupListing> sorted;
  for (auto& [name, listing] : listings) sorted.push_back(std::move(listing));
  return sorted;
}

void GroupClient::name_coordinator(GroupDescription& description) const {
  const auto found = coordinators_.find(description.group);
  if (found == coordinators_.end()) return;
  description.coordinator_id = found->second.node;
  description.coordinator = found->second.address;
}

absl::StatusOr<std::optional<GroupDescription>> GroupClient::describe_consumer(
    const std::string& group) {
  const std::optional<GroupDescription> none;
  const ConsumerGroupDescribeRequest request{.group_ids = {group}};
  auto reply = ask<ConsumerGroupDescribeResponse>(
      group, request, error_of_one_group<ConsumerGroupDescribeResponse>);
  if (absl::IsUnimplemented(reply.status())) return none;
  if (!reply.ok()) return reply.status();
  const auto error = error_of_one_group(reply->message);
  if (error == ErrorCode::kGroupIdNotFound || error == ErrorCode::kUnsupportedVersion) return none;
  if (error != ErrorCode::kNone)
    return java_status(error, reply->message.groups.empty()
                                  ? std::nullopt
                                  : reply->message.groups[0].error_message);
  return std::optional(read(reply->message.groups[0]));
}

absl::StatusOr<GroupDescription> GroupClient::describe_classic(const std::string& group) {
  auto reply = ask<DescribeGroupsResponse>(group, DescribeGroupsRequest{.groups = {group}},
                                           error_of_one_group<DescribeGroupsResponse>);
  if (!reply.ok()) return reply.status();
  const auto error = error_of_one_group(reply->message);
  if (error != ErrorCode::kNone)
    return java_status(error, reply->message.groups.empty()
                                  ? std::nullopt
                                  : reply->message.groups[0].error_message);
  const auto& found = reply->message.groups[0];
  if (!found.protocol_type.empty() && found.protocol_type != "consumer")
    return absl::InvalidArgumentError(absl::StrCat("java.lang.IllegalArgumentException: GroupId ",
                                                   group, " is not a consumer group (",
                                                   found.protocol_type, ")."));
  return read(found);
}

absl::StatusOr<GroupDescription> GroupClient::describe(const std::string& group) {
  auto as_consumer = describe_consumer(group);
  if (!as_consumer.ok()) return as_consumer.status();
  absl::StatusOr<GroupDescription> description;
  if (*as_consumer) {
    description = **std::move(as_consumer);
  } else {
    description = describe_classic(group);
  }
  if (description.ok()) name_coordinator(*description);
  return description;
}

absl::StatusOr<CommittedOffsets> GroupClient::committed(const std::string& group) {
  OffsetFetchRequest request{.group_id = group, .topics = {}, .groups = {}};
  request.groups.push_back({.group_id = group, .member_id = {}, .topics = {}});
  auto reply = ask<OffsetFetchResponse>(group, request, error_of_fetch, 0, kNewestWithTopicNames);
  if (!reply.ok()) return reply.status();
  if (auto s = java_status(error_of_fetch(reply->message)); !s.ok()) return s;
  CommittedOffsets offsets;
  const auto& topics =
      reply->message.groups.empty() ? reply->message.topics : reply->message.groups[0].topics;
  for (const auto& topic : topics)
    for (const auto& partition : topic.partitions)
      if (partition.error_code == 0 && partition.committed_offset >= 0)
        offsets[{topic.name, partition.partition_index}] = {partition.committed_offset,
                                                            partition.committed_leader_epoch};
  return offsets;
}

absl::Status GroupClient::commit(const std::string& group, const Committer& committer,
                                 const PartitionOffsets& offsets) {
  OffsetCommitRequest request{.group_id = group,
                              .generation_id_or_member_epoch = committer.generation_or_epoch,
                              .member_id = committer.member_id,
                              .group_instance_id = committer.instance_id,
                              .topics = {}};
  for (const auto& [partition, offset] : offsets)
    topic_of(request.topics, partition.topic)
        .partitions.push_back({.partition_index = partition.partition,
                               .committed_offset = offset,
                               .committed_metadata = ""});
  auto reply = ask<OffsetCommitResponse>(group, request, error_of_commit, 0, kNewestWithTopicNames);
  if (!reply.ok()) return reply.status();
  return java_status(error_of_commit(reply->message));
}

absl::StatusOr<ErrorCode> GroupClient::remove(const std::string& group) {
  const auto error_of = [](const DeleteGroupsResponse& response) {
    return response.results.empty() ? ErrorCode::kUnknownServerError
                                    : static_cast<ErrorCode>(response.results[0].error_code);
  };
  auto reply =
      ask<DeleteGroupsResponse>(group, DeleteGroupsRequest{.groups_names = {group}}, error_of);
  if (!reply.ok()) return reply.status();
  return error_of(reply->message);
}

absl::StatusOr<GroupClient::Removal> GroupClient::remove_offsets(
    const std::string& group, const TopicPartitionSet& partitions) {
  OffsetDeleteRequest request{.group_id = group, .topics = {}};
  for (const auto& partition : partitions)
    topic_of(request.topics, partition.topic)
        .partitions.push_back({.partition_index = partition.partition});
  const auto error_of = [](const OffsetDeleteResponse& response) {
    return static_cast<ErrorCode>(response.error_code);
  };
  auto reply = ask<OffsetDeleteResponse>(group, request, error_of);
  if (!reply.ok()) return reply.status();
  Removal removal{.error = error_of(reply->message), .partitions = {}};
  for (const auto& partition : partitions) removal.partitions[partition] = removal.error;
  for (const auto& topic : reply->message.topics)
    for (const auto& partition : topic.partitions)
      removal.partitions[{topic.name, partition.partition_index}] =
          static_cast<ErrorCode>(partition.error_code);
  return removal;
}

absl::StatusOr<TopicPartitionSet> partitions_of(Client& client,
                                                const std::set<std::string>& topics) {
  const std::vector<std::string> names(topics.begin(), topics.end());
  auto metadata = client.metadata(&names);
  if (!metadata.ok()) return metadata.status();
  TopicPartitionSet partitions;
  for (const auto& topic : metadata->topics) {
    if (auto s = to_status(topic.error_code); !s.ok()) return s;
    for (const auto& partition : topic.partitions)
      partitions.insert({topic.name.value_or(""), partition.partition_index});
  }
  return partitions;
}

absl::StatusOr<PartitionOffsets> log_offsets(Client& client, const TopicPartitionSet& partitions,
                                             int64_t timestamp, int timeout_ms) {
  std::set<std::string> topics;
  for (const auto& partition : partitions) topics.insert(partition.topic);
  const std::vector<std::string> names(topics.begin(), topics.end());
  auto metadata = client.metadata(&names);
  if (!metadata.ok()) return metadata.status();
  std::map<int32_t, ListOffsetsRequest> by_leader;
  for (const auto& topic : metadata->topics)
    for (const auto& partition : topic.partitions) {
      const std::string& name = *topic.name;
      if (partition.leader_id < 0 || !partitions.contains({name, partition.partition_index}))
        continue;
      ListOffsetsRequest& request = by_leader[partition.leader_id];
      request.replica_id = -1;
      request.timeout_ms = timeout_ms;
      topic_of(request.topics, name)
          .partitions.push_back(
              {.partition_index = partition.partition_index, .timestamp = timestamp});
    }
  PartitionOffsets offsets;
  for (const auto& [leader, request] : by_leader) {
    auto reply = client.call<ListOffsetsResponse>(request, leader, timeout_ms);
    if (!reply.ok()) return reply.status();
    for (const auto& topic : reply->message.topics)
      for (const auto& found : topic.partitions) {
        if (auto s = java_status(static_cast<ErrorCode>(found.error_code)); !s.ok()) return s;
        offsets[{topic.name, found.partition_index}] =
            found.old_style_offsets.empty() ? found.offset : found.old_style_offsets[0];
      }
  }
  return offsets;
}

}  // namespace moldau::cli
