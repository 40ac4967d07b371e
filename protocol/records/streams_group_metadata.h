// StreamsGroupMetadata records (key type 17): the epoch of a streams group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupMetadataKey {
  static constexpr Api kApi{.key = 17,
                            .name = "StreamsGroupMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct StreamsGroupMetadataValue {
  static constexpr Api kApi{
      .key = 17, .name = "StreamsGroupMetadataValue", .first = 0, .last = 0, .flexible = 0};

  struct LastAssignmentConfig {
    std::string key;
    std::string value;

    bool operator==(const LastAssignmentConfig&) const = default;

    void describe(auto& field) {
      field("key", key);
      field("value", value);
    }
  };

  int32_t epoch = 0;
  int64_t metadata_hash = 0;
  int32_t validated_topology_epoch = -1;
  // Kafka reads an absent field as empty and writes null when it means null.
  std::optional<std::vector<LastAssignmentConfig>> last_assignment_configs =
      std::vector<LastAssignmentConfig>{};
  int32_t stored_description_topology_epoch = -1;
  int32_t failed_description_topology_epoch = -1;

  void describe(auto& field) {
    field("epoch", epoch);
    field("metadata_hash", metadata_hash);
    field("validated_topology_epoch", validated_topology_epoch, {.tag = 0}, int32_t{-1});
    field("last_assignment_configs", last_assignment_configs, {.tag = 1},
          std::vector<LastAssignmentConfig>{});
    field("stored_description_topology_epoch", stored_description_topology_epoch, {.tag = 2},
          int32_t{-1});
    field("failed_description_topology_epoch", failed_description_topology_epoch, {.tag = 3},
          int32_t{-1});
  }
};

}  // namespace moldau
