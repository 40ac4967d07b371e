#include "broker/cli/partition_reader.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "protocol/big_endian.h"
#include "protocol/messages/list_offsets.h"

#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

constexpr int64_t kLearnAgainMs = 30'000;  // New partitions and topics are looked for so often.
constexpr int32_t kFetchBytes = 50 << 20, kPartitionBytes = 1 << 20;

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void pause(int64_t milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// A control record's key: version int16, type int16 (0 abort, 1 commit).
bool is_abort_marker(Bytes batch) {
  bool aborts = false;
  const auto status = for_each_record(batch, [&](const Record& record) {
    if (record.key && record.key->size() >= 4)
      aborts = load_big_endian<int16_t>(record.key->data() + 2) == 0;
    return false;
  });
  return status.ok() && aborts;
}

}  // namespace

bool AbortedFilter::drops(const BatchHeader& batch, Bytes bytes) {
  while (!expected_.empty() && expected_.begin()->first <= batch.last_offset()) {
    aborted_.insert(expected_.begin()->second);
    expected_.erase(expected_.begin());
  }
  if (batch.is_control()) {
    if (is_abort_marker(bytes)) aborted_.erase(batch.producer_id);
    return true;
  }
  return batch.is_transactional() && aborted_.contains(batch.producer_id);
}

bool PartitionReader::has(const std::string& topic, int32_t index) const {
  return std::ranges::any_of(partitions_, [&](const Partition& partition) {
    return partition.topic == topic && partition.index == index;
  });
}

PartitionReader::Partition& PartitionReader::add(const MetadataResponse::Topic& topic,
                                                 int32_t index) {
  for (auto& partition : partitions_)
    if (partition.topic == *topic.name && partition.index == index) return partition;
  return partitions_.emplace_back(
      Partition{.topic = *topic.name, .topic_id = {}, .index = index, .aborted = {}});
}

void PartitionReader::assign(const std::set<TopicPartition>& partitions,
                             const std::map<TopicPartition, int64_t>& starts) {
  is_assigned_ = is_stale_ = true;
  std::erase_if(partitions_, [&](const Partition& partition) {
    const TopicPartition name{partition.topic, partition.index};
    return !partitions.contains(name) || starts.contains(name);
  });
  const auto before = positions();
  for (const auto& name : partitions) {
    const auto start = starts.find(name);
    if (start != starts.end() || !before.contains(name))
      partitions_.push_back({.topic = name.topic,
                             .topic_id = {},
                             .index = name.partition,
                             .next_offset = start == starts.end() ? -1 : start->second,
                             .aborted = {}});
  }
}

std::map<TopicPartition, int64_t> PartitionReader::positions() const {
  std::map<TopicPartition, int64_t> positions;
  for (const auto& partition : partitions_)
    if (partition.next_offset >= 0)
      positions[{partition.topic, partition.index}] = partition.next_offset;
  return positions;
}

// Not set: all.
std::optional<std::vector<std::string>> PartitionReader::topics_to_learn() const {
  if (!is_assigned_ && options_.topics.empty()) return std::nullopt;
  if (!is_assigned_) return options_.topics;
  std::set<std::string> names;
  for (const auto& partition : partitions_) names.insert(partition.topic);
  return std::vector<std::string>(names.begin(), names.end());
}

absl::Status PartitionReader::learn_topics() {
  const bool by_pattern = options_.topics.empty() && !is_assigned_;
  const auto topics = topics_to_learn();
  auto metadata = client_.metadata(topics ? &*topics : nullptr, !is_assigned_);
  if (!metadata.ok()) return metadata.status();
  learned_at_ms_ = now_ms();
  is_stale_ = false;
  for (const auto& topic : metadata->topics) {
    if (by_pattern && !options_.includes(topic.name.value_or(""))) continue;
    if (topic.error_code != 0) {
      is_stale_ = true;
      if (!is_retriable(static_cast<ErrorCode>(topic.error_code)))
        return to_status(topic.error_code);
    }
    for (const auto& found : topic.partitions) {
      if (options_.partition && *options_.partition != found.partition_index) continue;
      if (is_assigned_ && !has(*topic.name, found.partition_index)) continue;
      Partition& partition = add(topic, found.partition_index);
      partition.topic_id = topic.topic_id;
      partition.leader = found.leader_id;
    }
    if (options_.partition && !topic.partitions.empty() && partitions_.empty())
      return absl::NotFoundError(absl::StrCat("Topic '", *topic.name, "' has no partition ",
                                              *options_.partition, "; it has ",
                                              topic.partitions.size()));
  }
  return absl::OkStatus();
}

