// Server-side assignors (KIP-848): who of a group shall own which partitions.
//
// Both are functions of their argument alone: members and topics are taken in the order of their
// ids, so that a coordinator that is made again decides the same.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/groups/topic_partitions.h"
#include "protocol/uuid.h"

namespace moldau {

struct MemberSpec {
  std::vector<Uuid> subscribed;            // Topics, sorted, each once.
  TopicPartitions owned;                   // By the last target; anything may be in it.
  std::optional<std::string> instance_id;  // Of static members (KIP-345).
};

struct AssignSpec {
  using Members = std::map<std::string, MemberSpec>;

  Members members;                           // By member id.
  std::map<Uuid, int32_t> partition_counts;  // A topic that is not here has no partitions.
};

// Every member has an entry. Every partition of a topic with subscribers is in exactly one, which
// is of a subscriber.
using TargetAssignment = std::map<std::string, TopicPartitions>;

// As many partitions for each member as its subscriptions allow: no chain of moves, each from a
// member to another subscriber of the topic, could take one from a member to another that has
// fewer by two or more. With equal subscriptions that is balance within one. Of all there is in
// `owned`, as much as possible stays (see uniform_assignor.cpp for the bounds of that).
TargetAssignment assign_uniform(const AssignSpec& spec);

// For each topic, its subscribers get contiguous ranges that differ by at most one, the longer
// ones first: static members in the order of their instance ids, then the others in the order of
// their member ids. So topics with equal subscribers and counts are partitioned alike, and a static
// member that comes back under another member id gets what it had. `owned` has no influence.
TargetAssignment assign_range(const AssignSpec& spec);

}  // namespace moldau
