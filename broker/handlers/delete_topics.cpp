// DeleteTopics: by name, or by id from v6 (KIP-516). Returns when nobody is served from them any
// more; their files go a little later.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/proposals.h"

namespace moldau {
namespace {

DeleteTopicsResponse refuse(const DeleteTopicsRequest& request, ErrorCode error,
                            const std::string& why) {
  DeleteTopicsResponse response;
  for (const auto& name : request.topic_names)
    response.topics.push_back({.name = name, .error_code = code(error), .error_message = why});
  for (const auto& topic : request.topics)
    response.topics.push_back({.name = topic.name,
                               .topic_id = topic.topic_id,
                               .error_code = code(error),
                               .error_message = why});
  return response;
}

}  // namespace

asio::awaitable<DeleteTopicsResponse> handle_delete_topics(RequestContext& ctx,
                                                           DeleteTopicsRequest& request) {
  if (!ctx.broker.config().get<"delete.topic.enable">()) {
    // A code that clients know since v3 only.
    const auto error =
        ctx.header.api_version < 3 ? ErrorCode::kInvalidRequest : ErrorCode::kTopicDeletionDisabled;
    co_return refuse(request, error, "This broker has delete.topic.enable=false.");
  }
  const auto decide = [request](Controller& controller, int64_t) {
    return controller.delete_topics(request);
  };
  const auto deadline = deadline_of(ctx, request.timeout_ms);
  auto response = co_await ctx.broker.metadata().propose(decide, deadline);
  if (response.ok()) co_return *std::move(response);
  co_return refuse(request, proposal_error(response.status()),
                   std::string(response.status().message()));
}

}  // namespace moldau