absl::Status PartitionReader::ask_starts(int32_t leader, const std::vector<Partition*>& partitions,
                                         int64_t timestamp) {
  ListOffsetsRequest request{.replica_id = -1,
                             .isolation_level = static_cast<int8_t>(options_.read_committed),
                             .topics = {},
                             .timeout_ms = 30'000};
  for (const Partition* partition : partitions) {
    if (request.topics.empty() || request.topics.back().name != partition->topic)
      request.topics.push_back({.name = partition->topic, .partitions = {}});
    request.topics.back().partitions.push_back(
        {.partition_index = partition->index, .timestamp = timestamp});
  }
  auto reply = client_.call<ListOffsetsResponse>(request, leader);
  if (!reply.ok()) return reply.status();
  for (const auto& topic : reply->message.topics)
    for (const auto& found : topic.partitions)
      for (Partition* partition : partitions) {
        if (partition->topic != topic.name || partition->index != found.partition_index) continue;
        if (found.error_code != 0) {
          if (!is_retriable(static_cast<ErrorCode>(found.error_code)))
            return to_status(found.error_code);
          is_stale_ = true;
        } else {
          partition->next_offset =
              found.old_style_offsets.empty() ? found.offset : found.old_style_offsets[0];
        }
      }
  return absl::OkStatus();
}

absl::Status PartitionReader::find_starts() {
  std::map<int32_t, std::vector<Partition*>> unknown;
  for (auto& partition : partitions_) {
    if (partition.next_offset >= 0) continue;
    if (options_.offset) {
      partition.next_offset = *options_.offset;
    } else if (partition.leader >= 0) {
      unknown[partition.leader].push_back(&partition);
    } else {
      is_stale_ = true;
    }
  }
  // A partition that appears later is read from its beginning.
  constexpr int64_t kEarliest = -2;
  const int64_t timestamp = has_begun_ ? kEarliest : options_.start_timestamp;
  for (const auto& [leader, partitions] : unknown)
    if (auto s = ask_starts(leader, partitions, timestamp); !s.ok()) return s;
  return absl::OkStatus();
}

absl::Status PartitionReader::begin(int64_t timeout_ms) {
  const int64_t deadline_ms = now_ms() + timeout_ms;
  while (true) {
    if (auto s = learn_topics(); !s.ok()) return s;
    if (auto s = find_starts(); !s.ok()) return s;
    const bool is_ready = !is_stale_ && (!partitions_.empty() || options_.topics.empty());
    if (is_ready || now_ms() >= deadline_ms) break;
    pause(100);
  }
  has_begun_ = true;
  return absl::OkStatus();
}

FetchRequest PartitionReader::request_for(const std::vector<Partition*>& partitions,
                                          int32_t max_wait_ms) const {
  FetchRequest request;
  request.max_wait_ms = max_wait_ms;
  request.min_bytes = 1;
  request.max_bytes = kFetchBytes;
  request.isolation_level = static_cast<int8_t>(options_.read_committed);
  for (const Partition* partition : partitions) {
    if (request.topics.empty() || request.topics.back().topic != partition->topic)
      request.topics.push_back(
          {.topic = partition->topic, .topic_id = partition->topic_id, .partitions = {}});
    request.topics.back().partitions.push_back({.partition = partition->index,
                                                .fetch_offset = partition->next_offset,
                                                .partition_max_bytes = kPartitionBytes});
  }
  return request;
}

absl::Status PartitionReader::read(const Visit& visit, int32_t max_wait_ms) {
  if (is_stale_ || now_ms() - learned_at_ms_ > kLearnAgainMs) {
    if (is_stale_) pause(100);
    if (auto s = learn_topics(); !s.ok()) return s;
    if (auto s = find_starts(); !s.ok()) return s;
  }
  std::map<int32_t, std::vector<Partition*>> by_leader;
  for (auto& partition : partitions_)
    if (partition.leader >= 0 && partition.next_offset >= 0)
      by_leader[partition.leader].push_back(&partition);
  if (by_leader.empty()) pause(max_wait_ms);
  bool goes_on = true;
  // The leaders are asked one after another: the more of them, the shorter each may keep us
  // waiting.
  const auto wait_ms = max_wait_ms / std::max(1, static_cast<int32_t>(by_leader.size()));
  for (const auto& [leader, partitions] : by_leader) {
    auto reply = client_.call<FetchResponse>(request_for(partitions, wait_ms), leader);
    if (absl::IsUnavailable(reply.status()) || absl::IsDeadlineExceeded(reply.status())) {
      is_stale_ = true;  // The broker may be on its way back.
      continue;
    }
    if (!reply.ok()) return reply.status();
    if (auto s = to_status(reply->message.error_code); !s.ok()) return s;
    if (auto s = take(reply->message, visit, goes_on); !s.ok()) return s;
    if (!goes_on) break;
  }
  return absl::OkStatus();
}

PartitionReader::Partition* PartitionReader::find(const FetchResponse::Topic& topic,
                                                  int32_t index) {
  for (auto& partition : partitions_) {
    const bool is_same =
        topic.topic.empty() ? partition.topic_id == topic.topic_id : partition.topic == topic.topic;
    if (is_same && partition.index == index) return &partition;
  }
  return nullptr;
}

void PartitionReader::reset(Partition& partition) {
  options_.offset.reset();
  partition.next_offset = -1;
  has_begun_ = options_.start_timestamp == -2;
  is_stale_ = true;
}

absl::Status PartitionReader::take(const FetchResponse& response, const Visit& visit,
                                   bool& goes_on) {
  for (const auto& topic : response.topics)
    for (const auto& found : topic.partitions) {
      Partition* partition = find(topic, found.partition_index);
      if (partition == nullptr) continue;
      const auto error = static_cast<ErrorCode>(found.error_code);
      if (error == ErrorCode::kOffsetOutOfRange) {
        reset(*partition);
        continue;
      }
      if (error != ErrorCode::kNone) {
        if (!is_retriable(error)) return to_status(found.error_code);
        is_stale_ = true;
        continue;
      }
      partition->aborted.clear();
      if (options_.read_committed && found.aborted_transactions)
        for (const auto& aborted : *found.aborted_transactions)
          partition->aborted.expect(aborted.producer_id, aborted.first_offset);
      if (auto s = take_batches(*partition, found.records.bytes(), visit, goes_on); !s.ok())
        return s;
      if (!goes_on) return absl::OkStatus();
    }
  return absl::OkStatus();
}

absl::Status PartitionReader::take_batches(Partition& partition, Bytes batches, const Visit& visit,
                                           bool& goes_on) {
  absl::Status status;
  const auto each = for_each_batch(batches, [&](const BatchHeader& batch, Bytes bytes) {
    const bool is_dropped = partition.aborted.drops(batch, bytes);
    if (!is_dropped) {
      const RecordPlace place{.topic = partition.topic,
                              .partition = partition.index,
                              .timestamp_type = batch.timestamp_type()};
      status = for_each_record(bytes, [&](const Record& record) {
        if (record.offset < partition.next_offset) return true;
        goes_on = visit(record, place);
        partition.next_offset = record.offset + 1;
        return goes_on;
      });
    }
    // Records may be missing at the end of a batch, where a topic is compacted.
    if (goes_on) partition.next_offset = std::max(partition.next_offset, batch.next_offset());
    return goes_on && status.ok();
  });
  return status.ok() ? each : status;
}

}  // namespace moldau::cli
