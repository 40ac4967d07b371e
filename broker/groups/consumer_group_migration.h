// A group changes its protocol while it lives (KIP-848, group.consumer.migration.policy).
//
// Up: a member of the consumer protocol joins a classic group of consumers. Its members become
// members of a consumer group with the partitions that they own and their generation as epoch.
// They find out that they have to join again, and are served there by ConsumerGroup.
//
// Down: the last member of the consumer protocol leaves, is fenced, or comes back as a static
// member of the classic protocol. The others become a classic group with their epoch as generation.
#pragma once

#include <optional>

#include "broker/groups/classic_group.h"
#include "broker/groups/consumer_group.h"
#include "broker/groups/events.h"

namespace moldau {

struct Upgrade {
  std::optional<ConsumerGroup> group;
  GroupOutcome outcome;
};
// For a ConsumerGroupHeartbeat to a classic group with members. If there is a `group`, it takes the
// place of `from`, and the outcome has all records of the change, the tombstone of `from` included,
// and the answers to those who wait in `from`. If not, the outcome refuses the heartbeat
// (GROUP_ID_NOT_FOUND if this group may not change, or what else is wrong with it) and `from`
// stays.
Upgrade upgrade(Ticket ticket, const ConsumerGroupHeartbeat& event, const std::string& group,
                ClassicGroup& from, const ConsumerLimits& limits, Time now);

struct Downgrade {
  ClassicGroup group;
  GroupOutcome outcome;
};
// For a group that should_become_classic(): `group` takes its place, and the records of the outcome
// follow those of the step that led to it, in one batch.
Downgrade downgrade(const ConsumerGroup& from, Time now);

}  // namespace moldau
