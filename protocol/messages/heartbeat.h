// Heartbeat (API key 12), versions 0 to 4: a member of a classic group says that it is alive.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: request adds group_instance_id; static members (KIP-345)
//   v4: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct HeartbeatRequest {
  static constexpr Api kApi{.key = 12, .name = "Heartbeat", .first = 0, .last = 4, .flexible = 4};

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;

  void describe(auto& field) {
    field("group_id", group_id);
    field("generation_id", generation_id);
    field("member_id", member_id);
    field("group_instance_id", group_instance_id, {.since = 3});
  }
};

struct HeartbeatResponse {
  static constexpr Api kApi = HeartbeatRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code);
  }
};

}  // namespace moldau
