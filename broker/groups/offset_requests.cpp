#include "broker/groups/offset_requests.h"

namespace moldau {
namespace {

constexpr Version kTopicIdsSince = 10, kFetchGroupsSince = 8, kFetchAllSince = 2;

TopicPointer find_topic(const ClusterImage& image, const std::string& name, const Uuid& id,
                        Version version) {
  return version >= kTopicIdsSince ? image.topic(id) : image.topic(name);
}

ErrorCode unknown_topic(Version version) {
  return version >= kTopicIdsSince ? ErrorCode::kUnknownTopicId
                                   : ErrorCode::kUnknownTopicOrPartition;
}

bool is_there(const TopicImage& topic, int32_t partition) {
  return partition >= 0 && static_cast<size_t>(partition) < topic.partitions.size();
}

ErrorCode check_partition(const TopicPointer& topic, int32_t partition, Version version) {
  if (!topic) return unknown_topic(version);
  return is_there(*topic, partition) ? ErrorCode::kNone : ErrorCode::kUnknownTopicOrPartition;
}

OffsetFetchResponse::Partition no_offset(int32_t partition, ErrorCode error) {
  OffsetFetchResponse::Partition out;
  out.partition_index = partition;
  out.committed_offset = -1;
  out.metadata = "";  // Never null: an old client reads null as a committed offset 0.
  out.error_code = code(error);
  return out;
}

OffsetFetchResponse::Partition to_response(FetchOffsets::Reply::Partition partition) {
  auto out = no_offset(partition.partition, partition.error);
  out.committed_offset = partition.offset;
  out.committed_leader_epoch = partition.leader_epoch;
  out.metadata = std::move(partition.metadata);
  return out;
}

}  // namespace

CommitPlan plan_commit(const OffsetCommitRequest& request, Version version,
                       const ClusterImage& image) {
  CommitPlan plan{.event = {.group = request.group_id,
                            .generation = request.generation_id_or_member_epoch,
                            .member_id = request.member_id,
                            .instance_id = request.group_instance_id,
                            .version = version,
                            .retention_ms = request.retention_time_ms}};
  for (const auto& topic : request.topics) {
    const auto known = find_topic(image, topic.name, topic.topic_id, version);
    auto& topic_answer = plan.response.topics.emplace_back();
    topic_answer.name = topic.name;
    topic_answer.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      const ErrorCode error = check_partition(known, partition.partition_index, version);
      topic_answer.partitions.push_back({partition.partition_index, code(error)});
      if (error != ErrorCode::kNone) continue;
      plan.event.partitions.push_back({.topic = known->name,
                                       .topic_id = known->id,
                                       .partition = partition.partition_index,
                                       .offset = partition.committed_offset,
                                       .leader_epoch = partition.committed_leader_epoch,
                                       .commit_timestamp_ms = partition.commit_timestamp,
                                       .metadata = partition.committed_metadata});
      plan.asked.emplace_back(plan.response.topics.size() - 1, topic_answer.partitions.size() - 1);
    }
  }
  return plan;
}

OffsetCommitResponse answer_commit(CommitPlan plan, ErrorCode error,
                                   const CommitOffsets::Reply& reply) {
  if (error == ErrorCode::kNone) error = reply.error;
  if (error == ErrorCode::kMessageTooLarge) error = ErrorCode::kInvalidCommitOffsetSize;
  for (size_t i = 0; i < plan.asked.size(); ++i) {
    const auto [topic, partition] = plan.asked[i];
    plan.response.topics[topic].partitions[partition].error_code =
        code(error == ErrorCode::kNone ? reply.partitions.at(i) : error);
  }
  return std::move(plan.response);
}

FetchPlan plan_fetch(const OffsetFetchRequest::Group& group, bool require_stable, Version version,
                     const ClusterImage& image) {
  FetchPlan plan{.event = {.group = group.group_id,
                           .member_id = group.member_id,
                           .member_epoch = group.member_epoch,
                           .topics = std::nullopt,
                           .require_stable = require_stable}};
  plan.response.group_id = group.group_id;
  plan.is_all = !group.topics;
  if (plan.is_all) return plan;
  plan.event.topics.emplace();
  for (const auto& topic : *group.topics) {
    const auto known = find_topic(image, topic.name, topic.topic_id, version);
    auto& answer = plan.response.topics.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    FetchOffsets::Topic wanted{.name = known ? known->name : topic.name,
                               .id = known ? known->id : kZeroUuid};
    for (const int32_t partition : topic.partition_indexes) {
      const bool must_exist = version == 0 || (version >= kTopicIdsSince && !known);
      const ErrorCode error =
          must_exist ? check_partition(known, partition, version) : ErrorCode::kNone;
      answer.partitions.push_back(no_offset(partition, error));
      if (error == ErrorCode::kNone) wanted.partitions.push_back(partition);
    }
    if (wanted.partitions.empty()) continue;
    plan.event.topics->push_back(std::move(wanted));
    plan.asked.push_back(plan.response.topics.size() - 1);
  }
  return plan;
}

OffsetFetchResponse::Group answer_fetch(FetchPlan plan, ErrorCode error, FetchOffsets::Reply reply,
                                        Version version, const ClusterImage& image) {
  if (error == ErrorCode::kNone) error = reply.error;
  plan.response.error_code = code(error);
  if (plan.is_all) {
    for (auto& topic : reply.topics) {
      const auto known = image.topic(topic.name);
      if (version >= kTopicIdsSince && !known) continue;  // It has no id any more to be told by.
      auto& answer = plan.response.topics.emplace_back();
      answer.name = topic.name;
      answer.topic_id = known ? known->id : kZeroUuid;
      for (auto& partition : topic.partitions)
        answer.partitions.push_back(to_response(std::move(partition)));
    }
    return std::move(plan.response);
  }
  for (size_t i = 0; i < plan.asked.size(); ++i) {
    size_t next = 0;  // Of the partitions that the core was asked for.
    for (auto& partition : plan.response.topics[plan.asked[i]].partitions) {
      if (partition.error_code != code(ErrorCode::kNone)) continue;
      if (error != ErrorCode::kNone) {
        partition.error_code = code(error);
      } else {
        partition = to_response(std::move(reply.topics.at(i).partitions.at(next++)));
      }
    }
  }
  return std::move(plan.response);
}

std::vector<OffsetFetchRequest::Group> groups_of(OffsetFetchRequest request, Version version) {
  if (version >= kFetchGroupsSince) return std::move(request.groups);
  std::vector<OffsetFetchRequest::Group> groups(1);
  groups[0].group_id = std::move(request.group_id);
  groups[0].topics = std::move(request.topics);
  if (version < kFetchAllSince && !groups[0].topics) groups[0].topics.emplace();
  return groups;
}

OffsetFetchResponse response_of(std::vector<OffsetFetchResponse::Group> groups, Version version) {
  OffsetFetchResponse response;
  if (version >= kFetchGroupsSince) {
    response.groups = std::move(groups);
  } else {
    response.topics = std::move(groups.at(0).topics);
    response.error_code = groups.at(0).error_code;
  }
  return response;
}

}  // namespace moldau
