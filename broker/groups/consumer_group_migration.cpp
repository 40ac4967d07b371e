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
  metadata.classic.emplace().session_timeout_ms = member.session_timeout_ms;
  for (const auto& protocol : member.protocols)
    metadata.classic->protocols.push_back({protocol.name, *protocol.metadata});
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

std::optional<ConsumerMember> to_consumer(const ClassicMember& member, const ClassicGroup& from,
                                          const ClusterImage& image) {
  if (member.protocols.empty()) return std::nullopt;
  const std::string protocol = from.protocol().value_or(member.protocols.front().name);
  const SharedBytes metadata = member.metadata(protocol);
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

// A leader may have given a partition to two members; there is no way to go on from there.
bool have_two_owners(const Members& members) {
  std::set<std::pair<Uuid, int32_t>> seen;
  for (const auto& [id, member] : members)
    for (const auto& [topic, partitions] : member.current.assigned)
      for (const auto& [partition, epoch] : partitions)
        if (!seen.emplace(topic, partition).second) return true;
  return false;
}

std::optional<Members> to_consumers(const ClassicGroup& from, const ClusterImage& image) {
  Members members;
  for (const auto& [id, classic] : from.members()) {
    auto member = to_consumer(classic, from, image);
    if (!member) return std::nullopt;
    members.emplace(id, *std::move(member));
  }
  if (have_two_owners(members)) return std::nullopt;
  return members;
}

ConsumerGroupTargetAssignmentMemberValue target_of(const OwnedPartitions& assigned) {
  ConsumerGroupTargetAssignmentMemberValue value;
  for (const auto& [topic, partitions] : assigned) {
    auto& target = value.topic_partitions.emplace_back();
    target.topic_id = topic;
    for (const auto& [partition, epoch] : partitions) target.partitions.push_back(partition);
  }
  return value;
}

std::vector<CoordinatorRecord> records_of(const std::string& group, const Members& members,
                                          int32_t epoch, const ClusterImage& image, Time now) {
  std::vector<CoordinatorRecord> records;
  const auto add = [&](const auto& key, const auto& value) {
    records.push_back({.key = encode_key(key), .value = encode_value(value, 0)});
  };
  std::set<std::string> topics;
  records.push_back({.key = encode_key(GroupMetadataKey{.group = group}), .value = std::nullopt});
  for (const auto& [id, member] : members) {
    topics.insert(member.metadata.subscribed_topics.begin(),
                  member.metadata.subscribed_topics.end());
    add(ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = id},
        to_record(member.metadata));
  }
  add(ConsumerGroupMetadataKey{.group_id = group},
      ConsumerGroupMetadataValue{.epoch = epoch,
                                 .metadata_hash = subscription_hash(topics, image)});
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

// The target, not what the member owns yet: where they differ the group rebalances at once.
std::string assignment_for(const TopicPartitions& target, const ClusterImage* image,
                           Version version) {
  ConsumerProtocolAssignment assignment;
  for (const auto& [id, partitions] : target)
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
  auto records = records_of(group, *members, from.generation(), *event.image, now);
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
                           .leader = members.begin()->first,
                           .current_state_timestamp = now.wall_ms,
                           .members = {}};
  for (const auto& [id, member] : members) {
    const std::string& metadata = bytes.emplace_back(metadata_for(member, protocol));
    const std::string& assignment = bytes.emplace_back(assignment_for(
        from.durable().target(id), from.image(), consumer_protocol_version(as_bytes(metadata))));
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
  if (from.should_rebalance()) {
    GroupOutcome rebalanced = downgrade.group.rebalance(now);
    append(downgrade.outcome.records, std::move(rebalanced.records));
    append(downgrade.outcome.answers, std::move(rebalanced.answers));
  }
  return downgrade;
}

}  // namespace moldau
