// BrokerRegistration (API key 62), versions 0 to 4: a broker registers an incarnation with the
// controller.
//
//   v1: request adds is_migrating_zk_broker
//   v2: request adds log_dirs
//   v3: request adds previous_broker_epoch
//   v4: same fields on the wire
#pragma once

#include "protocol/message.h"

namespace moldau {

struct BrokerRegistrationRequest {
  static constexpr Api kApi{
      .key = 62, .name = "BrokerRegistration", .first = 0, .last = 4, .flexible = 0};

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

  int32_t broker_id = 0;
  std::string cluster_id;
  Uuid incarnation_id{};
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  std::optional<std::string> rack;
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  int64_t previous_broker_epoch = -1;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("cluster_id", cluster_id);
    field("incarnation_id", incarnation_id);
    field("listeners", listeners);
    field("features", features);
    field("rack", rack);
    field("is_migrating_zk_broker", is_migrating_zk_broker, {.since = 1});
    field("log_dirs", log_dirs, {.since = 2});
    field("previous_broker_epoch", previous_broker_epoch, {.since = 3});
  }
};

struct BrokerRegistrationResponse {
  static constexpr Api kApi = BrokerRegistrationRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t broker_epoch = -1;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("broker_epoch", broker_epoch);
  }
};

}  // namespace moldau
