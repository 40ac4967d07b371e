// Carrying a request to the shards that own the partitions it names, and back.
//
// A handler makes one call per partition; calls for one shard travel together. A call is any struct
// with members `Uuid topic_id` and `int32_t partition`.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "broker/broker.h"
#include "broker/network/request.h"
#include "broker/partitions.h"
#include "broker/runtime/fan_out.h"

namespace moldau {

// Runs `f(shard, calls)`, a coroutine, on each shard that owns partitions of `calls`.
template <class Call, class F>
asio::awaitable<void> on_shards_of(RequestContext& ctx, const std::vector<Call*>& calls, F f) {
  Shards& shards = ctx.broker.shards();
  std::vector<std::vector<Call*>> by_shard(static_cast<size_t>(shards.size()));
  for (Call* call : calls) {
    const Shard& owner = shards.of(call->topic_id, call->partition);
    by_shard[static_cast<size_t>(owner.index())].push_back(call);
  }
  std::vector<Shard*> concerned;
  for (int i = 0; i < shards.size(); ++i)
    if (!by_shard[static_cast<size_t>(i)].empty()) concerned.push_back(&shards[i]);
  const auto run = [&](Shard& shard) -> asio::awaitable<void> {
    return f(shard, by_shard[static_cast<size_t>(shard.index())]);
  };
  co_await on_each(ctx.shard, std::move(concerned), run);
}

// Calls `f(replica, call)` for each of `calls` on the shard of its partition; `replica` is null
// where this broker has none.
template <class Call, class F>
asio::awaitable<void> for_each_replica(RequestContext& ctx, std::vector<Call>& calls, F f) {
  std::vector<Call*> all;
  for (auto& call : calls) all.push_back(&call);
  const auto on_shard = [&](Shard& shard, std::vector<Call*>& mine) -> asio::awaitable<void> {
    for (Call* call : mine) {
      const auto replica = ctx.broker.partitions().find(shard, call->topic_id, call->partition);
      f(replica.get(), *call);
    }
    co_return;
  };
  co_await on_shards_of(ctx, all, on_shard);
}

}  // namespace moldau
