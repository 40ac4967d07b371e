// Produce: appends what producers send and answers when it is as safe as they asked for.
//
//   acks 0    no answer; on an error the connection is closed, which makes the producer look again
//   acks 1    answered once appended
//   acks -1   answered once committed: on stable storage of every in-sync replica (flush.messages)
//
// Appends of one request go to all shards at once and before anything is waited for, so that
// pipelined requests reach each partition in order while their writes are shared and their flushes
// overlap.
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_calls.h"
#include "protocol/message_set.h"
#include "protocol/record_batch.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr Version kFormat2Since = 3;
constexpr Version kZstdSince = 7;
constexpr Version kTopicIdsSince = 13;
constexpr int16_t kAcksAll = -1;

// One partition of the request on its way through.
struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  ProduceResponse::Partition* answer = nullptr;
  MutableBytes records;               // In the frame, or converted from an older format.
  std::shared_ptr<const void> owner;  // Of these.
  AppendResult appended;
  int32_t leader_epoch = -1;

  void fail(ErrorCode error, std::string message = {}) const {
    answer->error_code = code(error);
    answer->base_offset = -1;
    if (!message.empty()) answer->error_message = std::move(message);
  }
};

// What may be said against records of format 2 before looking at the log; empty if nothing.
std::string format_error(const BatchHeader& header, size_t size, Version version) {
  if (header.magic != 2)
    return absl::StrCat("Produce v", version, " carries record batches of format 2, not ",
                        static_cast<int>(header.magic), ".");
  if (header.size_bytes() != size)
    return absl::StrCat("Produce v", version, " carries exactly one record batch per partition.");
  return {};
}

// Takes the records of a request, converting formats 0 and 1. False if they can't be appended; the
// answer says why.
bool take_records(const RequestContext& ctx, Call& call, const std::optional<Bytes>& records) {
  const Version version = ctx.header.api_version;
  if (!records || records->empty()) {
    call.fail(ErrorCode::kInvalidRecord, "The request holds no records for this partition.");
    return false;
  }
  if (version < kFormat2Since) {
    const auto most = static_cast<size_t>(ctx.broker.config().get<"socket.request.max.bytes">());
    auto converted = convert_up(*records, most);
    if (!converted.ok()) {
      call.fail(converted.status().code() == absl::StatusCode::kResourceExhausted
                    ? ErrorCode::kMessageTooLarge
                    : ErrorCode::kCorruptMessage);
      return false;
    }
    auto batches = std::make_shared<std::string>(std::move(converted->batches));
    call.records = {reinterpret_cast<uint8_t*>(batches->data()), batches->size()};
    call.owner = std::move(batches);
    return true;
  }
  const auto header = parse_batch_header(*records);
  if (!header.ok()) {
    const bool is_old = first_magic(*records) >= 0 && first_magic(*records) < 2;
    call.fail(is_old ? ErrorCode::kInvalidRecord : ErrorCode::kCorruptMessage,
              std::string(header.status().message()));
    return false;
  }
  if (auto error = format_error(*header, records->size(), version); !error.empty()) {
    call.fail(ErrorCode::kInvalidRecord, std::move(error));
    return false;
  }
  if (header->codec() == Codec::kZstd && version < kZstdSince) {
    call.fail(
        ErrorCode::kUnsupportedCompressionType,
        absl::StrCat("zstd may be produced from version 7 on; this is version ", version, "."));
    return false;
  }
  call.records = ctx.writable(*records);
  call.owner = ctx.frame_owner;
  return true;
}

bool has_room(const DataDirectory& directory, const Call& call) {
  return directory.reserve->allows(static_cast<int64_t>(call.records.size()));
}

void append(Replica& replica, Call& call, AppendRound& round, int16_t acks, int64_t now_ms) {
  call.leader_epoch = replica.leader_epoch();
  call.appended = replica.append_later(call.records, call.owner, round, now_ms, acks);
  const AppendResult& result = call.appended;
  call.answer->log_start_offset = replica.log_start_offset();
  if (result.error != ErrorCode::kNone) {
    call.fail(result.error, result.error_message);
    for (const auto& [index, message] : result.record_errors)
      call.answer->record_errors.push_back(
          {.batch_index = index, .batch_index_error_message = message});
    return;
  }
  call.answer->base_offset = result.first_offset;
  call.answer->log_append_time_ms = result.log_append_time_ms;
}

