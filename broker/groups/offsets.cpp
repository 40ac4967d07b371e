#include "broker/groups/offsets.h"

#include <algorithm>
#include <utility>

#include "broker/groups/java_string.h"
#include "protocol/big_endian.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

constexpr char kCommitted = 'o', kPending = 't';
constexpr size_t kPendingPrefixBytes = 1 + 8;
// Kafka 4.2 writes version 4 in the place of 3, with the id of the topic, and reads both; tools
// that follow the topic by themselves, such as Burrow, know no later one than 3.
constexpr Version kWithLeaderEpoch = 3, kWithExpiry = 1;
// Sorts behind the length of any topic's name: names have at most 32767 bytes.
constexpr const char* kAboveEveryTopic = "\xff";

void append_name(std::string& out, std::string_view name) {
  append_big_endian(out, static_cast<uint16_t>(name.size()));
  out += name;
}

std::string group_key(std::string_view group) {
  std::string key(1, kCommitted);
  append_name(key, group);
  return key;
}

std::string offset_key(std::string_view group, std::string_view topic, int32_t partition) {
  std::string key = group_key(group);
  append_name(key, topic);
  append_big_endian(key, partition);
  return key;
}

std::string pending_prefix(int64_t producer_id) {
  std::string key(1, kPending);
  append_big_endian(key, producer_id);
  return key;
}

// What follows the first byte of a committed key and the producer of a pending one is the same.
std::string_view suffix_of(std::string_view key) {
  return key.substr(key.front() == kCommitted ? 1 : kPendingPrefixBytes);
}

std::string_view take_name(std::string_view& key) {
  const size_t size = load_big_endian<uint16_t>(reinterpret_cast<const uint8_t*>(key.data()));
  const std::string_view name = key.substr(2, size);
  key.remove_prefix(2 + size);
  return name;
}

OffsetCommitKey parse_suffix(std::string_view suffix) {
  OffsetCommitKey key;
  key.group = take_name(suffix);
  key.topic = take_name(suffix);
  key.partition = load_big_endian<int32_t>(reinterpret_cast<const uint8_t*>(suffix.data()));
  return key;
}

bool is_offset_commit(std::string_view key) {
  const auto type = read_int16_prefix(as_bytes(key));
  return type.ok() && (*type == 0 || *type == OffsetCommitKey::kApi.key);
}

bool is_other_topic(const Uuid& a, const Uuid& b) {
  return a != kZeroUuid && b != kZeroUuid && a != b;
}

CoordinatorRecord tombstone(const OffsetCommitKey& key) {
  return {.key = encode_key(key), .value = std::nullopt};
}

CoordinatorRecord record_of(const CommitOffsets& commit, const CommitOffsets::Partition& partition,
                            Time now) {
  const bool expires = commit.retention_ms >= 0;
  const OffsetCommitKey key{
      .group = commit.group, .topic = partition.topic, .partition = partition.partition};
  const OffsetCommitValue value{
      .offset = partition.offset,
      .leader_epoch = partition.leader_epoch,
      .metadata = partition.metadata.value_or(""),
      .commit_timestamp =
          partition.commit_timestamp_ms < 0 ? now.wall_ms : partition.commit_timestamp_ms,
      .expire_timestamp = expires ? now.wall_ms + commit.retention_ms : -1};
  return {.key = encode_key(key),
          .value = encode_value(value, expires ? kWithExpiry : kWithLeaderEpoch)};
}

}  // namespace

Offsets::Offsets(FoldedState& state, Limits limits) : state_(state), limits_(limits) {
  state_.scan(std::string(1, kPending), [&](std::string_view key, std::string_view) {
    pending_.emplace(key);
    return true;
  });
}

Offsets::Decision<CommitOffsets::Reply> Offsets::commit(const CommitOffsets& commit,
                                                        Time now) const {
  Decision<CommitOffsets::Reply> decision;
  const auto max_metadata = static_cast<size_t>(limits_.max_metadata);
  for (const auto& partition : commit.partitions) {
    const bool fits = java_length(partition.metadata.value_or("")) <= max_metadata;
    if (fits) decision.records.push_back(record_of(commit, partition, now));
    decision.reply.partitions.push_back(fits ? ErrorCode::kNone
                                             : ErrorCode::kOffsetMetadataTooLarge);
  }
  return decision;
}

bool Offsets::is_pending(std::string_view committed_key) const {
  return std::ranges::any_of(pending_, [&](const std::string& pending) {
    return suffix_of(pending) == suffix_of(committed_key);
  });
}

FetchOffsets::Reply::Partition Offsets::fetch_one(const FetchOffsets& fetch,
                                                  const std::string& topic, const Uuid& topic_id,
                                                  int32_t partition) const {
  FetchOffsets::Reply::Partition answer{.partition = partition};
  const std::string key = offset_key(fetch.group, topic, partition);
  if (fetch.require_stable && is_pending(key)) {
    answer.error = ErrorCode::kUnstableOffsetCommit;
    return answer;
  }
  const auto stored = state_.get(key);
  if (!stored) return answer;
  auto value = decode_value<OffsetCommitValue>(as_bytes(*stored));
  if (!value.ok()) {
    answer.error = ErrorCode::kUnknownServerError;
    return answer;
  }
  if (is_other_topic(value->topic_id, topic_id)) return answer;
  answer.offset = value->offset;
  answer.leader_epoch = value->leader_epoch;
  answer.metadata = std::move(value->metadata);
  return answer;
}

