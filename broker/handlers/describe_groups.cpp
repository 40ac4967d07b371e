// DescribeGroups: state and members of classic groups, and of simple ones.
#include "broker/authorized_operations.h"
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

using Group = DescribeGroupsResponse::Group;

asio::awaitable<Group> describe_one(RequestContext& ctx, std::string name) {
  Group refused;
  refused.group_id = name;
  refused.error_code = code(ErrorCode::kInvalidGroupId);
  if (name.empty()) co_return refused;
  DescribeClassicGroup event{.group = std::move(name), .version = ctx.header.api_version};
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  if (answer.error == ErrorCode::kNone) {
    for (auto& bytes : answer.reply.held) ctx.keep(std::move(bytes));
    co_return std::move(answer.reply.response);
  }
  refused.error_code = code(answer.error);
  co_return refused;
}

}  // namespace

asio::awaitable<DescribeGroupsResponse> handle_describe_groups(RequestContext& ctx,
                                                               DescribeGroupsRequest& request) {
  DescribeGroupsResponse response;
  for (auto& name : request.groups) {
    auto group = co_await describe_one(ctx, std::move(name));
    if (request.include_authorized_operations && group.error_code == code(ErrorCode::kNone))
      group.authorized_operations = kGroupOperations;
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace moldau
