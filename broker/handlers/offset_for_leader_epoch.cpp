// OffsetForLeaderEpoch (KIP-101, KIP-320): where an epoch ended in this leader's log, so that a
// consumer sees that what it read was truncated.
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_calls.h"

namespace moldau {
namespace {

struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  const OffsetForLeaderEpochRequest::Partition* wanted = nullptr;
  OffsetForLeaderEpochResponse::Partition* answer = nullptr;
};

void answer_one(Replica* replica, Call& call) {
  auto error = replica ? replica->check_leader() : ErrorCode::kNotLeaderOrFollower;
  if (error == ErrorCode::kNone)
    error = replica->check_leader_epoch(call.wanted->current_leader_epoch);
  call.answer->error_code = code(error);
  if (error != ErrorCode::kNone) return;
  const auto end = replica->log().end_offset_for(call.wanted->leader_epoch);
  call.answer->leader_epoch = end.leader_epoch;
  // Not cut to the high watermark, which lags behind what consumers have read while a log that was
  // recovered is on its way to the disk: they would take that for lost records and begin again.
  call.answer->end_offset = end.end_offset;
}

}  // namespace

asio::awaitable<OffsetForLeaderEpochResponse> handle_offset_for_leader_epoch(
    RequestContext& ctx, OffsetForLeaderEpochRequest& request) {
  const auto image = ctx.broker.image();
  OffsetForLeaderEpochResponse response;
  std::vector<Call> calls;
  response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) {
    const auto found = image->topic(topic.topic);
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    out.partitions.resize(topic.partitions.size());
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const auto& wanted = topic.partitions[i];
      out.partitions[i].partition = wanted.partition;
      if (found && has_partition(*found, wanted.partition))
        calls.push_back({found->id, wanted.partition, &wanted, &out.partitions[i]});
      else
        out.partitions[i].error_code = code(ErrorCode::kUnknownTopicOrPartition);
    }
  }
  co_await for_each_replica(ctx, calls, answer_one);
  co_return response;
}

}  // namespace moldau
