// JoinGroup: answered when the generation has formed, which may take as long as the group's
// rebalance timeout.
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"
#include "broker/runtime/random_uuid.h"

namespace moldau {

asio::awaitable<JoinGroupResponse> handle_join_group(RequestContext& ctx,
                                                     JoinGroupRequest& request) {
  JoinGroup event{.request = request,
                  .caller = caller_of(ctx),
                  .fresh_uuid = to_rfc4122(random_uuid()),
                  .image = ctx.broker.image()};
  auto response = co_await ask_group<JoinGroupResponse>(ctx, std::move(event));
  if (response.error_code != code(ErrorCode::kNone)) {
    if (response.member_id.empty()) response.member_id = request.member_id;
    // Null is understood from v7 on.
    if (ctx.header.api_version < 7 && !response.protocol_name) response.protocol_name = "";
  }
  co_return response;
}

}  // namespace moldau
