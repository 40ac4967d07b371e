// DescribeProducers (KIP-664): the idempotent producers that a partition remembers.
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_calls.h"

namespace moldau {
namespace {

struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  DescribeProducersResponse::Partition* answer = nullptr;
};

void answer_one(Replica* replica, Call& call) {
  const auto error = replica ? replica->check_leader() : ErrorCode::kNotLeaderOrFollower;
  call.answer->error_code = code(error);
  if (error != ErrorCode::kNone) return;
  for (const auto& p : replica->log().producers())
    call.answer->active_producers.push_back(
        {.producer_id = p.producer_id,
         .producer_epoch = p.producer_epoch,
         .last_sequence = p.last_sequence,
         .last_timestamp = p.last_timestamp_ms,
         .coordinator_epoch = p.coordinator_epoch,
         .current_txn_start_offset = p.current_transaction_start});
}

}  // namespace

asio::awaitable<DescribeProducersResponse> handle_describe_producers(
    RequestContext& ctx, DescribeProducersRequest& request) {
  const auto image = ctx.broker.image();
  DescribeProducersResponse response;
  std::vector<Call> calls;
  response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) {
    const auto found = image->topic(topic.name);
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions.resize(topic.partition_indexes.size());
    for (size_t i = 0; i < topic.partition_indexes.size(); ++i) {
      const int32_t partition = topic.partition_indexes[i];
      out.partitions[i].partition_index = partition;
      if (found && has_partition(*found, partition))
        calls.push_back({found->id, partition, &out.partitions[i]});
      else
        out.partitions[i].error_code = code(ErrorCode::kUnknownTopicOrPartition);
    }
  }
  co_await for_each_replica(ctx, calls, answer_one);
  co_return response;
}

}  // namespace moldau
