// UpdateRaftVoter (API key 82), version 0: a voter tells the leader its endpoints and supported
// versions (KIP-853).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UpdateRaftVoterRequest {
  static constexpr Api kApi{
      .key = 82, .name = "UpdateRaftVoter", .first = 0, .last = 0, .flexible = 0};

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("name", name);
      field("host", host);
      field("port", port);
    }
  };

  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;

    void describe(auto& field) {
      field("min_supported_version", min_supported_version);
      field("max_supported_version", max_supported_version);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t current_leader_epoch = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id{};
  std::vector<Listener> listeners;
  KRaftVersionFeature kraft_version_feature;

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("current_leader_epoch", current_leader_epoch);
    field("voter_id", voter_id);
    field("voter_directory_id", voter_directory_id);
    field("listeners", listeners);
    field("kraft_version_feature", kraft_version_feature);
  }
};

struct UpdateRaftVoterResponse {
  static constexpr Api kApi = UpdateRaftVoterRequest::kApi;

  struct CurrentLeader {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;
    std::string host;
    int32_t port = 0;

    bool operator==(const CurrentLeader&) const = default;

    void describe(auto& field) {
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("host", host);
      field("port", port);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  CurrentLeader current_leader;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("current_leader", current_leader, {.tag = 0});
  }
};

}  // namespace moldau
