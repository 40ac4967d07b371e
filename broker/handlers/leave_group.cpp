// LeaveGroup: members leave a classic group.
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<LeaveGroupResponse> handle_leave_group(RequestContext& ctx,
                                                       LeaveGroupRequest& request) {
  LeaveGroup event{.request = request, .caller = caller_of(ctx)};
  auto response = co_await ask_group<LeaveGroupResponse>(ctx, std::move(event));
  co_return response;
}

}  // namespace moldau
