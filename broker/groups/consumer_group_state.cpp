#include "broker/groups/consumer_group_state.h"

#include <algorithm>
#include <iterator>

#include "protocol/records/consumer_group_metadata.h"
#include "protocol/records/consumer_group_partition_metadata.h"
#include "protocol/records/consumer_group_regular_expression.h"
#include "protocol/records/consumer_group_target_assignment_member.h"
#include "protocol/records/consumer_group_target_assignment_metadata.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

// The default of a type where the record is a tombstone; nullopt if it cannot be read.
template <class Value>
std::optional<Value> value_of(const std::optional<std::string>& bytes) {
  if (!bytes) return Value{};
  auto value = decode_value<Value>(as_bytes(*bytes));
  if (!value.ok()) return std::nullopt;
  return *std::move(value);
}

}  // namespace

void ConsumerGroupState::apply(const CoordinatorRecord& record) {
  const Bytes key = as_bytes(record.key);
  const auto type = read_int16_prefix(key);
  if (!type.ok()) return;
  switch (*type) {
    case ConsumerGroupMetadataKey::kApi.key:
      if (const auto value = value_of<ConsumerGroupMetadataValue>(record.value)) {
        epoch_ = value->epoch;
        metadata_hash_ = value->metadata_hash;
      }
      return;
    case ConsumerGroupPartitionMetadataKey::kApi.key:
      has_partition_metadata_ = record.value.has_value();
      return;
    case ConsumerGroupTargetAssignmentMetadataKey::kApi.key:
      if (const auto value = value_of<ConsumerGroupTargetAssignmentMetadataValue>(record.value))
        assignment_epoch_ = value->assignment_epoch;
      return;
    case ConsumerGroupMemberMetadataKey::kApi.key:
      if (const auto k = decode_key<ConsumerGroupMemberMetadataKey>(key); k.ok())
        set_metadata(k->member_id, record.value);
      return;
    case ConsumerGroupTargetAssignmentMemberKey::kApi.key:
      if (const auto k = decode_key<ConsumerGroupTargetAssignmentMemberKey>(key); k.ok())
        set_target(k->member_id, record.value);
      return;
    case ConsumerGroupCurrentMemberAssignmentKey::kApi.key:
      if (const auto k = decode_key<ConsumerGroupCurrentMemberAssignmentKey>(key); k.ok())
        set_current(k->member_id, record.value);
      return;
    case ConsumerGroupRegularExpressionKey::kApi.key:
      if (const auto k = decode_key<ConsumerGroupRegularExpressionKey>(key); k.ok())
        set_regex(k->regular_expression, record.value);
      return;
    default:
      return;
  }
}

// A member is there while its metadata is.
void ConsumerGroupState::set_metadata(const std::string& id,
                                      const std::optional<std::string>& bytes) {
  const auto value = value_of<ConsumerGroupMemberMetadataValue>(bytes);
  if (!value) return;
  const auto it = members_.find(id);
  if (it != members_.end() && it->second.metadata.instance_id) {
    const auto instance = static_members_.find(*it->second.metadata.instance_id);
    if (instance != static_members_.end() && instance->second == id)
      static_members_.erase(instance);
  }
  if (bytes) {
    if (value->instance_id) static_members_[*value->instance_id] = id;
    members_[id].metadata = from_record(*value);
  } else if (it != members_.end()) {
    disown(id, it->second.current.assigned);
    disown(id, it->second.current.pending_revocation);
    members_.erase(it);
  }
}

void ConsumerGroupState::set_current(const std::string& id,
                                     const std::optional<std::string>& bytes) {
  const auto value = value_of<ConsumerGroupCurrentMemberAssignmentValue>(bytes);
  if (!value || (!bytes && !members_.contains(id))) return;
  CurrentAssignment& current = members_[id].current;
  disown(id, current.assigned);
  disown(id, current.pending_revocation);
  current = bytes ? from_record(*value) : CurrentAssignment{};
  own(id, current.assigned);
  own(id, current.pending_revocation);
}

