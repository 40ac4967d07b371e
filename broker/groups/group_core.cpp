#include "broker/groups/group_core.h"

#include <algorithm>
#include <iterator>

#include "broker/groups/consumer_group_migration.h"
#include "broker/groups/consumer_protocol.h"
#include "protocol/big_endian.h"
#include "protocol/records/frame.h"
#include "protocol/records/group_metadata.h"

#include "absl/strings/match.h"

namespace moldau {
namespace {

constexpr char kMetadata = 'm';
constexpr size_t kMetadataNameAt = 1;
constexpr Version kNotFoundSince = 6;   // DescribeGroups, KIP-1043.
constexpr int64_t kExpiryPauseMs = 10;  // Between two parts of a walk: others want to be served.

std::string metadata_prefix(std::string_view group) {
  std::string prefix(1, kMetadata);
  append_big_endian(prefix, static_cast<uint16_t>(group.size()));
  prefix += group;
  return prefix;
}

// The string that begins at `at`, after its length; nullopt if it is cut.
std::optional<std::string_view> name_at(std::string_view bytes, size_t at) {
  if (bytes.size() < at + 2) return std::nullopt;
  const size_t size =
      load_big_endian<uint16_t>(reinterpret_cast<const uint8_t*>(bytes.data() + at));
  if (bytes.size() < at + 2 + size) return std::nullopt;
  return bytes.substr(at + 2, size);
}

// Key types of a group's metadata: classic, and those of consumer groups.
bool is_classic_metadata(int16_t type) { return type == GroupMetadataKey::kApi.key; }
bool is_group_metadata(int16_t type) {
  constexpr int16_t kFirstOfConsumer = 3, kLastOfConsumer = 8, kRegularExpression = 16;
  return is_classic_metadata(type) || (type >= kFirstOfConsumer && type <= kLastOfConsumer) ||
         type == kRegularExpression;
}

// Whose metadata a record is; every key begins with the group's name.
std::optional<std::string_view> group_of_metadata(std::string_view key) {
  const auto type = read_int16_prefix(as_bytes(key));
  if (!type.ok() || !is_group_metadata(*type)) return std::nullopt;
  return name_at(key, 2);
}

CoordinatorRecord classic_tombstone(std::string group) {
  return {.key = encode_key(GroupMetadataKey{.group = std::move(group)}), .value = std::nullopt};
}

GroupOutcome answered(Ticket ticket, GroupReply reply) {
  GroupOutcome out;
  out.answers.push_back({ticket, std::move(reply)});
  return out;
}

GroupOutcome refuse(Ticket ticket, ErrorCode error, std::string message) {
  ConsumerGroupHeartbeatResponse response;
  response.error_code = code(error);
  response.error_message = std::move(message);
  return answered(ticket, std::move(response));
}

void append(GroupOutcome& out, GroupOutcome more) {
  std::ranges::move(more.records, std::back_inserter(out.records));
  std::ranges::move(more.answers, std::back_inserter(out.answers));
}

// As Kafka filters: an empty filter lets all pass, letters may be of either case.
bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& wanted) {
           return absl::EqualsIgnoreCase(wanted, absl::string_view(value.data(), value.size()));
         });
}

}  // namespace

GroupCore::GroupCore(FoldedState& state, Limits limits)
    : state_(state), limits_(std::move(limits)), offsets_(state, limits_.offsets) {}

// --- From records to groups
// ------------------------------------------------------------------------

void GroupCore::apply(const CoordinatorRecord& record) {
  const auto group = group_of_metadata(record.key);
  if (!group) return offsets_.apply(record);
  std::string key = metadata_prefix(*group) + record.key;
  if (record.value) {
    state_.put(std::move(key), *record.value);
  } else {
    state_.erase(std::move(key));
  }
}

void GroupCore::begin(Time now) {
  expiry_at_ = now.steady_ms + limits_.retention_check_interval_ms;
  state_.scan(std::string(1, kMetadata), [&](std::string_view key, std::string_view value) {
    const auto group = name_at(key, kMetadataNameAt);
    if (group)
      load(std::string(*group), key.substr(kMetadataNameAt + 2 + group->size()), value, now);
    return true;
  });
  for (auto it = groups_.begin(); it != groups_.end(); ++it) {
    if (auto* group = std::get_if<ConsumerGroup>(&it->second.as)) group->begin(now);
    schedule(it);
  }
}

