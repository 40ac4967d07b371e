// ConsumerGroupDescribe: state and members of groups of the protocol of KIP-848.
#include "broker/authorized_operations.h"
#include "broker/handlers/group_caller.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<ConsumerGroupDescribeResponse> handle_consumer_group_describe(
    RequestContext& ctx, ConsumerGroupDescribeRequest& request) {
  ConsumerGroupDescribeResponse response;
  for (auto& name : request.group_ids) {
    ConsumerGroupDescribeResponse::Group refused{.group_id = name};
    DescribeConsumerGroup event{.group = std::move(name), .image = ctx.broker.image()};
    auto group = co_await ask_group(ctx, std::move(event), std::move(refused));
    if (request.include_authorized_operations && group.error_code == code(ErrorCode::kNone))
      group.authorized_operations = kGroupOperations;
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace moldau
