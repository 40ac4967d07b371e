// Heartbeat: a member of a classic group is alive.
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<HeartbeatResponse> handle_heartbeat(RequestContext& ctx,
                                                    HeartbeatRequest& request) {
  GroupHeartbeat event{.request = request, .caller = caller_of(ctx)};
  auto response = co_await ask_group<HeartbeatResponse>(ctx, std::move(event));
  co_return response;
}

}  // namespace moldau
