// StreamsGroupTargetAssignmentMetadata records (key type 20): the epoch of the target assignment
// of a streams group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupTargetAssignmentMetadataKey {
  static constexpr Api kApi{.key = 20,
                            .name = "StreamsGroupTargetAssignmentMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct StreamsGroupTargetAssignmentMetadataValue {
  static constexpr Api kApi{.key = 20,
                            .name = "StreamsGroupTargetAssignmentMetadataValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  int32_t assignment_epoch = 0;
  int64_t assignment_timestamp = 0;

  void describe(auto& field) {
    field("assignment_epoch", assignment_epoch);
    field("assignment_timestamp", assignment_timestamp, {.tag = 0});
  }
};

}  // namespace moldau
