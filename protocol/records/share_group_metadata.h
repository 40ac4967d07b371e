// ShareGroupMetadata records (key type 11): the epoch of a share group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupMetadataKey {
  static constexpr Api kApi{.key = 11,
                            .name = "ShareGroupMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct ShareGroupMetadataValue {
  static constexpr Api kApi{
      .key = 11, .name = "ShareGroupMetadataValue", .first = 0, .last = 0, .flexible = 0};

  int32_t epoch = 0;
  int64_t metadata_hash = 0;

  void describe(auto& field) {
    field("epoch", epoch);
    field("metadata_hash", metadata_hash);
  }
};

}  // namespace moldau
