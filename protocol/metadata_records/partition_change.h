// PartitionChangeRecord (metadata record type 5): what changed about a partition: absent fields
// stay as they are.
//
// PartitionChangeRecord:
//   v1: adds directories
//   v2: adds eligible_leader_replicas, last_known_elr
#pragma once

#include "protocol/message.h"

namespace moldau {

struct PartitionChangeRecord {
  static constexpr Api kApi{
      .key = 5, .name = "PartitionChangeRecord", .first = 0, .last = 2, .flexible = 0};

  int32_t partition_id = -1;
  Uuid topic_id{};
  std::optional<std::vector<int32_t>> isr;
  int32_t leader = -2;
  std::optional<std::vector<int32_t>> replicas;
  std::optional<std::vector<int32_t>> removing_replicas;
  std::optional<std::vector<int32_t>> adding_replicas;
  int8_t leader_recovery_state = -1;
  std::optional<std::vector<Uuid>> directories;
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;

  void describe(auto& field) {
    field("partition_id", partition_id);
    field("topic_id", topic_id);
    field("isr", isr, {.tag = 0});
    field("leader", leader, {.tag = 1}, int32_t{-2});
    field("replicas", replicas, {.tag = 2});
    field("removing_replicas", removing_replicas, {.tag = 3});
    field("adding_replicas", adding_replicas, {.tag = 4});
    field("leader_recovery_state", leader_recovery_state, {.tag = 5}, int8_t{-1});
    field("directories", directories, {.since = 1, .tag = 8});
    field("eligible_leader_replicas", eligible_leader_replicas, {.since = 2, .tag = 6});
    field("last_known_elr", last_known_elr, {.since = 2, .tag = 7});
  }
};

}  // namespace moldau
