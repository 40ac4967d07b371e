#include "broker/cli/record_sender.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "broker/cli/partitioner.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"

#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

std::optional<Bytes> field(const std::optional<std::string>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

size_t size_of(const InputRecord& record) {
  size_t size = 64 + record.key.value_or("").size() + record.value.value_or("").size();
  for (const auto& header : record.headers)
    size += header.key.size() + header.value.value_or("").size() + 8;
  return size;
}

void pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

}  // namespace

absl::Status RecordSender::learn_partitions() {
  const std::vector<std::string> names = {options_.topic};
  absl::Status status;
  for (int attempt = 0; attempt < 100; ++attempt) {
    auto metadata = client_.metadata(&names, true);
    if (!metadata.ok()) return metadata.status();
    if (metadata->topics.empty()) return absl::NotFoundError("the broker does not know the topic");
    const auto& topic = metadata->topics[0];
    status = to_status(topic.error_code);
    if (status.ok() && !topic.partitions.empty()) {
      topic_ = topic;
      std::ranges::sort(topic_.partitions, {}, &MetadataResponse::Partition::partition_index);
      return absl::OkStatus();
    }
    if (!status.ok() && !is_retriable(static_cast<ErrorCode>(topic.error_code))) break;
    pause(options_.retry_backoff_ms);  // It is being made.
  }
  return status;
}

absl::Status RecordSender::add(InputRecord record, int64_t timestamp_ms) {
  if (topic_.partitions.empty())
    if (auto s = learn_partitions(); !s.ok()) return s;
  const size_t size = size_of(record);
  if (waiting_bytes_ > 0 && waiting_bytes_ + size > options_.batch_bytes)
    if (auto s = flush(); !s.ok()) return s;
  const auto count = static_cast<int32_t>(topic_.partitions.size());
  const int32_t partition =
      record.key ? partition_for_key(as_bytes(*record.key), count)
                 : static_cast<int32_t>(keyless_batches_ % static_cast<uint32_t>(count));
  waiting_[partition].push_back({std::move(record), timestamp_ms});
  waiting_bytes_ += size;
  return absl::OkStatus();
}

absl::Status RecordSender::flush() {
  const auto batches = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  ++keyless_batches_;
  absl::Status result;
  for (const auto& [partition, batch] : batches)
    if (auto s = send_with_retries(partition, batch); !s.ok()) result = s;
  return result;
}

absl::Status RecordSender::send_with_retries(int32_t partition, const Batch& batch) {
  absl::Status status = send_once(partition, batch);
  // Not after a timeout or a lost connection: the records may have been written.
  for (int i = 0; i < options_.retries && absl::IsAborted(status); ++i) {
    pause(options_.retry_backoff_ms);
    if (auto s = learn_partitions(); !s.ok()) return s;
    status = send_once(partition, batch);
  }
  if (!absl::IsResourceExhausted(status) || batch.size() == 1) return status;
  // Too large together: by halves.
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  for (const Batch& half : {Batch(batch.begin(), middle), Batch(middle, batch.end())})
    if (auto s = send_with_retries(partition, half); !s.ok()) return s;
  return absl::OkStatus();
}

std::string RecordSender::build(const Batch& batch) const {
  BatchBuilder builder({.codec = options_.codec});
  std::vector<RecordHeader> headers;
  for (const auto& [record, timestamp_ms] : batch) {
    headers.clear();
    for (const auto& header : record.headers) headers.push_back({header.key, field(header.value)});
    builder.add(timestamp_ms, field(record.key), field(record.value), headers);
  }
  return builder.build();
}

absl::Status RecordSender::send_once(int32_t partition, const Batch& batch) {
  const std::string bytes = build(batch);
  ProduceRequest request{
      .transactional_id = {},
      .acks = options_.acks,
      .timeout_ms = options_.timeout_ms,
      .topics = {{.name = options_.topic,
                  .topic_id = topic_.topic_id,
                  .partitions = {{.index = partition, .records = as_bytes(bytes)}}}}};
  const int32_t leader = topic_.partitions[static_cast<size_t>(partition)].leader_id;
  if (leader < 0) return absl::AbortedError(default_message(ErrorCode::kLeaderNotAvailable));
  if (options_.acks == 0) {
    auto connection = client_.connection_to(leader);
    if (!connection.ok()) return connection.status();
    return post(**connection, request, options_.timeout_ms);
  }
  auto reply = client_.call<ProduceResponse>(request, leader, options_.timeout_ms + 5'000);
  if (!reply.ok()) return reply.status();
  if (reply->message.topics.empty() || reply->message.topics[0].partitions.empty())
    return absl::DataLossError("the broker's answer says nothing of the records");
  const auto& result = reply->message.topics[0].partitions[0];
  const auto error = static_cast<ErrorCode>(result.error_code);
  absl::Status status = to_status(result.error_code, result.error_message);
  std::string text = absl::StrCat(name(error), ": ", std::string(status.message()));
  if (!result.record_errors.empty() && result.record_errors[0].batch_index_error_message)
    absl::StrAppend(&text, " (", *result.record_errors[0].batch_index_error_message, ")");
  if (status.ok()) return status;
  if (error == ErrorCode::kMessageTooLarge || error == ErrorCode::kRecordListTooLarge)
    return absl::ResourceExhaustedError(text);
  const bool is_written_perhaps =
      error == ErrorCode::kRequestTimedOut || error == ErrorCode::kNotEnoughReplicasAfterAppend;
  if (is_retriable(error) && !is_written_perhaps) return absl::AbortedError(text);
  return absl::InvalidArgumentError(text);
}

}  // namespace moldau::cli
