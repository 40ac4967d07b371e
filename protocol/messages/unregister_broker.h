// UnregisterBroker (API key 64), version 0: removes the registration of a broker.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UnregisterBrokerRequest {
  static constexpr Api kApi{
      .key = 64, .name = "UnregisterBroker", .first = 0, .last = 0, .flexible = 0};

  int32_t broker_id = 0;

  void describe(auto& field) { field("broker_id", broker_id); }
};

struct UnregisterBrokerResponse {
  static constexpr Api kApi = UnregisterBrokerRequest::kApi;

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
