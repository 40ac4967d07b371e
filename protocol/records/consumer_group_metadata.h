// ConsumerGroupMetadata records (key type 3): the epoch of a consumer group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupMetadataKey {
  static constexpr Api kApi{.key = 3,
                            .name = "ConsumerGroupMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct ConsumerGroupMetadataValue {
  static constexpr Api kApi{
      .key = 3, .name = "ConsumerGroupMetadataValue", .first = 0, .last = 0, .flexible = 0};

  int32_t epoch = 0;
  int64_t metadata_hash = 0;

  void describe(auto& field) {
    field("epoch", epoch);
    field("metadata_hash", metadata_hash, {.tag = 0});
  }
};

}  // namespace moldau
