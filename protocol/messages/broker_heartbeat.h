// BrokerHeartbeat (API key 63), versions 0 to 2: a broker tells the controller that it is alive
// and what it wants.
//
//   v1: request adds offline_log_dirs
//   v2: request adds cordoned_log_dirs
#pragma once

#include "protocol/message.h"

namespace moldau {

struct BrokerHeartbeatRequest {
  static constexpr Api kApi{
      .key = 63, .name = "BrokerHeartbeat", .first = 0, .last = 2, .flexible = 0};

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
    field("current_metadata_offset", current_metadata_offset);
    field("want_fence", want_fence);
    field("want_shut_down", want_shut_down);
    field("offline_log_dirs", offline_log_dirs, {.since = 1, .tag = 0});
    field("cordoned_log_dirs", cordoned_log_dirs, {.since = 2, .tag = 1});
  }
};

struct BrokerHeartbeatResponse {
  static constexpr Api kApi = BrokerHeartbeatRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("is_caught_up", is_caught_up);
    field("is_fenced", is_fenced);
    field("should_shut_down", should_shut_down);
  }
};

}  // namespace moldau
