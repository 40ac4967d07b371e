// FeatureLevelRecord (metadata record type 12): a finalized feature level.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct FeatureLevelRecord {
  static constexpr Api kApi{
      .key = 12, .name = "FeatureLevelRecord", .first = 0, .last = 0, .flexible = 0};

  std::string name;
  int16_t feature_level = 0;

  void describe(auto& field) {
    field("name", name);
    field("feature_level", feature_level);
  }
};

}  // namespace moldau
