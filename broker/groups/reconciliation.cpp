#include "broker/groups/reconciliation.h"

#include <utility>

namespace moldau {
namespace {

using State = CurrentAssignment::State;

bool has(const OwnedPartitions& owned, const Uuid& topic, int32_t partition) {
  const auto it = owned.find(topic);
  return it != owned.end() && it->second.contains(partition);
}

void insert_all(OwnedPartitions& into, const OwnedPartitions& owned) {
  for (const auto& [topic, partitions] : owned)
    into[topic].insert(partitions.begin(), partitions.end());
}

// Without a report nothing is known to be given up.
bool still_owns_any(const OwnedPartitions& revoked,
                    const std::optional<TopicPartitions>& reported) {
  if (revoked.empty()) return false;
  if (!reported) return true;
  for (const auto& [topic, partitions] : *reported)
    for (const int32_t partition : partitions)
      if (has(revoked, topic, partition)) return true;
  return false;
}

// The member's subscription shrank, and nothing else happened: it gives up the topics that it left.
CurrentAssignment without_left_topics(const CurrentAssignment& current,
                                      const Reconciliation& with) {
  CurrentAssignment next = current;
  for (const auto& [topic, partitions] : current.assigned) {
    if (with.subscribed.contains(topic)) continue;
    next.assigned.erase(topic);
    next.pending_revocation[topic].insert(partitions.begin(), partitions.end());
  }
  if (next == current) return current;
  if (still_owns_any(next.pending_revocation, with.reported)) {
    next.state = State::kUnrevokedPartitions;
  } else {
    next.pending_revocation = current.pending_revocation;  // It had given them up before.
  }
  return next;
}

CurrentAssignment towards_target(const CurrentAssignment& current, const Reconciliation& with) {
  OwnedPartitions kept, revoked, added;
  const auto is_wanted = [&](const Uuid& topic, int32_t partition) {
    return with.subscribed.contains(topic) && contains(with.target, topic, partition);
  };
  for (const auto& [topic, partitions] : current.assigned)
    for (const auto& [partition, epoch] : partitions)
      (is_wanted(topic, partition) ? kept : revoked)[topic][partition] = epoch;

  if (still_owns_any(revoked, with.reported))
    return {.epoch = current.epoch,
            .previous_epoch = current.epoch,
            .state = State::kUnrevokedPartitions,
            .assigned = std::move(kept),
            .pending_revocation = std::move(revoked)};

  bool is_waiting = false;
  for (const auto& [topic, partitions] : with.target) {
    if (!with.subscribed.contains(topic)) continue;
    for (const int32_t partition : partitions) {
      if (has(kept, topic, partition)) continue;
      // What the member itself has just given up is free for it.
      if (has(current.pending_revocation, topic, partition) || with.is_free(topic, partition)) {
        added[topic][partition] = with.target_epoch;
      } else {
        is_waiting = true;
      }
    }
  }
  insert_all(kept, added);
  return {.epoch = with.target_epoch,
          .previous_epoch = current.epoch,
          .state = is_waiting ? State::kUnreleasedPartitions : State::kStable,
          .assigned = std::move(kept),
          .pending_revocation = {}};
}

}  // namespace

CurrentAssignment reconcile(const CurrentAssignment& current, const Reconciliation& with) {
  switch (current.state) {
    case State::kStable:
      if (current.epoch != with.target_epoch) return towards_target(current, with);
      return with.subscription_changed ? without_left_topics(current, with) : current;
    case State::kUnrevokedPartitions:
      if (!still_owns_any(current.pending_revocation, with.reported))
        return towards_target(current, with);
      return with.subscription_changed ? without_left_topics(current, with) : current;
    case State::kUnreleasedPartitions:
      return towards_target(current, with);
    case State::kUnknown:
      break;
  }
  CurrentAssignment fresh = current;
  fresh.epoch = with.target_epoch;
  return towards_target(fresh, with);
}

}  // namespace moldau