// Makes the response's skeleton, every requested topic and partition in it, and the calls worth
// making.
std::vector<Call> prepare(RequestContext& ctx, const ProduceRequest& request,
                          ProduceResponse& response) {
  const auto image = ctx.broker.image();
  const Version version = ctx.header.api_version;
  const bool acks_valid = request.acks >= -1 && request.acks <= 1;
  std::vector<Call> calls;
  response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) {
    const auto found =
        version >= kTopicIdsSince ? image->topic(topic.topic_id) : image->topic(topic.name);
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    out.partitions.resize(topic.partitions.size());
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const auto& p = topic.partitions[i];
      out.partitions[i].index = p.index;
      Call call;
      call.answer = &out.partitions[i];
      if (!acks_valid) {
        call.fail(ErrorCode::kInvalidRequiredAcks);
      } else if (!found && version >= kTopicIdsSince) {
        call.fail(ErrorCode::kUnknownTopicId);
      } else if (!found || !has_partition(*found, p.index)) {
        call.fail(ErrorCode::kUnknownTopicOrPartition);
      } else if (is_internal_topic(found->name)) {
        call.fail(ErrorCode::kInvalidTopic, "Internal topics are written by the broker alone.");
      } else if (take_records(ctx, call, p.records)) {
        call.topic_id = found->id;
        call.partition = p.index;
        calls.push_back(std::move(call));
      }
    }
  }
  return calls;
}

bool any_error(const ProduceResponse& response) {
  for (const auto& topic : response.topics)
    for (const auto& p : topic.partitions)
      if (p.error_code != 0) return true;
  return false;
}

}  // namespace

asio::awaitable<ProduceResponse> handle_produce(RequestContext& ctx, ProduceRequest& request) {
  ProduceResponse response;
  auto calls = prepare(ctx, request, response);
  std::vector<Call*> all;
  for (auto& call : calls) all.push_back(&call);

  const int64_t now_ms = ctx.shard.clock().wall_ms();
  const auto deadline = ctx.received + std::chrono::milliseconds(std::max(0, request.timeout_ms));
  const auto produce = [&](Shard& shard, std::vector<Call*>& mine) -> asio::awaitable<void> {
    std::vector<std::shared_ptr<Replica>> replicas;
    const auto round = ctx.broker.append_rounds(shard).current();
    const Partitions& partitions = ctx.broker.partitions();
    for (Call* call : mine) {
      const auto* found = partitions.find_entry(shard, call->topic_id, call->partition);
      replicas.push_back(found ? found->replica : nullptr);
      if (!found)
        call->fail(ErrorCode::kNotLeaderOrFollower);
      else if (!has_room(partitions.directories()[found->directory], *call))
        call->fail(ErrorCode::kKafkaStorageError, "The broker's disk is full.");
      else
        append(*replicas.back(), *call, *round, request.acks, now_ms);
    }
    co_await round->ended();
    for (size_t i = 0; i < mine.size(); ++i)
      if (mine[i]->answer->error_code == 0 && !replicas[i]->was_written(mine[i]->appended))
        mine[i]->fail(ErrorCode::kKafkaStorageError, "The records could not be written.");
    if (request.acks != kAcksAll) co_return;
    for (size_t i = 0; i < mine.size(); ++i) {
      Call& call = *mine[i];
      if (call.answer->error_code != 0) continue;
      const auto error =
          co_await replicas[i]->committed(call.appended.last_offset, call.leader_epoch, deadline);
      if (error != ErrorCode::kNone) call.fail(error);
    }
  };
  co_await on_shards_of(ctx, all, produce);

  if (request.acks == 0) {
    ctx.no_response = true;
    ctx.close_after = any_error(response);
  }
  co_return response;
}

}  // namespace moldau
