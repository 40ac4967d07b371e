// IncrementalAlterConfigs (KIP-339): sets, removes, appends to and subtracts from single keys.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/proposals.h"

namespace moldau {

asio::awaitable<IncrementalAlterConfigsResponse> handle_incremental_alter_configs(
    RequestContext& ctx, IncrementalAlterConfigsRequest& request) {
  const auto decide = [request](Controller& controller, int64_t) {
    return controller.incremental_alter_configs(request);
  };
  auto response = co_await ctx.broker.metadata().propose(decide);
  if (response.ok()) co_return *std::move(response);

  IncrementalAlterConfigsResponse failed;
  for (const auto& resource : request.resources)
    failed.responses.push_back({.error_code = code(proposal_error(response.status())),
                                .error_message = std::string(response.status().message()),
                                .resource_type = resource.resource_type,
                                .resource_name = resource.resource_name});
  co_return failed;
}

}  // namespace moldau
