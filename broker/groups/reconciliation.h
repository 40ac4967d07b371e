// How one member of a consumer group is led from what it owns to its target (KIP-848).
//
//   owns partitions that are not in the target:  Unrevoked: told to give them up, epoch stays
//   has given them up, targets are still owned:  Unreleased: epoch of the target, gets the free
//   ones owns its target:                             Stable: epoch of the target
//
// A partition is given to a member only when nobody owns it, and a member owns what it was given
// until it says that it gave it up or is fenced. So no partition ever has two owners.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>

#include "broker/groups/consumer_member.h"
#include "broker/groups/topic_partitions.h"

namespace moldau {

struct Reconciliation {
  int32_t target_epoch = 0;
  const TopicPartitions& target;
  // Topics by name and by regular expression, those that exist. What the target has beyond them is
  // not given: the member changed its mind after the target was computed.
  const std::set<Uuid>& subscribed;
  bool subscription_changed = false;
  // What the member says that it owns; nullopt: it does not say.
  const std::optional<TopicPartitions>& reported;
  // Whether nobody owns a partition. It is not asked about the member's own ones.
  std::function<bool(const Uuid& topic, int32_t partition)> is_free;
};

// A member in the state kUnknown has to report that it owns nothing.
CurrentAssignment reconcile(const CurrentAssignment& current, const Reconciliation& with);

}  // namespace moldau
