// Metadata: which brokers there are, and which of them leads each partition. Creates topics that a
// client names for the first time, and returns their leaders in the same answer: an old client that
// is told LEADER_NOT_AVAILABLE spends its retries on it.
#include <string>
#include <utility>
#include <vector>

#include "broker/authorized_operations.h"
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/topic_creation.h"

#include "absl/container/flat_hash_map.h"

namespace moldau {
namespace {

using Topic = MetadataResponse::Topic;
using Errors = absl::flat_hash_map<std::string, ErrorCode>;

struct Answer {
  const ClusterImage& image;
  const MetadataRequest& request;

  MetadataResponse::Partition partition(int32_t index, const PartitionImage& p) const {
    MetadataResponse::Partition out{
        .error_code = code(p.leader < 0 ? ErrorCode::kLeaderNotAvailable : ErrorCode::kNone),
        .partition_index = index,
        .leader_id = p.leader,
        .leader_epoch = p.leader_epoch,
        .replica_nodes = p.replicas,
        .isr_nodes = p.isr};
    for (const int32_t replica : p.replicas)
      if (!is_alive(image, replica)) out.offline_replicas.push_back(replica);
    return out;
  }

  Topic topic(const TopicImage& t) const {
    Topic out{.name = t.name, .topic_id = t.id, .is_internal = is_internal_topic(t.name)};
    for (size_t i = 0; i < t.partitions.size(); ++i)
      out.partitions.push_back(partition(static_cast<int32_t>(i), t.partitions[i]));
    if (request.include_topic_authorized_operations)
      out.topic_authorized_operations = kTopicOperations;
    return out;
  }

  Topic named(const std::string& name, const Errors& errors) const {
    if (const auto found = image.topic(name)) return topic(*found);
    const auto error = errors.find(name);
    const bool is_valid = !topic_name_error(name);
    const ErrorCode unknown =
        is_valid ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kInvalidTopic;
    return {.error_code = code(error == errors.end() ? unknown : error->second),
            .name = name,
            .is_internal = is_internal_topic(name)};
  }

  Topic identified(const Uuid& id) const {
    if (const auto found = image.topic(id)) return topic(*found);
    return {.error_code = code(ErrorCode::kUnknownTopicId), .topic_id = id};
  }
};

// Whether it is asked for by id. The Java client then leaves the name empty, and does not make it
// null.
bool is_by_id(const MetadataRequest::Topic& topic) {
  return !topic.name || topic.topic_id != kZeroUuid;
}

// The names asked for that do not exist yet; a repeated name once.
std::vector<std::string> missing_topics(const ClusterImage& image, const MetadataRequest& request) {
  std::vector<std::string> missing;
  for (const auto& topic : *request.topics) {
    if (is_by_id(topic) || image.topic(*topic.name)) continue;
    if (std::ranges::find(missing, *topic.name) == missing.end()) missing.push_back(*topic.name);
  }
  return missing;
}

}  // namespace

asio::awaitable<MetadataResponse> handle_metadata(RequestContext& ctx, MetadataRequest& request) {
  Broker& broker = ctx.broker;
  auto image = broker.image();
  const bool every_topic =
      !request.topics || (ctx.header.api_version == 0 && request.topics->empty());

  Errors errors;
  if (!every_topic && request.allow_auto_topic_creation) {
    const auto missing = missing_topics(*image, request);
    if (!missing.empty()) {
      errors = co_await create_topics_on_demand(broker, missing);
      image = broker.image();
    }
  }

  MetadataResponse response{.cluster_id = broker.cluster_id(), .controller_id = broker.node_id()};
  for (const auto& [id, b] : image->brokers()) {
    const auto* endpoint = b.endpoint(ctx.connection.listener_name);
    if (b.fenced || !endpoint) continue;
    response.brokers.push_back(
        {.node_id = id, .host = endpoint->host, .port = endpoint->port, .rack = b.rack});
  }
  const Answer answer{*image, request};
  if (every_topic) {
    for (const auto& [name, topic] : image->topics())
      response.topics.push_back(answer.topic(*topic));
  } else {
    for (const auto& topic : *request.topics)
      response.topics.push_back(is_by_id(topic) ? answer.identified(topic.topic_id)
                                                : answer.named(*topic.name, errors));
  }
  if (request.include_cluster_authorized_operations)
    response.cluster_authorized_operations = kClusterOperations;
  co_return response;
}

}  // namespace moldau
