// OffsetDelete: forgets committed offsets of topics that the group does not read (KIP-496).
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<OffsetDeleteResponse> handle_offset_delete(RequestContext& ctx,
                                                           OffsetDeleteRequest& request) {
  DeleteOffsets event{.request = request, .image = ctx.broker.image()};
  auto response = co_await ask_group<OffsetDeleteResponse>(ctx, std::move(event));
  co_return response;
}

}  // namespace moldau