// A record that can not be read is passed over, as is one of a kind that the group left behind.
void GroupCore::load(const std::string& group, std::string_view key, std::string_view value,
                     Time now) {
  const auto type = read_int16_prefix(as_bytes(key));
  if (!type.ok()) return;
  if (!is_classic_metadata(*type))
    return consumer(group).load({.key = std::string(key), .value = std::string(value)});
  const auto metadata = decode_value<GroupMetadataValue>(as_bytes(value));
  if (!metadata.ok() || groups_.contains(group)) return;
  put(group, ClassicGroup(group, limits_.classic, *metadata, now));
}

// --- Finding, making and dropping groups
// ------------------------------------------------------------

template <class Type>
Type* GroupCore::find(std::string_view group) {
  const auto it = groups_.find(group);
  return it == groups_.end() ? nullptr : std::get_if<Type>(&it->second.as);
}

template <class Type>
const Type* GroupCore::find(std::string_view group) const {
  const auto it = groups_.find(group);
  return it == groups_.end() ? nullptr : std::get_if<Type>(&it->second.as);
}

// In the place of what may be there.
template <class Type>
Type& GroupCore::put(const std::string& group, Type made) {
  auto it = groups_.find(group);
  if (it == groups_.end()) {
    it = groups_.emplace(group, Group{.as = std::move(made), .wake_at = std::nullopt}).first;
  } else {
    it->second.as = std::move(made);
  }
  return std::get<Type>(it->second.as);
}

ClassicGroup& GroupCore::classic(const std::string& group) {
  if (auto* present = find<ClassicGroup>(group)) return *present;
  return put(group, ClassicGroup(group, limits_.classic));
}

ConsumerGroup& GroupCore::consumer(const std::string& group) {
  if (auto* present = find<ConsumerGroup>(group)) return *present;
  return put(group, ConsumerGroup(group, limits_.consumer));
}

void GroupCore::schedule(Groups::iterator it) {
  auto& [name, group] = *it;
  const auto at = std::visit([](const auto& as) { return as.wake_at(); }, group.as);
  if (at == group.wake_at) return;
  if (group.wake_at) deadlines_.erase({*group.wake_at, name});
  if (at) deadlines_.emplace(*at, name);
  group.wake_at = at;
}

void GroupCore::drop(Groups::iterator it) {
  if (it->second.wake_at) deadlines_.erase({*it->second.wake_at, it->first});
  groups_.erase(it);
}

// What an event leaves behind: a deadline, a group of another type, or nothing that needs a group.
void GroupCore::settle(const std::string& group, Time now, GroupOutcome& out) {
  const auto it = groups_.find(group);
  if (it == groups_.end()) return;
  if (const auto* modern = std::get_if<ConsumerGroup>(&it->second.as);
      modern && modern->should_become_classic()) {
    Downgrade changed = downgrade(*modern, now);
    put(group, std::move(changed.group));
    append(out, std::move(changed.outcome));
  }
  const bool is_empty = std::visit([](const auto& as) { return as.is_empty(); }, it->second.as);
  if (is_empty && out.records.empty() && !state_.has_prefix(metadata_prefix(group)))
    return drop(it);
  schedule(it);
}

std::optional<int64_t> GroupCore::wake_at() const {
  return deadlines_.empty() ? expiry_at_ : std::min(expiry_at_, deadlines_.begin()->first);
}

GroupOutcome GroupCore::wake(Time now) {
  GroupOutcome out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.steady_ms) {
    const std::string name = deadlines_.begin()->second;
    const auto it = groups_.find(name);
    GroupOutcome woken = std::visit([&](auto& as) { return as.wake(now); }, it->second.as);
    settle(name, now, woken);
    append(out, std::move(woken));
  }
  if (expiry_at_ <= now.steady_ms) append(out, expire(now));
  return out;
}

GroupOutcome GroupCore::step(Ticket ticket, const Event& event, Time now) {
  return std::visit([&](const auto& e) { return decide(ticket, e, now); }, event);
}

// --- The group protocols
// ---------------------------------------------------------------------------

// Asks the group, or an empty classic one in place of a group that is not there: that one knows how
// a stranger is refused.
template <class Ask>
GroupOutcome GroupCore::ask(const std::string& name, Time now, Ask ask_it) {
  if (!groups_.contains(name)) classic(name);
  GroupOutcome out = std::visit(ask_it, groups_.find(name)->second.as);
  settle(name, now, out);
  return out;
}