void ConsumerGroupState::set_target(const std::string& id,
                                    const std::optional<std::string>& bytes) {
  const auto value = value_of<ConsumerGroupTargetAssignmentMemberValue>(bytes);
  if (!value) return;
  if (bytes) {
    targets_[id] = to_topic_partitions(value->topic_partitions);
  } else {
    targets_.erase(id);
  }
}

void ConsumerGroupState::set_regex(const std::string& regex,
                                   const std::optional<std::string>& bytes) {
  auto value = value_of<ConsumerGroupRegularExpressionValue>(bytes);
  if (!value) return;
  if (!bytes) {
    regexes_.erase(regex);
    return;
  }
  std::ranges::sort(value->topics);
  regexes_[regex] = {.topics = std::move(value->topics),
                     .version = value->version,
                     .resolved_at_ms = value->timestamp};
}

void ConsumerGroupState::own(const std::string& id, const OwnedPartitions& owned) {
  for (const auto& [topic, partitions] : owned)
    for (const auto& [partition, epoch] : partitions) owners_[{topic, partition}] = id;
}

// What has another owner by now stays: records of one batch may come in any order.
void ConsumerGroupState::disown(const std::string& id, const OwnedPartitions& owned) {
  for (const auto& [topic, partitions] : owned) {
    for (const auto& [partition, epoch] : partitions) {
      const auto it = owners_.find({topic, partition});
      if (it != owners_.end() && it->second == id) owners_.erase(it);
    }
  }
}

const ConsumerMember* ConsumerGroupState::member(const std::string& id) const {
  const auto it = members_.find(id);
  return it == members_.end() ? nullptr : &it->second;
}

const TopicPartitions& ConsumerGroupState::target(const std::string& member_id) const {
  static const TopicPartitions kNone;
  const auto it = targets_.find(member_id);
  return it == targets_.end() ? kNone : it->second;
}

const std::string* ConsumerGroupState::static_member(
    const std::optional<std::string>& instance_id) const {
  if (!instance_id) return nullptr;
  const auto it = static_members_.find(*instance_id);
  return it == static_members_.end() ? nullptr : &it->second;
}

const std::string* ConsumerGroupState::owner(const Uuid& topic, int32_t partition) const {
  const auto it = owners_.find({topic, partition});
  return it == owners_.end() ? nullptr : &it->second;
}

std::vector<std::string> ConsumerGroupState::topics_of(const ConsumerMember& member) const {
  const auto& names = member.metadata.subscribed_topics;
  const auto regex = regexes_.find(member.metadata.regex);
  if (regex == regexes_.end()) return names;
  std::vector<std::string> all;
  std::ranges::set_union(names, regex->second.topics, std::back_inserter(all));
  return all;
}

std::set<std::string> ConsumerGroupState::subscribed_topics() const {
  std::set<std::string> topics;
  for (const auto& [id, member] : members_)
    topics.insert(member.metadata.subscribed_topics.begin(),
                  member.metadata.subscribed_topics.end());
  for (const auto& [regex, resolved] : regexes_)
    topics.insert(resolved.topics.begin(), resolved.topics.end());
  return topics;
}

bool ConsumerGroupState::is_subscribed_to(const std::string& topic) const {
  const auto has = [&](const std::vector<std::string>& topics) {
    return std::ranges::binary_search(topics, topic);
  };
  return std::ranges::any_of(
             members_, [&](const auto& m) { return has(m.second.metadata.subscribed_topics); }) ||
         std::ranges::any_of(regexes_, [&](const auto& r) { return has(r.second.topics); });
}

bool ConsumerGroupState::is_in_use(const std::string& regex) const {
  return std::ranges::any_of(members_,
                             [&](const auto& m) { return m.second.metadata.regex == regex; });
}

size_t ConsumerGroupState::classic_members() const {
  return static_cast<size_t>(
      std::ranges::count_if(members_, [](const auto& m) { return m.second.is_classic(); }));
}

}  // namespace moldau
