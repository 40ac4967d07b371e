// ShareUpdate records (key type 1): a change to the state of a share partition, in
// __share_group_state.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareUpdateKey {
  static constexpr Api kApi{
      .key = 1, .name = "ShareUpdateKey", .first = 0, .last = 0, .flexible = kNeverFlexible};

  std::string group_id;
  Uuid topic_id{};
  int32_t partition = 0;

  void describe(auto& field) {
    field("group_id", group_id);
    field("topic_id", topic_id);
    field("partition", partition);
  }
};

struct ShareUpdateValue {
  static constexpr Api kApi{
      .key = 1, .name = "ShareUpdateValue", .first = 0, .last = 0, .flexible = 0};

  struct StateBatch {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int8_t delivery_state = 0;
    int16_t delivery_count = 0;

    void describe(auto& field) {
      field("first_offset", first_offset);
      field("last_offset", last_offset);
      field("delivery_state", delivery_state);
      field("delivery_count", delivery_count);
    }
  };

  int32_t snapshot_epoch = 0;
  int32_t leader_epoch = 0;
  int64_t start_offset = 0;
  int32_t delivery_complete_count = -1;
  std::vector<StateBatch> state_batches;

  void describe(auto& field) {
    field("snapshot_epoch", snapshot_epoch);
    field("leader_epoch", leader_epoch);
    field("start_offset", start_offset);
    field("delivery_complete_count", delivery_complete_count, {.tag = 0}, int32_t{-1});
    field("state_batches", state_batches);
  }
};

}  // namespace moldau
