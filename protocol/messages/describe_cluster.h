// DescribeCluster (API key 60), versions 0 to 2: the brokers or controllers of the cluster.
//
//   v1: request adds endpoint_type; response adds endpoint_type
//   v2: request adds include_fenced_brokers; response adds brokers.is_fenced
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeClusterRequest {
  static constexpr Api kApi{
      .key = 60, .name = "DescribeCluster", .first = 0, .last = 2, .flexible = 0};

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  void describe(auto& field) {
    field("include_cluster_authorized_operations", include_cluster_authorized_operations);
    field("endpoint_type", endpoint_type, {.since = 1});
    field("include_fenced_brokers", include_fenced_brokers, {.since = 2});
  }
};

struct DescribeClusterResponse {
  static constexpr Api kApi = DescribeClusterRequest::kApi;

  struct Broker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;

    void describe(auto& field) {
      field("broker_id", broker_id);
      field("host", host);
      field("port", port);
      field("rack", rack);
      field("is_fenced", is_fenced, {.since = 2});
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<Broker> brokers;
  int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("endpoint_type", endpoint_type, {.since = 1});
    field("cluster_id", cluster_id);
    field("controller_id", controller_id);
    field("brokers", brokers);
    field("cluster_authorized_operations", cluster_authorized_operations);
  }
};

}  // namespace moldau
