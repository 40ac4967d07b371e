// DescribeCluster (KIP-700): the brokers and what the client may do.
#include "broker/authorized_operations.h"
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

constexpr int8_t kBrokers = 1;  // endpoint_type: 1 brokers, 2 controllers (KIP-919).

}  // namespace

asio::awaitable<DescribeClusterResponse> handle_describe_cluster(RequestContext& ctx,
                                                                 DescribeClusterRequest& request) {
  DescribeClusterResponse response{.endpoint_type = request.endpoint_type,
                                   .cluster_id = ctx.broker.cluster_id(),
                                   .controller_id = ctx.broker.node_id()};
  if (request.endpoint_type != kBrokers) {
    response.error_code = code(ErrorCode::kMismatchedEndpointType);
    response.error_message =
        "This listener serves brokers; controllers are not reached through it.";
    co_return response;
  }
  const auto image = ctx.broker.image();
  for (const auto& [id, b] : image->brokers()) {
    const auto* endpoint = b.endpoint(ctx.connection.listener_name);
    if (!endpoint || (b.fenced && !request.include_fenced_brokers)) continue;
    response.brokers.push_back({.broker_id = id,
                                .host = endpoint->host,
                                .port = endpoint->port,
                                .rack = b.rack,
                                .is_fenced = b.fenced});
  }
  if (request.include_cluster_authorized_operations)
    response.cluster_authorized_operations = kClusterOperations;
  co_return response;
}

}  // namespace moldau
