// DescribeTopicPartitions (KIP-966): topics in name order, a page at a time.
#include <algorithm>
#include <string>
#include <vector>

#include "broker/authorized_operations.h"
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

using Response = DescribeTopicPartitionsResponse;

Response::Partition describe(const ClusterImage& image, int32_t index, const PartitionImage& p) {
  Response::Partition out{
      .error_code = code(p.leader < 0 ? ErrorCode::kLeaderNotAvailable : ErrorCode::kNone),
      .partition_index = index,
      .leader_id = p.leader,
      .leader_epoch = p.leader_epoch,
      .replica_nodes = p.replicas,
      .isr_nodes = p.isr,
      .eligible_leader_replicas = p.elr,
      .last_known_elr = p.last_known_elr};
  for (const int32_t replica : p.replicas)
    if (!is_alive(image, replica)) out.offline_replicas.push_back(replica);
  return out;
}

std::vector<std::string> names_in_order(const ClusterImage& image,
                                        const DescribeTopicPartitionsRequest& request) {
  std::vector<std::string> names;
  for (const auto& topic : request.topics) names.push_back(topic.name);
  if (names.empty())
    for (const auto& [name, topic] : image.topics()) names.push_back(name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  if (request.cursor)
    std::erase_if(names, [&](const auto& name) { return name < request.cursor->topic_name; });
  return names;
}

}  // namespace

asio::awaitable<DescribeTopicPartitionsResponse> handle_describe_topic_partitions(
    RequestContext& ctx, DescribeTopicPartitionsRequest& request) {
  const auto image = ctx.broker.image();
  const int32_t most = ctx.broker.config().get<"max.request.partition.size.limit">();
  int32_t left = std::clamp(request.response_partition_limit, 1, most);

  Response response;
  for (const auto& name : names_in_order(*image, request)) {
    const auto topic = image->topic(name);
    if (!topic) {
      const bool is_valid = !topic_name_error(name);
      response.topics.push_back({.error_code = code(is_valid ? ErrorCode::kUnknownTopicOrPartition
                                                             : ErrorCode::kInvalidTopic),
                                 .name = name});
      continue;
    }
    const bool resumes = request.cursor && request.cursor->topic_name == name;
    const int32_t first = resumes ? std::max(0, request.cursor->partition_index) : 0;
    const auto count = static_cast<int32_t>(topic->partitions.size());
    if (left == 0) {
      response.next_cursor = Response::Cursor{.topic_name = name, .partition_index = first};
      break;
    }
    Response::Topic out{.name = name,
                        .topic_id = topic->id,
                        .is_internal = is_internal_topic(name),
                        .topic_authorized_operations = kTopicOperations};
    int32_t next = first;
    for (; next < count && left > 0; ++next, --left)
      out.partitions.push_back(
          describe(*image, next, topic->partitions[static_cast<size_t>(next)]));
    response.topics.push_back(std::move(out));
    if (next < count) {
      response.next_cursor = Response::Cursor{.topic_name = name, .partition_index = next};
      break;
    }
  }
  co_return response;
}

}  // namespace moldau
