// AlterConfigs: replaces all that was set on a resource.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/proposals.h"

namespace moldau {

asio::awaitable<AlterConfigsResponse> handle_alter_configs(RequestContext& ctx,
                                                           AlterConfigsRequest& request) {
  const auto decide = [request](Controller& controller, int64_t) {
    return controller.alter_configs(request);
  };
  auto response = co_await ctx.broker.metadata().propose(decide);
  if (response.ok()) co_return *std::move(response);

  AlterConfigsResponse failed;
  for (const auto& resource : request.resources)
    failed.responses.push_back({.error_code = code(proposal_error(response.status())),
                                .error_message = std::string(response.status().message()),
                                .resource_type = resource.resource_type,
                                .resource_name = resource.resource_name});
  co_return failed;
}

}  // namespace moldau
