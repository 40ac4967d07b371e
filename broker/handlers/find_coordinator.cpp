// FindCoordinator: the broker that coordinates a group. Asking for the first group makes the topic
// that groups are kept in; the answer comes when that can be used.
//
// Transactional ids (key type 1, since v1) and share groups (2, since v6) have no coordinator here:
// such a key is refused for good, so that a client says so instead of asking on.
#include <optional>
#include <string>
#include <utility>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

constexpr Version kSeveralKeysSince = 4;
constexpr int8_t kGroup = 0, kTransaction = 1, kShare = 2;

using Coordinator = FindCoordinatorResponse::Coordinator;

std::optional<std::string> refusal(int8_t key_type) {
  switch (key_type) {
    case kGroup:
      return std::nullopt;
    case kTransaction:
      return "This broker does not coordinate transactions.";
    case kShare:
      return "This broker does not coordinate share groups.";
    default:
      return "There is no coordinator type " + std::to_string(key_type) + ".";
  }
}

Coordinator failed(std::string key, ErrorCode error, std::string message) {
  Coordinator out;
  out.key = std::move(key);
  out.node_id = -1;
  out.port = -1;
  out.error_code = code(error);
  out.error_message = std::move(message);
  return out;
}

asio::awaitable<Coordinator> find(RequestContext& ctx, int8_t key_type, std::string key) {
  if (auto why = refusal(key_type))
    co_return failed(std::move(key), ErrorCode::kInvalidRequest, *std::move(why));
  auto found = co_await ctx.broker.groups().find(key, ctx.connection.listener_name);
  if (found.error != ErrorCode::kNone)
    co_return failed(std::move(key), found.error, default_message(found.error));
  Coordinator out;
  out.key = std::move(key);
  out.node_id = found.node_id;
  out.host = std::move(found.host);
  out.port = found.port;
  co_return out;
}

}  // namespace

asio::awaitable<FindCoordinatorResponse> handle_find_coordinator(RequestContext& ctx,
                                                                 FindCoordinatorRequest& request) {
  FindCoordinatorResponse response;
  if (ctx.header.api_version >= kSeveralKeysSince) {
    for (auto& key : request.coordinator_keys) {
      auto found = co_await find(ctx, request.key_type, std::move(key));
      response.coordinators.push_back(std::move(found));
    }
    co_return response;
  }
  auto found = co_await find(ctx, request.key_type, std::move(request.key));
  response.error_code = found.error_code;
  response.error_message = std::move(found.error_message);
  response.node_id = found.node_id;
  response.host = std::move(found.host);
  response.port = found.port;
  co_return response;
}

}  // namespace moldau