// A group without members takes the protocol of who joins it: `joined` is what the new group says
// to that. It stays what it was if it turns them away.
template <class Type>
GroupOutcome GroupCore::take_protocol(const std::string& name, Type fresh, GroupOutcome joined,
                                      std::vector<CoordinatorRecord> tombstones, Time now) {
  if (fresh.is_empty()) return joined;
  put(name, std::move(fresh));
  GroupOutcome out{.records = std::move(tombstones), .answers = {}};
  append(out, std::move(joined));
  settle(name, now, out);
  return out;
}

GroupOutcome GroupCore::decide(Ticket ticket, const JoinGroup& event, Time now) {
  const std::string& name = event.request.group_id;
  if (const auto* present = find<ConsumerGroup>(name); present && present->is_empty()) {
    ClassicGroup fresh(name, limits_.classic);
    GroupOutcome joined = fresh.join(ticket, event, now);
    return take_protocol(name, std::move(fresh), std::move(joined), present->tombstones(), now);
  }
  return ask(name, now, [&](auto& group) { return group.join(ticket, event, now); });
}

GroupOutcome GroupCore::decide(Ticket ticket, const SyncGroup& event, Time now) {
  return ask(event.request.group_id, now,
             [&](auto& group) { return group.sync(ticket, event, now); });
}

GroupOutcome GroupCore::decide(Ticket ticket, const GroupHeartbeat& event, Time now) {
  return ask(event.request.group_id, now,
             [&](auto& group) { return group.heartbeat(ticket, event, now); });
}

GroupOutcome GroupCore::decide(Ticket ticket, const LeaveGroup& event, Time now) {
  return ask(event.request.group_id, now,
             [&](auto& group) { return group.leave(ticket, event, now); });
}

GroupOutcome GroupCore::decide(Ticket ticket, const ConsumerGroupHeartbeat& event, Time now) {
  const std::string& name = event.request.group_id;
  if (!limits_.serves_consumer_protocol)
    return refuse(ticket, ErrorCode::kUnsupportedVersion,
                  "The consumer group protocol is not enabled on this broker.");
  const bool is_joining = event.request.member_epoch == 0;
  if (!is_joining && !find<ConsumerGroup>(name))
    return refuse(ticket, ErrorCode::kGroupIdNotFound, "Group " + name + " is not there.");
  if (const auto* present = find<ClassicGroup>(name)) {
    if (!present->is_empty()) return convert(ticket, event, now);
    ConsumerGroup fresh(name, limits_.consumer);
    GroupOutcome joined = fresh.heartbeat(ticket, event, now);
    return take_protocol(name, std::move(fresh), std::move(joined), {classic_tombstone(name)}, now);
  }
  GroupOutcome out = consumer(name).heartbeat(ticket, event, now);
  settle(name, now, out);
  return out;
}

// The two ways of a live group (consumer_group_migration.h): up when a member of the consumer
// protocol joins, down when the last of them is gone.
GroupOutcome GroupCore::convert(Ticket ticket, const ConsumerGroupHeartbeat& event, Time now) {
  const std::string& name = event.request.group_id;
  Upgrade changed = upgrade(ticket, event, name, *find<ClassicGroup>(name), limits_.consumer, now);
  if (changed.group) put(name, *std::move(changed.group));
  settle(name, now, changed.outcome);
  return std::move(changed.outcome);
}

// --- Offsets
// -------------------------------------------------------------------------------------

// A group without members takes commits from whoever claims no membership. A claim is refused as
// Kafka refuses it: there is no such group, or no such member of it. Version 0 is of the days when
// ZooKeeper kept the offsets: it makes no claim.
ErrorCode GroupCore::check_commit(const CommitOffsets& commit, Time now) {
  if (commit.version == 0) return ErrorCode::kNone;
  if (auto* group = find<ClassicGroup>(commit.group)) return group->check_commit(commit, now);
  if (const auto* group = find<ConsumerGroup>(commit.group)) return group->check_commit(commit);
  if (commit.generation < 0) return ErrorCode::kNone;
  if (offsets_.has_any(commit.group)) return ErrorCode::kUnknownMemberId;
  return commit.version >= 9 ? ErrorCode::kGroupIdNotFound : ErrorCode::kIllegalGeneration;
}

GroupOutcome GroupCore::decide(Ticket ticket, const CommitOffsets& commit, Time now) {
  const ErrorCode error = check_commit(commit, now);
  if (const auto it = groups_.find(commit.group); it != groups_.end()) schedule(it);
  if (error != ErrorCode::kNone) return answered(ticket, CommitOffsets::Reply{.error = error});
  auto decision = offsets_.commit(commit, now);
  GroupOutcome out = answered(ticket, std::move(decision.reply));
  out.records = std::move(decision.records);
  return out;
}