std::vector<FetchOffsets::Reply::Topic> Offsets::fetch_all(const FetchOffsets& fetch) const {
  std::vector<OffsetCommitKey> keys;
  state_.scan(group_key(fetch.group), [&](std::string_view key, std::string_view) {
    keys.push_back(parse_suffix(suffix_of(key)));
    return true;
  });
  std::vector<FetchOffsets::Reply::Topic> topics;
  for (const auto& key : keys) {
    if (topics.empty() || topics.back().name != key.topic) topics.push_back({.name = key.topic});
    topics.back().partitions.push_back(fetch_one(fetch, key.topic, kZeroUuid, key.partition));
  }
  return topics;
}

FetchOffsets::Reply Offsets::fetch(const FetchOffsets& fetch) const {
  FetchOffsets::Reply reply;
  if (!fetch.topics) {
    reply.topics = fetch_all(fetch);
    return reply;
  }
  for (const auto& topic : *fetch.topics) {
    auto& answer = reply.topics.emplace_back();
    answer.name = topic.name;
    for (const int32_t partition : topic.partitions)
      answer.partitions.push_back(fetch_one(fetch, topic.name, topic.id, partition));
  }
  return reply;
}

Offsets::Decision<ForgetTopics::Reply> Offsets::forget(const ForgetTopics& forget) const {
  Decision<ForgetTopics::Reply> decision{.records = {}, .reply = {.is_done = true}};
  const auto is_forgotten = [&](const OffsetCommitKey& key, std::string_view value) {
    for (const auto& topic : forget.topics) {
      if (topic.name != key.topic) continue;
      const auto stored = decode_value<OffsetCommitValue>(as_bytes(value));
      if (!stored.ok() || stored->topic_id == topic.id) return true;
      return stored->topic_id == kZeroUuid && stored->commit_timestamp <= forget.deleted_ms;
    }
    return false;
  };
  state_.scan(std::string(1, kCommitted), [&](std::string_view key, std::string_view value) {
    const OffsetCommitKey parsed = parse_suffix(suffix_of(key));
    if (!is_forgotten(parsed, value)) return true;
    decision.reply.is_done = decision.records.size() < limits_.max_removed_at_once;
    if (decision.reply.is_done) decision.records.push_back(tombstone(parsed));
    return decision.reply.is_done;
  });
  return decision;
}

bool Offsets::has_any(std::string_view group) const { return state_.has_prefix(group_key(group)); }

std::vector<std::string> Offsets::groups() const {
  std::vector<std::string> groups;
  const std::string all(1, kCommitted);
  std::string from = all;
  for (bool found = true; found;) {
    found = false;
    state_.scan_from(all, from, [&](std::string_view key, std::string_view) {
      groups.push_back(parse_suffix(suffix_of(key)).group);
      found = true;
      return false;
    });
    if (found) from = group_key(groups.back()) + kAboveEveryTopic;
  }
  return groups;
}

std::optional<CoordinatorRecord> Offsets::remove(std::string_view group, std::string_view topic,
                                                 int32_t partition) const {
  if (!state_.get(offset_key(group, topic, partition))) return std::nullopt;
  return tombstone(
      {.group = std::string(group), .topic = std::string(topic), .partition = partition});
}

std::vector<CoordinatorRecord> Offsets::remove_all(std::string_view group) const {
  std::vector<CoordinatorRecord> records;
  state_.scan(group_key(group), [&](std::string_view key, std::string_view) {
    records.push_back(tombstone(parse_suffix(suffix_of(key))));
    return true;
  });
  return records;
}

Offsets::Walked Offsets::remove_due(const std::string& from, const Condition& is_due) const {
  Walked walked;
  size_t examined = 0;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (examined++ == limits_.max_examined_at_once) {
      walked.next = std::string(key);
      return false;
    }
    const auto stored = decode_value<OffsetCommitValue>(as_bytes(value));
    const OffsetCommitKey parsed = parse_suffix(suffix_of(key));
    if (stored.ok() && !is_pending(key) && is_due(parsed, *stored))
      walked.records.push_back(tombstone(parsed));
    return true;
  };
  state_.scan_from(std::string(1, kCommitted), from, visit);
  return walked;
}

// The last record of a partition counts. A transaction's counts from when it is committed, unless
// something was committed outside of it in between.
void Offsets::apply(const CoordinatorRecord& record) {
  if (!is_offset_commit(record.key)) return;
  const auto key = decode_key<OffsetCommitKey>(as_bytes(record.key));
  if (!key.ok()) return;
  std::string committed = offset_key(key->group, key->topic, key->partition);
  if (record.producer_id != kNoProducerId && record.value) {
    std::string pending = pending_prefix(record.producer_id);
    pending += suffix_of(committed);
    pending_.insert(pending);
    state_.put(std::move(pending), *record.value);
    return;
  }
  drop_pending(suffix_of(committed));
  if (record.value) {
    state_.put(std::move(committed), *record.value);
  } else {
    state_.erase(std::move(committed));
  }
}

void Offsets::drop_pending(std::string_view suffix) {
  std::erase_if(pending_, [&](const std::string& key) {
    if (suffix_of(key) != suffix) return false;
    state_.erase(key);
    return true;
  });
}

void Offsets::end_transaction(int64_t producer_id, bool committed) {
  const std::string prefix = pending_prefix(producer_id);
  auto it = pending_.lower_bound(prefix);
  while (it != pending_.end() && it->starts_with(prefix)) {
    const auto value = state_.get(*it);
    std::string key(1, kCommitted);
    key += suffix_of(*it);
    if (committed && value) state_.put(std::move(key), *value);
    state_.erase(*it);
    it = pending_.erase(it);
  }
}

}  // namespace moldau
