// GetTelemetrySubscriptions (API key 71), version 0: which metrics a client shall push (KIP-714).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct GetTelemetrySubscriptionsRequest {
  static constexpr Api kApi{
      .key = 71, .name = "GetTelemetrySubscriptions", .first = 0, .last = 0, .flexible = 0};

  Uuid client_instance_id{};

  void describe(auto& field) { field("client_instance_id", client_instance_id); }
};

struct GetTelemetrySubscriptionsResponse {
  static constexpr Api kApi = GetTelemetrySubscriptionsRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  Uuid client_instance_id{};
  int32_t subscription_id = 0;
  std::vector<int8_t> accepted_compression_types;
  int32_t push_interval_ms = 0;
  int32_t telemetry_max_bytes = 0;
  bool delta_temporality = false;
  std::vector<std::string> requested_metrics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("client_instance_id", client_instance_id);
    field("subscription_id", subscription_id);
    field("accepted_compression_types", accepted_compression_types);
    field("push_interval_ms", push_interval_ms);
    field("telemetry_max_bytes", telemetry_max_bytes);
    field("delta_temporality", delta_temporality);
    field("requested_metrics", requested_metrics);
  }
};

}  // namespace moldau
