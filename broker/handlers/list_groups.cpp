// ListGroups: the groups that this broker coordinates, by state and by type if asked so.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<ListGroupsResponse> handle_list_groups(RequestContext& ctx,
                                                       ListGroupsRequest& request) {
  ListGroups event{.request = request};
  auto listed = co_await ctx.broker.groups().list(std::move(event));
  ListGroupsResponse response;
  response.error_code = code(listed.error);
  response.groups = std::move(listed.groups);
  co_return response;
}

}  // namespace moldau
