// AddRaftVoter (API key 80), versions 0 to 1: adds a voter to the metadata quorum (KIP-853).
//
//   v1: request adds ack_when_committed
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AddRaftVoterRequest {
  static constexpr Api kApi{
      .key = 80, .name = "AddRaftVoter", .first = 0, .last = 1, .flexible = 0};

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

  std::optional<std::string> cluster_id;
  int32_t timeout_ms = 0;
  int32_t voter_id = 0;
  Uuid voter_directory_id{};
  std::vector<Listener> listeners;
  bool ack_when_committed = true;

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("timeout_ms", timeout_ms);
    field("voter_id", voter_id);
    field("voter_directory_id", voter_directory_id);
    field("listeners", listeners);
    field("ack_when_committed", ack_when_committed, {.since = 1});
  }
};

struct AddRaftVoterResponse {
  static constexpr Api kApi = AddRaftVoterRequest::kApi;

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
