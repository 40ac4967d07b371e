// DeleteGroups: groups without members go, with what they committed.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

using Result = DeleteGroupsResponse::Result;

asio::awaitable<Result> delete_one(RequestContext& ctx, std::string name) {
  Result result{.group_id = name, .error_code = code(ErrorCode::kInvalidGroupId)};
  if (name.empty()) co_return result;
  DeleteGroup event{.group = std::move(name)};
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  if (answer.error == ErrorCode::kNone) co_return std::move(answer.reply);
  result.error_code = code(answer.error);
  co_return result;
}

}  // namespace

asio::awaitable<DeleteGroupsResponse> handle_delete_groups(RequestContext& ctx,
                                                           DeleteGroupsRequest& request) {
  DeleteGroupsResponse response;
  for (auto& name : request.groups_names) {
    auto result = co_await delete_one(ctx, std::move(name));
    response.results.push_back(std::move(result));
  }
  co_return response;
}

}  // namespace moldau
