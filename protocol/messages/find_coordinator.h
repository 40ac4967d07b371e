// FindCoordinator (API key 10), versions 0 to 6: which broker coordinates a group, a
// transactional id or a share partition.
//
//   v1: request adds key_type; response adds throttle_time_ms, error_message
//   v2: the answer may be throttled before it is sent
//   v3: flexible encoding with tagged fields
//   v4: request drops key; request adds coordinator_keys; response drops error_code,
//       error_message, node_id, host, port; response adds coordinators; several keys at once
//       (KIP-699)
//   v5: the answer may be TRANSACTION_ABORTABLE (KIP-890)
//   v6: share groups (KIP-932)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct FindCoordinatorRequest {
  static constexpr Api kApi{
      .key = 10, .name = "FindCoordinator", .first = 0, .last = 6, .flexible = 3};

  std::string key;
  int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;

  void describe(auto& field) {
    field("key", key, {.until = 3});
    field("key_type", key_type, {.since = 1});
    field("coordinator_keys", coordinator_keys, {.since = 4});
  }
};

struct FindCoordinatorResponse {
  static constexpr Api kApi = FindCoordinatorRequest::kApi;

  struct Coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("key", key);
      field("node_id", node_id);
      field("host", host);
      field("port", port);
      field("error_code", error_code);
      field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::vector<Coordinator> coordinators;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code, {.until = 3});
    field("error_message", error_message, {.since = 1, .until = 3});
    field("node_id", node_id, {.until = 3});
    field("host", host, {.until = 3});
    field("port", port, {.until = 3});
    field("coordinators", coordinators, {.since = 4});
  }
};

}  // namespace moldau
