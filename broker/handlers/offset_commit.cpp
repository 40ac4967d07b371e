// OffsetCommit: stores how far a group has come. Answered when the coordinator's log has it.
#include "broker/broker.h"
#include "broker/groups/offset_requests.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<OffsetCommitResponse> handle_offset_commit(RequestContext& ctx,
                                                           OffsetCommitRequest& request) {
  const Version version = ctx.header.api_version;
  CommitPlan plan = plan_commit(request, version, *ctx.broker.image());
  if (plan.event.partitions.empty()) co_return std::move(plan.response);
  CommitOffsets event = std::move(plan.event);
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  co_return answer_commit(std::move(plan), answer.error, answer.reply);
}

}  // namespace moldau
