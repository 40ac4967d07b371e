// ConsumerGroupHeartbeat: a member of a consumer group joins, keeps up or leaves (KIP-848).
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"
#include "broker/runtime/random_uuid.h"

namespace moldau {

asio::awaitable<ConsumerGroupHeartbeatResponse> handle_consumer_group_heartbeat(
    RequestContext& ctx, ConsumerGroupHeartbeatRequest& request) {
  ConsumerGroupHeartbeat event{.request = request,
                               .caller = caller_of(ctx),
                               .fresh_uuid = to_string(random_uuid()),
                               .image = ctx.broker.image()};
  auto response = co_await ask_group<ConsumerGroupHeartbeatResponse>(ctx, std::move(event));
  co_return response;
}

}  // namespace moldau