GroupOutcome GroupCore::decide(Ticket ticket, const FetchOffsets& fetch, Time) {
  if (const auto* group = find<ConsumerGroup>(fetch.group)) {
    const ErrorCode error = group->check_fetch(fetch.member_id, fetch.member_epoch);
    if (error != ErrorCode::kNone) return answered(ticket, FetchOffsets::Reply{.error = error});
  }
  return answered(ticket, offsets_.fetch(fetch));
}

GroupOutcome GroupCore::decide(Ticket ticket, const ForgetTopics& forget, Time) {
  auto decision = offsets_.forget(forget);
  GroupOutcome out = answered(ticket, decision.reply);
  out.records = std::move(decision.records);
  return out;
}

// --- Administration
// ------------------------------------------------------------------------------

GroupOutcome GroupCore::decide(Ticket ticket, const ListGroups& list, Time) {
  ListGroups::Reply listed;
  const auto add = [&](std::string name, std::string protocol, const char* state,
                       const char* type) {
    if (!passes(list.request.states_filter, state) || !passes(list.request.types_filter, type))
      return;
    listed.push_back({.group_id = std::move(name),
                      .protocol_type = std::move(protocol),
                      .group_state = state,
                      .group_type = type});
  };
  for (const auto& [name, group] : groups_) {
    if (const auto* classic = std::get_if<ClassicGroup>(&group.as)) {
      add(name, classic->protocol_type(), classic->state(), "classic");
    } else {
      add(name, "consumer", std::get<ConsumerGroup>(group.as).state(), "consumer");
    }
  }
  for (auto& name : offsets_.groups())
    if (!groups_.contains(name)) add(std::move(name), "", "Empty", "classic");
  return answered(ticket, std::move(listed));
}

GroupOutcome GroupCore::decide(Ticket ticket, const DescribeClassicGroup& describe, Time) {
  if (const auto* group = find<ClassicGroup>(describe.group))
    return answered(ticket, group->describe());
  DescribeClassicGroup::Reply reply;
  reply.response.group_id = describe.group;
  const bool is_simple = !groups_.contains(describe.group) && offsets_.has_any(describe.group);
  reply.response.group_state = is_simple ? "Empty" : "Dead";
  if (!is_simple && describe.version >= kNotFoundSince) {
    reply.response.error_code = code(ErrorCode::kGroupIdNotFound);
    reply.response.error_message =
        "Group " + describe.group +
        (groups_.contains(describe.group) ? " is not a classic group." : " not found.");
  }
  return answered(ticket, std::move(reply));
}

GroupOutcome GroupCore::decide(Ticket ticket, const DescribeConsumerGroup& describe, Time) {
  if (const auto* group = find<ConsumerGroup>(describe.group))
    return answered(ticket, group->describe(*describe.image));
  const bool is_other = groups_.contains(describe.group) || offsets_.has_any(describe.group);
  DescribeConsumerGroup::Reply reply;
  reply.group_id = describe.group;
  reply.error_code = code(ErrorCode::kGroupIdNotFound);
  reply.error_message =
      "Group " + describe.group + (is_other ? " is not a consumer group." : " not found.");
  return answered(ticket, std::move(reply));
}

std::vector<CoordinatorRecord> GroupCore::metadata_tombstones(const std::string& group) const {
  std::vector<CoordinatorRecord> records;
  const std::string prefix = metadata_prefix(group);
  state_.scan(prefix, [&](std::string_view key, std::string_view) {
    records.push_back({.key = std::string(key.substr(prefix.size())), .value = std::nullopt});
    return true;
  });
  return records;
}

GroupOutcome GroupCore::decide(Ticket ticket, const DeleteGroup& remove, Time) {
  DeleteGroup::Reply result{.group_id = remove.group};
  const auto it = groups_.find(remove.group);
  if (it == groups_.end() && !offsets_.has_any(remove.group)) {
    result.error_code = code(ErrorCode::kGroupIdNotFound);
    result.error_message = "Group " + remove.group + " not found.";
    return answered(ticket, std::move(result));
  }
  if (it != groups_.end() && !std::visit([](auto& as) { return as.is_empty(); }, it->second.as)) {
    result.error_code = code(ErrorCode::kNonEmptyGroup);
    result.error_message = "Group " + remove.group + " still has members.";
    return answered(ticket, std::move(result));
  }
  GroupOutcome out = answered(ticket, std::move(result));
  out.records = offsets_.remove_all(remove.group);
  std::ranges::move(metadata_tombstones(remove.group), std::back_inserter(out.records));
  if (it != groups_.end()) drop(it);
  return out;
}

