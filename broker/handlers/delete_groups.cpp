// DeleteGroups: groups without members go, with what they committed.
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<DeleteGroupsResponse> handle_delete_groups(RequestContext& ctx,
                                                           DeleteGroupsRequest& request) {
  DeleteGroupsResponse response;
  for (auto& name : request.groups_names) {
    DeleteGroupsResponse::Result refused{.group_id = name};
    DeleteGroup event{.group = std::move(name)};
    auto result = co_await ask_group(ctx, std::move(event), std::move(refused));
    response.results.push_back(std::move(result));
  }
  co_return response;
}

}  // namespace moldau
