// ApiVersions (API key 18), versions 0 to 5: the APIs and versions that a broker serves, and the
// features of the cluster.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: request adds client_software_name, client_software_version; response adds
//       supported_features, finalized_features_epoch, finalized_features, zk_migration_ready;
//       flexible encoding with tagged fields; the answer keeps response header v0, so that any
//       client can read it
//   v4: a feature may have a lowest level of 0 (KIP-1022)
//   v5: request adds cluster_id, node_id; a client may say which cluster and node it meant to
//       reach
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ApiVersionsRequest {
  static constexpr Api kApi{.key = 18, .name = "ApiVersions", .first = 0, .last = 5, .flexible = 3};

  std::string client_software_name;
  std::string client_software_version;
  std::optional<std::string> cluster_id;
  int32_t node_id = -1;

  void describe(auto& field) {
    field("client_software_name", client_software_name, {.since = 3});
    field("client_software_version", client_software_version, {.since = 3});
    field("cluster_id", cluster_id, {.since = 5});
    field("node_id", node_id, {.since = 5});
  }
};

struct ApiVersionsResponse {
  static constexpr Api kApi = ApiVersionsRequest::kApi;

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;

    void describe(auto& field) {
      field("api_key", api_key);
      field("min_version", min_version);
      field("max_version", max_version);
    }
  };

  struct SupportedFeature {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;

    void describe(auto& field) {
      field("name", name);
      field("min_version", min_version);
      field("max_version", max_version);
    }
  };

  struct FinalizedFeature {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;

    void describe(auto& field) {
      field("name", name);
      field("max_version_level", max_version_level);
      field("min_version_level", min_version_level);
    }
  };

  int16_t error_code = 0;
  std::vector<ApiVersion> api_keys;
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features;
  bool zk_migration_ready = false;

  void describe(auto& field) {
    field("error_code", error_code);
    field("api_keys", api_keys);
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("supported_features", supported_features, {.since = 3, .tag = 0});
    field("finalized_features_epoch", finalized_features_epoch, {.since = 3, .tag = 1},
          int64_t{-1});
    field("finalized_features", finalized_features, {.since = 3, .tag = 2});
    field("zk_migration_ready", zk_migration_ready, {.since = 3, .tag = 3});
  }
};

}  // namespace moldau
