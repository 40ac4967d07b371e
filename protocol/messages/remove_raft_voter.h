// RemoveRaftVoter (API key 81), version 0: removes a voter from the metadata quorum (KIP-853).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RemoveRaftVoterRequest {
  static constexpr Api kApi{
      .key = 81, .name = "RemoveRaftVoter", .first = 0, .last = 0, .flexible = 0};

  std::optional<std::string> cluster_id;
  int32_t voter_id = 0;
  Uuid voter_directory_id{};

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("voter_id", voter_id);
    field("voter_directory_id", voter_directory_id);
  }
};

struct RemoveRaftVoterResponse {
  static constexpr Api kApi = RemoveRaftVoterRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
  }
};

}  // namespace moldau
