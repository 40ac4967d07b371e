// UnregisterController (API key 94), version 0: removes the registration of a controller.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UnregisterControllerRequest {
  static constexpr Api kApi{
      .key = 94, .name = "UnregisterController", .first = 0, .last = 0, .flexible = 0};

  int32_t controller_id = 0;

  void describe(auto& field) { field("controller_id", controller_id); }
};

struct UnregisterControllerResponse {
  static constexpr Api kApi = UnregisterControllerRequest::kApi;

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
