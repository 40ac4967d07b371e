// Who asks the coordinator of groups, and how its refusals are told.
#pragma once

#include "broker/broker.h"
#include "broker/groups/events.h"
#include "broker/network/request.h"
#include "protocol/error_code.h"

namespace moldau {

inline Caller caller_of(const RequestContext& ctx) {
  return {.client_id = ctx.header.client_id.value_or(""),
          .client_host = "/" + ctx.connection.peer_host,
          .version = ctx.header.api_version};
}

// Asks the coordinator of the event's group: its answer, or `refused` with an error code where the
// group has no name or its coordinator is not here or not ready.
template <class Response, class E>
asio::awaitable<Response> ask_group(RequestContext& ctx, E event, Response refused) {
  refused.error_code = code(ErrorCode::kInvalidGroupId);
  if (group_of(event).empty()) co_return refused;
  auto answer = co_await ctx.broker.groups().submit(std::move(event));
  if (answer.error == ErrorCode::kNone) {
    if constexpr (requires { answer.reply.held; }) {
      for (auto& bytes : answer.reply.held) ctx.keep(std::move(bytes));
      co_return std::move(answer.reply.response);
    } else {
      co_return std::move(answer.reply);
    }
  }
  refused.error_code = code(answer.error);
  co_return refused;
}

// A function and not a default argument, which gcc 12 would destroy twice in a co_await.
template <class Response, class E>
asio::awaitable<Response> ask_group(RequestContext& ctx, E event) {
  return ask_group<Response, E>(ctx, std::move(event), Response());
}

}  // namespace moldau
