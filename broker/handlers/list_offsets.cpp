// ListOffsets: the offset at a time, or one of the ends of a partition.
//
//   -1 latest: the high watermark, or the last stable offset for read_committed
//   -2 earliest
//   -3 the record with the largest timestamp (v7, KIP-734)
//   -4 earliest on local disk (v8, KIP-405): the earliest, as nothing is tiered
//   -5 latest tiered (v9, KIP-1005), -6 earliest not yet tiered (v11): nothing is tiered
//   v0 answers a list of offsets: segment boundaries in old brokers, here the two ends.
#include <chrono>
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_calls.h"

namespace moldau {
namespace {

constexpr int64_t kLatestOffset = -1, kEarliest = -2, kMaxTimestamp = -3, kEarliestLocal = -4,
                  kLatestTiered = -5, kEarliestPendingUpload = -6;
constexpr Version kMaxTimestampSince = 7, kEarliestLocalSince = 8, kLatestTieredSince = 9,
                  kEarliestPendingUploadSince = 11;

struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  const ListOffsetsRequest::Partition* wanted = nullptr;
  ListOffsetsResponse::Partition* answer = nullptr;
};

bool is_supported(int64_t timestamp, Version version) {
  switch (timestamp) {
    case kMaxTimestamp:
      return version >= kMaxTimestampSince;
    case kEarliestLocal:
      return version >= kEarliestLocalSince;
    case kLatestTiered:
      return version >= kLatestTieredSince;
    case kEarliestPendingUpload:
      return version >= kEarliestPendingUploadSince;
    default:
      return timestamp >= kEarliest;
  }
}

void set(ListOffsetsResponse::Partition& answer, const TimestampOffset& found) {
  answer.offset = found.offset;
  answer.timestamp = found.timestamp_ms;
  answer.leader_epoch = found.leader_epoch;
}

void look_up(Replica& replica, const Call& call, int64_t latest) {
  auto& answer = *call.answer;
  const auto at_end = [&](int64_t offset, int32_t epoch) {
    set(answer, {.offset = offset, .leader_epoch = epoch});
  };
  const auto at_record = [&](const absl::StatusOr<std::optional<TimestampOffset>>& found) {
    if (!found.ok())
      answer.error_code = code(ErrorCode::kKafkaStorageError);
    else if (*found && (*found)->offset < latest)
      set(answer, **found);
  };
  switch (call.wanted->timestamp) {
    case kLatestOffset:
      return at_end(latest, replica.leader_epoch());
    case kEarliest:
    case kEarliestLocal:
    case kEarliestPendingUpload: {
      const int64_t start = replica.log_start_offset();
      return at_end(start, replica.log().epoch_at(start));
    }
    case kLatestTiered:
      return at_end(-1, -1);
    case kMaxTimestamp:
      return at_record(replica.log().find_max_timestamp());
    default:
      return at_record(replica.log().find_timestamp(call.wanted->timestamp));
  }
}

// A list in which kafka-node finds as many offsets as it counts on: never an empty one.
void to_old_style(ListOffsetsResponse::Partition& answer, const Call& call, int64_t start) {
  if (answer.error_code != 0) {
    answer.old_style_offsets = {-1};
    return;
  }
  answer.old_style_offsets = {answer.offset};
  if (call.wanted->timestamp == kLatestOffset && call.wanted->max_num_offsets > 1 &&
      start < answer.offset)
    answer.old_style_offsets.push_back(start);
}

// Who was told acks=1 a moment ago expects the end to include it: waits for the flush under way.
asio::awaitable<void> settle(RequestContext& ctx, Replica& replica) {
  const int64_t last = replica.log_end_offset() - 1;
  if (!replica.is_leader() || last < replica.high_watermark()) co_return;
  const auto deadline = ctx.received + std::chrono::seconds(1);
  co_await replica.committed(last, replica.leader_epoch(), deadline);
}

void answer_one(RequestContext& ctx, const ListOffsetsRequest& request, Replica* replica,
                Call& call) {
  const Version version = ctx.header.api_version;
  auto error = replica ? replica->check_leader() : ErrorCode::kNotLeaderOrFollower;
  if (error == ErrorCode::kNone)
    error = replica->check_leader_epoch(call.wanted->current_leader_epoch);
  if (error == ErrorCode::kNone && call.wanted->timestamp == kLatestOffset &&
      !replica->is_settled())
    error = version >= 5 ? ErrorCode::kOffsetNotAvailable : ErrorCode::kLeaderNotAvailable;
  if (error == ErrorCode::kNone) {
    const bool committed_only = request.isolation_level == 1;
    look_up(*replica, call,
            committed_only ? replica->last_stable_offset() : replica->high_watermark());
  } else {
    call.answer->error_code = code(error);
  }
  if (version == 0) to_old_style(*call.answer, call, replica ? replica->log_start_offset() : -1);
}

}  // namespace

asio::awaitable<ListOffsetsResponse> handle_list_offsets(RequestContext& ctx,
                                                         ListOffsetsRequest& request) {
  const Version version = ctx.header.api_version;
  const auto image = ctx.broker.image();
  ListOffsetsResponse response;
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
      if (version == 0) answer.old_style_offsets = {-1};
      if (!found || !has_partition(*found, wanted.partition_index))
        answer.error_code = code(ErrorCode::kUnknownTopicOrPartition);
      else if (!is_supported(wanted.timestamp, version))
        answer.error_code = code(ErrorCode::kUnsupportedVersion);
      else
        calls.push_back({found->id, wanted.partition_index, &wanted, &answer});
    }
  }

  const auto answer_all = [&](Shard& shard, std::vector<Call*>& mine) -> asio::awaitable<void> {
    for (Call* call : mine) {
      const auto replica = ctx.broker.partitions().find(shard, call->topic_id, call->partition);
      if (replica && call->wanted->timestamp == kLatestOffset) co_await settle(ctx, *replica);
      answer_one(ctx, request, replica.get(), *call);
    }
  };
  std::vector<Call*> all;
  for (auto& call : calls) all.push_back(&call);
  co_await on_shards_of(ctx, all, answer_all);
  co_return response;
}

}  // namespace moldau
