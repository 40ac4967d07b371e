// ConsumerGroupDescribe: state and members of groups of the protocol of KIP-848.
#include "broker/authorized_operations.h"
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

using Group = ConsumerGroupDescribeResponse::Group;

asio::awaitable<Group> describe_one(RequestContext& ctx, std::string name) {
  Group refused;
  refused.group_id = name;
  refused.error_code = code(ErrorCode::kInvalidGroupId);
  if (name.empty()) co_return refused;
  DescribeConsumerGroup event{.group = std::move(name), .image = ctx.broker.image()};
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  if (answer.error == ErrorCode::kNone) co_return std::move(answer.reply);
  refused.error_code = code(answer.error);
  co_return refused;
}

}  // namespace

asio::awaitable<ConsumerGroupDescribeResponse> handle_consumer_group_describe(
    RequestContext& ctx, ConsumerGroupDescribeRequest& request) {
  ConsumerGroupDescribeResponse response;
  for (auto& name : request.group_ids) {
    auto group = co_await describe_one(ctx, std::move(name));
    if (request.include_authorized_operations && group.error_code == code(ErrorCode::kNone))
      group.authorized_operations = kGroupOperations;
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace moldau
