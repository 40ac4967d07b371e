#include "broker/groups/consumer_group_migration.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/groups/consumer_protocol.h"
#include "broker/groups/subscription_hash.h"
#include "protocol/records/consumer_group_metadata.h"
#include "protocol/records/consumer_group_target_assignment_member.h"
#include "protocol/records/consumer_group_target_assignment_metadata.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

using Members = std::map<std::string, ConsumerMember>;

// --- Up

bool may_upgrade(const ConsumerGroupHeartbeat& event, const ClassicGroup& from,
                 const ConsumerLimits& limits) {
  return event.request.member_epoch == 0 && from.protocol_type() == kConsumerProtocolType &&
         (limits.migration == MigrationPolicy::kUpgrade ||
          limits.migration == MigrationPolicy::kBidirectional) &&
         from.members().size() <= static_cast<size_t>(limits.max_size);
}

MemberMetadata metadata_of(const ClassicMember& member,
                           const ConsumerProtocolSubscription& subscription) {
  MemberMetadata metadata;
  metadata.instance_id = member.instance_id;
  if (subscription.rack_id && !subscription.rack_id->empty())
    metadata.rack_id = subscription.rack_id;
  metadata.client_id = member.client_id;
  metadata.client_host = member.client_host;
  const std::set<std::string> topics(subscription.topics.begin(), subscription.topics.end());
  metadata.subscribed_topics.assign(topics.begin(), topics.end());
  metadata.rebalance_timeout_ms = member.rebalance_timeout_ms;
  MemberMetadata::Classic classic{.session_timeout_ms = member.session_timeout_ms, .protocols = {}};
  for (const auto& protocol : member.protocols)
    classic.protocols.push_back({protocol.name, *protocol.metadata});
  metadata.classic = std::move(classic);
  return metadata;
}

// nullopt: the leader used an assignor of its own, whose data would be lost, or the bytes are not
// those of the consumer protocol. A member that just joined has none yet.
std::optional<OwnedPartitions> owned_by(const ClassicMember& member, int32_t generation,
                                        const ClusterImage& image) {
  OwnedPartitions owned;
  if (member.assignment->empty()) return owned;
  const auto assignment = read_assignment(as_bytes(*member.assignment));
  if (!assignment.ok()) return std::nullopt;
  if (assignment->user_data && !assignment->user_data->empty()) return std::nullopt;
  for (const auto& [name, partitions] : assignment->assigned_partitions)
    if (const TopicPointer topic = image.topic(name))
      for (const int32_t partition : partitions) owned[topic->id][partition] = generation;
  return owned;
}

// The member has protocols.
SharedBytes chosen_metadata(const ClassicMember& member, const ClassicGroup& from) {
  return member.metadata(from.protocol().value_or(member.protocols.front().name));
}

std::optional<ConsumerMember> to_consumer(const ClassicMember& member, const ClassicGroup& from,
                                          const ClusterImage& image) {
  if (member.protocols.empty()) return std::nullopt;
  const SharedBytes metadata = chosen_metadata(member, from);
  const auto subscription = read_subscription(as_bytes(*metadata));
  auto owned = owned_by(member, from.generation(), image);
  if (!subscription.ok() || !owned) return std::nullopt;
  return ConsumerMember{.metadata = metadata_of(member, *subscription),
                        .current = {.epoch = from.generation(),
                                    .previous_epoch = from.generation(),
                                    .state = CurrentAssignment::State::kStable,
                                    .assigned = *std::move(owned),
                                    .pending_revocation = {}}};
}

using Taken = std::set<std::pair<Uuid, int32_t>>;

// nullopt: the leader gave a partition to two members; there is no way to go on from there.
std::optional<Taken> taken_by(const Members& members) {
  Taken taken;
  for (const auto& [id, member] : members)
    for (const auto& [topic, partitions] : member.current.assigned)
      for (const auto& [partition, epoch] : partitions)
        if (!taken.emplace(topic, partition).second) return std::nullopt;
  return taken;
}

