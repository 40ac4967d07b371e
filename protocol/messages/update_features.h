// UpdateFeatures (API key 57), versions 0 to 2: raises or lowers finalized feature levels.
//
//   v1: request drops feature_updates.allow_downgrade; request adds feature_updates.upgrade_type,
//       validate_only
//   v2: response drops results
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UpdateFeaturesRequest {
  static constexpr Api kApi{
      .key = 57, .name = "UpdateFeatures", .first = 0, .last = 2, .flexible = 0};

  struct FeatureUpdate {
    std::string feature;
    int16_t max_version_level = 0;
    bool allow_downgrade = false;
    int8_t upgrade_type = 1;

    void describe(auto& field) {
      field("feature", feature);
      field("max_version_level", max_version_level);
      field("allow_downgrade", allow_downgrade, {.until = 0});
      field("upgrade_type", upgrade_type, {.since = 1});
    }
  };

  int32_t timeout_ms = 60000;
  std::vector<FeatureUpdate> feature_updates;
  bool validate_only = false;

  void describe(auto& field) {
    field("timeout_ms", timeout_ms);
    field("feature_updates", feature_updates);
    field("validate_only", validate_only, {.since = 1});
  }
};

struct UpdateFeaturesResponse {
  static constexpr Api kApi = UpdateFeaturesRequest::kApi;

  struct Result {
    std::string feature;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("feature", feature);
      field("error_code", error_code);
      field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Result> results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("results", results, {.until = 1});
  }
};

}  // namespace moldau
