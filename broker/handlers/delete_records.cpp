// DeleteRecords (KIP-107): moves the start of partitions up; -1 means up to the high watermark.
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/housekeeping.h"
#include "broker/partition_calls.h"

namespace moldau {
namespace {

struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  int64_t offset = 0;
  DeleteRecordsResponse::Partition* answer = nullptr;
};

void answer_one(Replica* replica, Call& call) {
  auto error = replica ? replica->check_leader() : ErrorCode::kNotLeaderOrFollower;
  if (error == ErrorCode::kNone) {
    const auto result = replica->delete_records(call.offset);
    error = result.error;
    call.answer->low_watermark = result.low_watermark;
  }
  call.answer->error_code = code(error);
}

}  // namespace

asio::awaitable<DeleteRecordsResponse> handle_delete_records(RequestContext& ctx,
                                                             DeleteRecordsRequest& request) {
  const auto image = ctx.broker.image();
  DeleteRecordsResponse response;
  std::vector<Call> calls;
  response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) {
    const auto found = image->topic(topic.name);
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.partitions.resize(topic.partitions.size());
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const auto& wanted = topic.partitions[i];
      auto& answer = out.partitions[i];
      answer.partition_index = wanted.partition_index;
      answer.low_watermark = -1;
      if (is_internal_topic(topic.name))
        answer.error_code = code(ErrorCode::kInvalidTopic);
      else if (!found || !has_partition(*found, wanted.partition_index))
        answer.error_code = code(ErrorCode::kUnknownTopicOrPartition);
      else
        calls.push_back({found->id, wanted.partition_index, wanted.offset, &answer});
    }
  }
  co_await for_each_replica(ctx, calls, answer_one);
  // The new starts must outlive a crash: deleted records do not come back.
  co_await ctx.broker.housekeeping().write_checkpoints();
  co_return response;
}

}  // namespace moldau
