#include "broker/groups/consumer_group.h"

#include <algorithm>
#include <utility>

#include "broker/groups/assignor.h"
#include "broker/groups/reconciliation.h"
#include "broker/groups/subscription_hash.h"
#include "broker/groups/topic_regex.h"
#include "protocol/records/consumer_group_metadata.h"
#include "protocol/records/consumer_group_partition_metadata.h"
#include "protocol/records/consumer_group_regular_expression.h"
#include "protocol/records/consumer_group_target_assignment_member.h"
#include "protocol/records/consumer_group_target_assignment_metadata.h"

#include "absl/strings/numbers.h"

namespace moldau {
namespace {

// New topics are looked for no more often than that, as in Kafka.
constexpr int64_t kRegexPauseMs = 10'000;

std::set<Uuid> ids_of(const std::vector<std::string>& topics, const ClusterImage& image) {
  std::set<Uuid> ids;
  for (const auto& name : topics)
    if (const TopicPointer topic = image.topic(name)) ids.insert(topic->id);
  return ids;
}

ConsumerGroupDescribeResponse::Assignment described(const TopicPartitions& set,
                                                    const ClusterImage& image) {
  ConsumerGroupDescribeResponse::Assignment assignment;
  for (const auto& [id, partitions] : set)
    if (const TopicPointer topic = image.topic(id))
      assignment.topic_partitions.push_back(
          {.topic_id = id, .topic_name = topic->name, .partitions = partitions});
  return assignment;
}

}  // namespace

ConsumerGroup::ConsumerGroup(std::string group, ConsumerLimits limits)
    : name_(std::move(group)), limits_(std::move(limits)) {}

// --- Records

void ConsumerGroup::write(CoordinatorRecord record) {
  state_.apply(record);
  written_.push_back(std::move(record));
}

void ConsumerGroup::emit_metadata(const std::string& id, const MemberMetadata& metadata) {
  emit(ConsumerGroupMemberMetadataKey{.group_id = name_, .member_id = id}, to_record(metadata));
}

void ConsumerGroup::emit_current(const std::string& id, const CurrentAssignment& current) {
  emit(ConsumerGroupCurrentMemberAssignmentKey{.group_id = name_, .member_id = id},
       to_record(current));
}

void ConsumerGroup::emit_target(const std::string& id, const TopicPartitions& target) {
  using Value = ConsumerGroupTargetAssignmentMemberValue;
  emit(ConsumerGroupTargetAssignmentMemberKey{.group_id = name_, .member_id = id},
       Value{.topic_partitions = to_list<Value::TopicPartition>(target)});
}

GroupOutcome ConsumerGroup::answered(Ticket ticket, GroupReply reply) {
  if (is_empty()) image_ = nullptr;
  GroupOutcome outcome{.records = std::exchange(written_, {}), .answers = {}};
  outcome.answers.push_back({ticket, std::move(reply)});
  return outcome;
}

// --- Time

std::optional<int64_t> ConsumerGroup::Deadlines::first() const {
  std::optional<int64_t> first;
  for (const auto& deadline : {session, rebalance, join, sync})
    if (deadline && (!first || *deadline < *first)) first = deadline;
  return first;
}

void ConsumerGroup::begin(Time now) {
  for (const auto& [id, member] : state_.members()) {
    Deadlines& deadlines = deadlines_[id];
    deadlines.session = now.steady_ms + session_timeout_ms(member);
    if (!member.is_classic() &&
        member.current.state == CurrentAssignment::State::kUnrevokedPartitions)
      deadlines.rebalance = now.steady_ms + member.metadata.rebalance_timeout_ms;
  }
}

std::optional<int64_t> ConsumerGroup::wake_at() const {
  std::optional<int64_t> first;
  for (const auto& [id, deadlines] : deadlines_) {
    const auto deadline = deadlines.first();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  return first;
}

GroupOutcome ConsumerGroup::wake(Time now) {
  std::set<std::string> late;
  for (const auto& [id, deadlines] : deadlines_) {
    const auto deadline = deadlines.first();
    if (deadline && *deadline <= now.steady_ms) late.insert(id);
  }
  if (!late.empty()) fence(late);
  if (is_empty()) image_ = nullptr;
  return {.records = std::exchange(written_, {}), .answers = {}};
}

int32_t ConsumerGroup::setting(const char* name, int32_t otherwise) const {
  if (!image_) return otherwise;
  const Configs& configs = image_->configs({ConfigResourceType::kGroup, name_});
  const auto it = configs.find(name);
  int32_t value = 0;
  return it != configs.end() && absl::SimpleAtoi(it->second, &value) ? value : otherwise;
}

int32_t ConsumerGroup::session_timeout_ms(const ConsumerMember& member) const {
  if (member.is_classic()) return member.metadata.classic->session_timeout_ms;
  return setting("consumer.session.timeout.ms", limits_.session_timeout_ms);
}

// --- Members

void ConsumerGroup::update(const std::string& id, const MemberMetadata& metadata,
                           const Report& reported, Time now) {
  const ConsumerMember* known = state_.member(id);
  const MemberMetadata before = known ? known->metadata : MemberMetadata{};
  if (!known || metadata != before) emit_metadata(id, metadata);
  const bool subscription_changed =
      metadata.subscribed_topics != before.subscribed_topics || metadata.regex != before.regex;
  drop_unused_regexes();
  const bool topics_changed = resolve_regexes(now);
  bump_epoch_if(subscription_changed || topics_changed || state_.epoch() == 0);
  if (state_.epoch() > state_.assignment_epoch()) retarget(now);
  reconcile_member(id, subscription_changed, reported, now);
}

// A static member came back under another id: it takes the place of the one that left.
void ConsumerGroup::replace(const std::string& old_id, const std::string& new_id) {
  const ConsumerMember old = *state_.member(old_id);
  const TopicPartitions target = state_.target(old_id);
  remove(old_id);
  CurrentAssignment current = old.current;
  current.epoch = current.previous_epoch = 0;
  emit_metadata(new_id, old.metadata);
  emit_target(new_id, target);
  emit_current(new_id, current);
}

void ConsumerGroup::remove(const std::string& id) {
  deadlines_.erase(id);
  emit_tombstone(ConsumerGroupCurrentMemberAssignmentKey{.group_id = name_, .member_id = id});
  emit_tombstone(ConsumerGroupTargetAssignmentMemberKey{.group_id = name_, .member_id = id});
  emit_tombstone(ConsumerGroupMemberMetadataKey{.group_id = name_, .member_id = id});
}

// The others learn of it by the new epoch, with the next heartbeat of any of them.
void ConsumerGroup::fence(const std::set<std::string>& ids) {
  for (const auto& id : ids) remove(id);
  drop_unused_regexes();
  should_become_classic_ = should_rebalance_ = may_become_classic();
  if (should_become_classic_) return;  // Nothing of this group will remain in the log.
  const bool can_hash = image_ || is_empty();
  bump_epoch(can_hash
                 ? subscription_hash(state_.subscribed_topics(), image_ ? *image_ : ClusterImage())
                 : state_.metadata_hash());
}

// Not before an image is known: the record of a classic group has the names of topics.
bool ConsumerGroup::may_become_classic() const {
  const size_t size = state_.members().size();
  return image_ && size > 0 && state_.classic_members() == size &&
         size <= static_cast<size_t>(limits_.classic.max_size) &&
         (limits_.migration == MigrationPolicy::kDowngrade ||
          limits_.migration == MigrationPolicy::kBidirectional);
}

// --- Subscriptions

void ConsumerGroup::drop_unused_regexes() {
  std::vector<std::string> unused;
  for (const auto& [regex, resolved] : state_.regexes())
    if (!state_.is_in_use(regex)) unused.push_back(regex);
  for (const auto& regex : unused)
    emit_tombstone(
        ConsumerGroupRegularExpressionKey{.group_id = name_, .regular_expression = regex});
}

bool ConsumerGroup::resolve_regexes(Time now) {
  std::set<std::string> regexes;
  for (const auto& [id, member] : state_.members())
    if (!member.metadata.regex.empty()) regexes.insert(member.metadata.regex);
  const int64_t elapsed_ms = now.steady_ms - regexes_resolved_ms_;
  const bool is_due = !regexes_resolved_at_ || elapsed_ms >= limits_.regex_refresh_interval_ms ||
                      (elapsed_ms >= kRegexPauseMs && *regexes_resolved_at_ != image_->offset());
  if (is_due) {
    regexes_resolved_at_ = image_->offset();
    regexes_resolved_ms_ = now.steady_ms;
  }
  bool has_changed = false;
  for (const auto& regex : regexes) {
    const auto known = state_.regexes().find(regex);
    const bool is_known = known != state_.regexes().end();
    if (is_known && !is_due) continue;
    std::vector<std::string> topics = topics_matching(regex, *image_);
    if (is_known && known->second.topics == topics) continue;
    has_changed = true;
    emit(ConsumerGroupRegularExpressionKey{.group_id = name_, .regular_expression = regex},
         ConsumerGroupRegularExpressionValue{
             .topics = std::move(topics), .version = image_->offset(), .timestamp = now.wall_ms});
  }
  return has_changed;
}

// The hash tells whether topics were created, deleted or grew (KIP-1101).
void ConsumerGroup::bump_epoch_if(bool has_changed) {
  if (!has_changed && hashed_at_ == image_->offset()) return;
  const int64_t hash = subscription_hash(state_.subscribed_topics(), *image_);
  hashed_at_ = image_->offset();
  if (has_changed || hash != state_.metadata_hash()) bump_epoch(hash);
}

void ConsumerGroup::bump_epoch(int64_t metadata_hash) {
  emit(ConsumerGroupMetadataKey{.group_id = name_},
       ConsumerGroupMetadataValue{.epoch = state_.epoch() + 1, .metadata_hash = metadata_hash});
  if (state_.has_partition_metadata())
    emit_tombstone(ConsumerGroupPartitionMetadataKey{.group_id = name_});
}

// --- Assignment

// The one that most members ask for; among equals the one that is configured first.
const std::string& ConsumerGroup::assignor() const {
  std::map<std::string, int> votes;
  for (const auto& [id, member] : state_.members())
    if (member.metadata.assignor) ++votes[*member.metadata.assignor];
  return *std::ranges::max_element(limits_.assignors, {}, [&](const std::string& name) {
    const auto it = votes.find(name);
    return it == votes.end() ? 0 : it->second;
  });
}

void ConsumerGroup::retarget(Time now) {
  AssignSpec spec;
  for (const auto& [id, member] : state_.members()) {
    const std::set<Uuid> subscribed = ids_of(state_.topics_of(member), *image_);
    spec.members[id] = {.subscribed = {subscribed.begin(), subscribed.end()},
                        .owned = state_.target(id),
                        .instance_id = member.metadata.instance_id};
    for (const Uuid& topic : subscribed)
      spec.partition_counts[topic] = static_cast<int32_t>(image_->topic(topic)->partitions.size());
  }
  const TargetAssignment targets =
      assignor() == "range" ? assign_range(spec) : assign_uniform(spec);
  for (const auto& [id, target] : targets)
    if (!state_.targets().contains(id) || state_.target(id) != target) emit_target(id, target);
  emit(ConsumerGroupTargetAssignmentMetadataKey{.group_id = name_},
       ConsumerGroupTargetAssignmentMetadataValue{.assignment_epoch = state_.epoch(),
                                                  .assignment_timestamp = now.wall_ms});
}

void ConsumerGroup::reconcile_member(const std::string& id, bool subscription_changed,
                                     const Report& reported, Time now) {
  const ConsumerMember& member = *state_.member(id);
  if (!subscription_changed && member.current.is_reconciled_to(state_.assignment_epoch())) return;
  const std::set<Uuid> subscribed = ids_of(state_.topics_of(member), *image_);
  const CurrentAssignment next =
      reconcile(member.current, {.target_epoch = state_.assignment_epoch(),
                                 .target = state_.target(id),
                                 .subscribed = subscribed,
                                 .subscription_changed = subscription_changed,
                                 .reported = reported,
                                 .is_free = [&](const Uuid& topic, int32_t partition) {
                                   return state_.owner(topic, partition) == nullptr;
                                 }});
  if (next == member.current) return;
  emit_current(id, next);
  if (member.is_classic()) return;  // Its deadlines are those of joining and syncing.
  Deadlines& deadlines = deadlines_[id];
  deadlines.rebalance.reset();
  if (next.state == CurrentAssignment::State::kUnrevokedPartitions)
    deadlines.rebalance = now.steady_ms + member.metadata.rebalance_timeout_ms;
}

// --- Offsets

// KIP-1251: a commit of an older epoch counts for partitions that the member had then and still
// has; its heartbeat and its commit crossed.
ErrorCode ConsumerGroup::check_commit(const CommitOffsets& commit) const {
  if (commit.generation < 0 && is_empty()) return ErrorCode::kNone;
  const ConsumerMember* member = state_.member(commit.member_id);
  if (!member) return ErrorCode::kUnknownMemberId;
  if (!member->is_classic() && commit.version < 9) return ErrorCode::kUnsupportedVersion;
  if (commit.generation == member->current.epoch) return ErrorCode::kNone;
  if (member->is_classic()) return ErrorCode::kIllegalGeneration;
  if (commit.generation > member->current.epoch) return ErrorCode::kStaleMemberEpoch;
  const auto had = [&](const OwnedPartitions& owned, const CommitOffsets::Partition& p) {
    const TopicPointer topic = p.topic_id == kZeroUuid && image_ ? image_->topic(p.topic) : nullptr;
    const auto it = owned.find(topic ? topic->id : p.topic_id);
    if (it == owned.end()) return false;
    const auto epoch = it->second.find(p.partition);
    return epoch != it->second.end() && epoch->second <= commit.generation;
  };
  const bool all_had = std::ranges::all_of(commit.partitions, [&](const auto& partition) {
    return had(member->current.assigned, partition) ||
           had(member->current.pending_revocation, partition);
  });
  return all_had ? ErrorCode::kNone : ErrorCode::kStaleMemberEpoch;
}

ErrorCode ConsumerGroup::check_fetch(const std::optional<std::string>& member_id,
                                     int32_t member_epoch) const {
  if (!member_id && member_epoch < 0) return ErrorCode::kNone;
  const ConsumerMember* member = state_.member(member_id.value_or(""));
  if (!member) return ErrorCode::kUnknownMemberId;
  if (member_epoch == member->current.epoch) return ErrorCode::kNone;
  return member->is_classic() ? ErrorCode::kIllegalGeneration : ErrorCode::kStaleMemberEpoch;
}

// --- Administration

const char* ConsumerGroup::state() const {
  if (is_empty()) return "Empty";
  if (state_.epoch() > state_.assignment_epoch()) return "Assigning";
  const bool all_reconciled = std::ranges::all_of(state_.members(), [&](const auto& m) {
    return m.second.current.is_reconciled_to(state_.assignment_epoch());
  });
  return all_reconciled ? "Stable" : "Reconciling";
}

DescribeConsumerGroup::Reply ConsumerGroup::describe(const ClusterImage& image) const {
  DescribeConsumerGroup::Reply group;
  group.group_id = name_;
  group.group_state = state();
  group.group_epoch = state_.epoch();
  group.assignment_epoch = state_.assignment_epoch();
  group.assignor_name = assignor();
  for (const auto& [id, member] : state_.members()) {
    const MemberMetadata& metadata = member.metadata;
    group.members.push_back(
        {.member_id = id,
         .instance_id = metadata.instance_id,
         .rack_id = metadata.rack_id,
         .member_epoch = member.current.epoch,
         .client_id = metadata.client_id,
         .client_host = metadata.client_host,
         .subscribed_topic_names = metadata.subscribed_topics,
         .subscribed_topic_regex = metadata.regex,
         .assignment = described(without_epochs(member.current.assigned), image),
         .target_assignment = described(state_.target(id), image),
         .member_type = static_cast<int8_t>(member.is_classic() ? 0 : 1)});
  }
  return group;
}

std::vector<CoordinatorRecord> ConsumerGroup::tombstones() const {
  std::vector<CoordinatorRecord> records;
  const auto add = [&](const auto& key) {
    records.push_back({.key = encode_key(key), .value = std::nullopt});
  };
  for (const auto& [id, member] : state_.members())
    add(ConsumerGroupCurrentMemberAssignmentKey{.group_id = name_, .member_id = id});
  for (const auto& [id, target] : state_.targets())
    add(ConsumerGroupTargetAssignmentMemberKey{.group_id = name_, .member_id = id});
  add(ConsumerGroupTargetAssignmentMetadataKey{.group_id = name_});
  for (const auto& [id, member] : state_.members())
    add(ConsumerGroupMemberMetadataKey{.group_id = name_, .member_id = id});
  for (const auto& [regex, resolved] : state_.regexes())
    add(ConsumerGroupRegularExpressionKey{.group_id = name_, .regular_expression = regex});
  if (state_.has_partition_metadata()) add(ConsumerGroupPartitionMetadataKey{.group_id = name_});
  add(ConsumerGroupMetadataKey{.group_id = name_});
  return records;
}

}  // namespace moldau
