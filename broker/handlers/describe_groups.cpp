// DescribeGroups: state and members of classic groups, and of simple ones.
#include "broker/authorized_operations.h"
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<DescribeGroupsResponse> handle_describe_groups(RequestContext& ctx,
                                                               DescribeGroupsRequest& request) {
  DescribeGroupsResponse response;
  for (auto& name : request.groups) {
    DescribeGroupsResponse::Group refused{.group_id = name};
    DescribeClassicGroup event{.group = std::move(name), .version = ctx.header.api_version};
    auto group = co_await ask_group(ctx, std::move(event), std::move(refused));
    if (request.include_authorized_operations && group.error_code == code(ErrorCode::kNone))
      group.authorized_operations = kGroupOperations;
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace moldau
