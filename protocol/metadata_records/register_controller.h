// RegisterControllerRecord (metadata record type 27): a controller incarnation with its endpoints
// and features.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RegisterControllerRecord {
  static constexpr Api kApi{
      .key = 27, .name = "RegisterControllerRecord", .first = 0, .last = 0, .flexible = 0};

  struct ControllerEndpoint {
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

  struct ControllerFeature {
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
  std::vector<ControllerEndpoint> end_points;
  std::vector<ControllerFeature> features;

  void describe(auto& field) {
    field("controller_id", controller_id);
    field("incarnation_id", incarnation_id);
    field("zk_migration_ready", zk_migration_ready);
    field("end_points", end_points);
    field("features", features);
  }
};

}  // namespace moldau