// With the cooperative protocol (KIP-429) a member keeps, until it asks for its new assignment,
// what that no longer has. Nobody else has been given it, and nobody may be before it is given up.
void add_claims(Members& members, const ClassicGroup& from, Taken taken,
                const ClusterImage& image) {
  for (auto& [id, member] : members) {
    const SharedBytes metadata = chosen_metadata(from.members().at(id), from);
    const auto subscription = read_subscription(as_bytes(*metadata));
    if (!subscription.ok()) continue;
    for (const auto& [name, partitions] : subscription->owned_partitions) {
      const TopicPointer topic = image.topic(name);
      for (const int32_t partition : topic ? partitions : std::vector<int32_t>{})
        if (taken.emplace(topic->id, partition).second)
          member.current.assigned[topic->id][partition] = from.generation();
    }
  }
}

std::optional<Members> to_consumers(const ClassicGroup& from, const ClusterImage& image) {
  Members members;
  for (const auto& [id, classic] : from.members()) {
    auto member = to_consumer(classic, from, image);
    if (!member) return std::nullopt;
    members.emplace(id, *std::move(member));
  }
  auto taken = taken_by(members);
  if (!taken) return std::nullopt;
  add_claims(members, from, *std::move(taken), image);
  return members;
}

ConsumerGroupTargetAssignmentMemberValue target_of(const OwnedPartitions& assigned) {
  using Value = ConsumerGroupTargetAssignmentMemberValue;
  return {.topic_partitions = to_list<Value::TopicPartition>(without_epochs(assigned))};
}

std::set<std::string> topics_of(const Members& members) {
  std::set<std::string> topics;
  for (const auto& [id, member] : members)
    topics.insert(member.metadata.subscribed_topics.begin(),
                  member.metadata.subscribed_topics.end());
  return topics;
}

// The hash of the topics that the assignment of the classic group is made for; of none if it is not
// for the topics as they are now, or the group is about to rebalance. The first heartbeat then
// finds another hash and makes a new target.
int64_t assigned_hash(const ClassicGroup& from, const Members& members, const ClusterImage& image) {
  if (!from.is_stable()) return 0;
  size_t assigned = 0, partitions = 0;
  for (const auto& [id, member] : members)
    for (const auto& [topic, owned] : member.current.assigned) assigned += owned.size();
  for (const auto& name : topics_of(members))
    if (const TopicPointer topic = image.topic(name)) partitions += topic->partitions.size();
  return assigned == partitions ? subscription_hash(topics_of(members), image) : 0;
}

std::vector<CoordinatorRecord> records_of(const std::string& group, const Members& members,
                                          int32_t epoch, int64_t metadata_hash, Time now) {
  std::vector<CoordinatorRecord> records;
  const auto add = [&](const auto& key, const auto& value) {
    records.push_back({.key = encode_key(key), .value = encode_value(value, 0)});
  };
  records.push_back({.key = encode_key(GroupMetadataKey{.group = group}), .value = std::nullopt});
  for (const auto& [id, member] : members)
    add(ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = id},
        to_record(member.metadata));
  add(ConsumerGroupMetadataKey{.group_id = group},
      ConsumerGroupMetadataValue{.epoch = epoch, .metadata_hash = metadata_hash});
  for (const auto& [id, member] : members)
    add(ConsumerGroupTargetAssignmentMemberKey{.group_id = group, .member_id = id},
        target_of(member.current.assigned));
  add(ConsumerGroupTargetAssignmentMetadataKey{.group_id = group},
      ConsumerGroupTargetAssignmentMetadataValue{.assignment_epoch = epoch,
                                                 .assignment_timestamp = now.wall_ms});
  for (const auto& [id, member] : members)
    add(ConsumerGroupCurrentMemberAssignmentKey{.group_id = group, .member_id = id},
        to_record(member.current));
  return records;
}

Upgrade not_found(Ticket ticket) {
  ConsumerGroupHeartbeatResponse response;
  response.error_code = code(ErrorCode::kGroupIdNotFound);
  response.error_message = "The group is a classic one, and cannot become a consumer group.";
  Upgrade refused;
  refused.outcome.answers.push_back({ticket, std::move(response)});
  return refused;
}

template <class T>
void append(std::vector<T>& to, std::vector<T> what) {
  std::ranges::move(what, std::back_inserter(to));
}

// --- Down

