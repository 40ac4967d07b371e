// SyncGroup: the assignment that the leader of the group hands out.
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<SyncGroupResponse> handle_sync_group(RequestContext& ctx,
                                                     SyncGroupRequest& request) {
  SyncGroup event{.request = request, .caller = caller_of(ctx)};
  auto response = co_await ask_group<SyncGroupResponse>(ctx, std::move(event));
  co_return response;
}

}  // namespace moldau
