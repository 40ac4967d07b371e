// CreateTopics: returns when the partitions can be written to.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/proposals.h"

namespace moldau {

asio::awaitable<CreateTopicsResponse> handle_create_topics(RequestContext& ctx,
                                                           CreateTopicsRequest& request) {
  const auto decide = [request](Controller& controller, int64_t) {
    return controller.create_topics(request);
  };
  const auto deadline = deadline_of(ctx, request.timeout_ms);
  auto response = co_await ctx.broker.metadata().propose(decide, deadline);
  if (response.ok()) co_return *std::move(response);

  CreateTopicsResponse failed;
  for (const auto& topic : request.topics)
    failed.topics.push_back({.name = topic.name,
                             .error_code = code(proposal_error(response.status())),
                             .error_message = std::string(response.status().message())});
  co_return failed;
}

}  // namespace moldau
