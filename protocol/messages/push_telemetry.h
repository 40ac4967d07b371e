// PushTelemetry (API key 72), version 0: a client pushes its metrics (KIP-714).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct PushTelemetryRequest {
  static constexpr Api kApi{
      .key = 72, .name = "PushTelemetry", .first = 0, .last = 0, .flexible = 0};

  Uuid client_instance_id{};
  int32_t subscription_id = 0;
  bool terminating = false;
  int8_t compression_type = 0;
  Bytes metrics;

  void describe(auto& field) {
    field("client_instance_id", client_instance_id);
    field("subscription_id", subscription_id);
    field("terminating", terminating);
    field("compression_type", compression_type);
    field("metrics", metrics);
  }
};

struct PushTelemetryResponse {
  static constexpr Api kApi = PushTelemetryRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
  }
};

}  // namespace moldau
