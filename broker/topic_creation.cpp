#include "broker/topic_creation.h"

#include <utility>

#include "broker/broker.h"
#include "broker/partitions.h"
#include "broker/proposals.h"
#include "protocol/messages/create_topics.h"

namespace moldau {

boost::asio::awaitable<TopicErrors> create_topics_on_demand(Broker& broker,
                                                            std::vector<std::string> names) {
  TopicErrors errors;
  CreateTopicsRequest request;
  for (auto& name : names) {
    if (topic_name_error(name))
      errors[name] = ErrorCode::kInvalidTopic;
    else if (!broker.config().get<"auto.create.topics.enable">() || is_internal_topic(name))
      errors[name] = ErrorCode::kUnknownTopicOrPartition;
    else
      request.topics.push_back(
          {.name = std::move(name), .num_partitions = -1, .replication_factor = -1});
  }
  if (request.topics.empty()) co_return errors;

  const auto decide = [request](Controller& controller, int64_t) {
    return controller.create_topics(request);
  };
  const auto response = co_await broker.metadata().propose(decide);
  if (!response.ok()) {
    for (const auto& topic : request.topics) errors[topic.name] = ErrorCode::kLeaderNotAvailable;
    co_return errors;
  }
  for (const auto& topic : response->topics) {
    const auto error = static_cast<ErrorCode>(topic.error_code);
    // Another client was first: the topic is there.
    if (error != ErrorCode::kNone && error != ErrorCode::kTopicAlreadyExists)
      errors[topic.name] = error;
  }
  co_return errors;
}

}  // namespace moldau
