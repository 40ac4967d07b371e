// ControllerRegistration (API key 70), version 0: a controller registers with the active
// controller.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ControllerRegistrationRequest {
  static constexpr Api kApi{
      .key = 70, .name = "ControllerRegistration", .first = 0, .last = 0, .flexible = 0};

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;

    void describe(auto& field) {
      field("name", name);
      field("host", host);
      field("port", port);
      field("security_protocol", security_protocol);
    }
  };

  struct Feature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;

    void describe(auto& field) {
      field("name", name);
      field("min_supported_version", min_supported_version);
      field("max_supported_version", max_supported_version);
    }
  };

  int32_t controller_id = 0;
  Uuid incarnation_id{};
  bool zk_migration_ready = false;
  std::vector<Listener> listeners;
  std::vector<Feature> features;

  void describe(auto& field) {
    field("controller_id", controller_id);
    field("incarnation_id", incarnation_id);
    field("zk_migration_ready", zk_migration_ready);
    field("listeners", listeners);
    field("features", features);
  }
};

struct ControllerRegistrationResponse {
  static constexpr Api kApi = ControllerRegistrationRequest::kApi;

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
