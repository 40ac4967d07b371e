// OffsetFetch: how far groups have come.
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/groups/offset_requests.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

using Group = OffsetFetchResponse::Group;

asio::awaitable<Group> fetch_group(RequestContext& ctx, const OffsetFetchRequest::Group& group,
                                   bool require_stable) {
  const Version version = ctx.header.api_version;
  FetchPlan plan = plan_fetch(group, require_stable, version, *ctx.broker.image());
  if (!plan.is_all && plan.event.topics->empty()) co_return std::move(plan.response);
  FetchOffsets event = std::move(plan.event);
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  const auto image = ctx.broker.image();
  co_return answer_fetch(std::move(plan), answer.error, std::move(answer.reply), version, *image);
}

}  // namespace

asio::awaitable<OffsetFetchResponse> handle_offset_fetch(RequestContext& ctx,
                                                         OffsetFetchRequest& request) {
  const Version version = ctx.header.api_version;
  const bool require_stable = request.require_stable;
  const auto groups = groups_of(std::move(request), version);
  std::vector<Group> answers;
  for (const auto& group : groups) {
    auto answer = co_await fetch_group(ctx, group, require_stable);
    answers.push_back(std::move(answer));
  }
  co_return response_of(std::move(answers), version);
}

}  // namespace moldau