// Whether offsets of the group may be deleted one by one while it has members: only if it is known
// which topics those read (KIP-496).
ErrorCode GroupCore::check_delete_offsets(const std::string& group) const {
  const auto it = groups_.find(group);
  if (it == groups_.end())
    return offsets_.has_any(group) ? ErrorCode::kNone : ErrorCode::kGroupIdNotFound;
  const auto* classic = std::get_if<ClassicGroup>(&it->second.as);
  const bool is_opaque =
      classic && !classic->is_empty() && classic->protocol_type() != kConsumerProtocolType;
  return is_opaque ? ErrorCode::kNonEmptyGroup : ErrorCode::kNone;
}

GroupOutcome GroupCore::decide(Ticket ticket, const DeleteOffsets& remove, Time) {
  const std::string& group = remove.request.group_id;
  DeleteOffsets::Reply reply{.error_code = code(check_delete_offsets(group))};
  if (reply.error_code != code(ErrorCode::kNone)) return answered(ticket, std::move(reply));
  GroupOutcome out;
  for (const auto& topic : remove.request.topics) {
    auto& answer = reply.topics.emplace_back();
    answer.name = topic.name;
    const bool is_read = is_subscribed(group, topic.name);
    for (const auto& partition : topic.partitions) {
      const bool is_there = remove.image->partition(topic.name, partition.partition_index);
      const ErrorCode error = is_read     ? ErrorCode::kGroupSubscribedToTopic
                              : !is_there ? ErrorCode::kUnknownTopicOrPartition
                                          : ErrorCode::kNone;
      answer.partitions.push_back({partition.partition_index, code(error)});
      if (error != ErrorCode::kNone) continue;
      auto record = offsets_.remove(group, topic.name, partition.partition_index);
      if (record) out.records.push_back(std::move(*record));
    }
  }
  out.answers.push_back({ticket, std::move(reply)});
  return out;
}

bool GroupCore::is_subscribed(const std::string& group, const std::string& topic) const {
  const auto it = groups_.find(group);
  return it != groups_.end() &&
         std::visit([&](const auto& as) { return as.is_subscribed_to(topic); }, it->second.as);
}

// --- Expiry
// --------------------------------------------------------------------------------------

GroupOutcome GroupCore::expire(Time now) {
  if (is_expiry_at_groups_) {
    is_expiry_at_groups_ = false;
    expiry_at_ = now.steady_ms + limits_.retention_check_interval_ms;
    return remove_unused();
  }
  const auto is_due = [&](const OffsetCommitKey& key, const OffsetCommitValue& value) {
    return is_expired(key, value, now);
  };
  auto walked = offsets_.remove_due(expiry_from_, is_due);
  is_expiry_at_groups_ = !walked.next;
  expiry_from_ = walked.next.value_or("");
  expiry_at_ = now.steady_ms + kExpiryPauseMs;
  return {.records = std::move(walked.records), .answers = {}};
}

// Kafka's rules (KIP-211): nothing expires while a group is subscribed to the topic or rebalances;
// the time runs from when the group became empty, else from the commit. A client older than 2.1 may
// have given an offset a time of its own.
bool GroupCore::is_expired(const OffsetCommitKey& key, const OffsetCommitValue& value,
                           Time now) const {
  int64_t since = value.commit_timestamp;
  if (const auto* group = find<ClassicGroup>(key.group)) {
    const bool is_settled = group->is_stable() && group->protocol_type() == kConsumerProtocolType;
    if (!group->is_empty() && !is_settled) return false;
    if (group->is_empty() && group->state_since_ms() >= 0) since = group->state_since_ms();
  }
  if (is_subscribed(key.group, key.topic)) return false;
  if (value.expire_timestamp >= 0) return now.wall_ms >= value.expire_timestamp;
  return now.wall_ms - since >= limits_.offsets_retention_ms;
}

// Groups that have neither members nor offsets any more.
GroupOutcome GroupCore::remove_unused() {
  GroupOutcome out;
  for (auto it = groups_.begin(); it != groups_.end();) {
    const auto next = std::next(it);
    const bool is_empty = std::visit([](const auto& as) { return as.is_empty(); }, it->second.as);
    if (is_empty && !offsets_.has_any(it->first)) {
      std::ranges::move(metadata_tombstones(it->first), std::back_inserter(out.records));
      drop(it);
    }
    it = next;
  }
  return out;
}

}  // namespace moldau
