// PartitionRecord (metadata record type 3): a partition with its replicas, ISR and leader.
//
// PartitionRecord:
//   v1: adds directories
//   v2: adds eligible_leader_replicas, last_known_elr
#pragma once

#include "protocol/message.h"

namespace moldau {

struct PartitionRecord {
  static constexpr Api kApi{
      .key = 3, .name = "PartitionRecord", .first = 0, .last = 2, .flexible = 0};

  int32_t partition_id = -1;
  Uuid topic_id{};
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> removing_replicas;
  std::vector<int32_t> adding_replicas;
  int32_t leader = -1;
  int8_t leader_recovery_state = 0;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<Uuid> directories;
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;

  void describe(auto& field) {
    field("partition_id", partition_id);
    field("topic_id", topic_id);
    field("replicas", replicas);
    field("isr", isr);
    field("removing_replicas", removing_replicas);
    field("adding_replicas", adding_replicas);
    field("leader", leader);
    field("leader_recovery_state", leader_recovery_state, {.tag = 0});
    field("leader_epoch", leader_epoch);
    field("partition_epoch", partition_epoch);
    field("directories", directories, {.since = 1});
    field("eligible_leader_replicas", eligible_leader_replicas, {.since = 2, .tag = 1});
    field("last_known_elr", last_known_elr, {.since = 2, .tag = 2});
  }
};

}  // namespace moldau