// As a classic group chooses: of those that all support, the first choice of most.
std::string vote(const ConsumerGroupState::Members& members) {
  const auto all_support = [&](const std::string& name) {
    return std::ranges::all_of(members, [&](const auto& m) {
      return std::ranges::find(m.second.metadata.classic->protocols, name,
                               &MemberMetadata::Protocol::name) !=
             m.second.metadata.classic->protocols.end();
    });
  };
  std::map<std::string, int> votes;
  for (const auto& [id, member] : members) {
    const auto& protocols = member.metadata.classic->protocols;
    const auto choice =
        std::ranges::find_if(protocols, all_support, &MemberMetadata::Protocol::name);
    if (choice != protocols.end()) ++votes[choice->name];
  }
  if (votes.empty()) return "";
  return std::ranges::max_element(votes, {}, &std::pair<const std::string, int>::second)->first;
}

std::string metadata_for(const ConsumerMember& member, const std::string& protocol) {
  for (const auto& [name, metadata] : member.metadata.classic->protocols)
    if (name == protocol) return metadata;
  return "";
}

// What the member may still own, and not its target: others may own some of that, and the record
// outlives the rebalance that is to come.
std::string assignment_for(const CurrentAssignment& current, const ClusterImage* image,
                           Version version) {
  ConsumerProtocolAssignment assignment;
  const TopicPartitions owned =
      union_of(without_epochs(current.assigned), without_epochs(current.pending_revocation));
  for (const auto& [id, partitions] : owned)
    if (const TopicPointer topic = image ? image->topic(id) : nullptr)
      assignment.assigned_partitions.push_back({.topic = topic->name, .partitions = partitions});
  return write_assignment(assignment, version);
}

}  // namespace

Upgrade upgrade(Ticket ticket, const ConsumerGroupHeartbeat& event, const std::string& group,
                ClassicGroup& from, const ConsumerLimits& limits, Time now) {
  if (!may_upgrade(event, from, limits)) return not_found(ticket);
  const auto members = to_consumers(from, *event.image);
  if (!members) return not_found(ticket);

  Upgrade upgrade{.group = ConsumerGroup(group, limits), .outcome = {}};
  const int64_t hash = assigned_hash(from, *members, *event.image);
  auto records = records_of(group, *members, from.generation(), hash, now);
  for (const auto& record : records) upgrade.group->load(record);
  upgrade.group->begin(now);
  GroupOutcome joined = upgrade.group->heartbeat(ticket, event, now);
  if (joined.records.empty()) return {.group = std::nullopt, .outcome = std::move(joined)};
  upgrade.outcome.records = std::move(records);
  append(upgrade.outcome.records, std::move(joined.records));
  upgrade.outcome.answers = from.dismiss(ErrorCode::kRebalanceInProgress).answers;
  append(upgrade.outcome.answers, std::move(joined.answers));
  return upgrade;
}

Downgrade downgrade(const ConsumerGroup& from, Time now) {
  const auto& members = from.durable().members();
  const std::string protocol = vote(members);
  std::vector<std::string> bytes;  // What the value points to.
  bytes.reserve(2 * members.size());
  GroupMetadataValue value{.protocol_type = kConsumerProtocolType,
                           .generation = from.durable().epoch(),
                           .protocol = protocol,
                           .leader = std::nullopt,
                           .current_state_timestamp = now.wall_ms,
                           .members = {}};
  // Without a leader the group rebalances, also when it is made again from the record.
  if (!from.should_rebalance()) value.leader = members.begin()->first;
  for (const auto& [id, member] : members) {
    const std::string& metadata = bytes.emplace_back(metadata_for(member, protocol));
    const std::string& assignment = bytes.emplace_back(assignment_for(
        member.current, from.image(), consumer_protocol_version(as_bytes(metadata))));
    value.members.push_back({.member_id = id,
                             .group_instance_id = member.metadata.instance_id,
                             .client_id = member.metadata.client_id,
                             .client_host = member.metadata.client_host,
                             .rebalance_timeout = member.metadata.rebalance_timeout_ms,
                             .session_timeout = member.metadata.classic->session_timeout_ms,
                             .subscription = as_bytes(metadata),
                             .assignment = as_bytes(assignment)});
  }
  Downgrade downgrade{.group = {from.name(), from.limits().classic, value, now}, .outcome = {}};
  downgrade.outcome.records = from.tombstones();
  downgrade.outcome.records.push_back(downgrade.group.record());
  return downgrade;
}

}  // namespace moldau
