// RegisterBrokerRecord (metadata record type 0): a broker incarnation with its endpoints and
// features.
//
// RegisterBrokerRecord:
//   v1: adds in_controlled_shutdown
//   v2: adds is_migrating_zk_broker
//   v3: adds log_dirs
//   v4: adds cordoned_log_dirs
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RegisterBrokerRecord {
  static constexpr Api kApi{
      .key = 0, .name = "RegisterBrokerRecord", .first = 0, .last = 4, .flexible = 0};

  struct BrokerEndpoint {
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

  struct BrokerFeature {
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
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id{};
  int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points;
  std::vector<BrokerFeature> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("is_migrating_zk_broker", is_migrating_zk_broker, {.since = 2});
    field("incarnation_id", incarnation_id);
    field("broker_epoch", broker_epoch);
    field("end_points", end_points);
    field("features", features);
    field("rack", rack);
    field("fenced", fenced);
    field("in_controlled_shutdown", in_controlled_shutdown, {.since = 1});
    field("log_dirs", log_dirs, {.since = 3, .tag = 0});
    field("cordoned_log_dirs", cordoned_log_dirs, {.since = 4, .tag = 1});
  }
};

}  // namespace moldau
