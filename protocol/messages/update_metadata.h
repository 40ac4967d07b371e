// UpdateMetadata (API key 6), versions 0 to 8: a controller of the ZooKeeper days pushes the
// cluster image to brokers. Gone in Kafka 4.0.
//
//   v1: request drops live_brokers.v0_host, live_brokers.v0_port; request adds
//       live_brokers.endpoints
//   v2: request adds live_brokers.rack
//   v3: request adds live_brokers.endpoints.listener
//   v4: request adds ungrouped_partition_states.offline_replicas
//   v5: request adds broker_epoch, topic_states; request drops ungrouped_partition_states
//   v6: flexible encoding with tagged fields
//   v7: request adds topic_states.topic_id
//   v8: request adds is_kraft_controller, type
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UpdateMetadataRequest {
  static constexpr Api kApi{
      .key = 6, .name = "UpdateMetadata", .first = 0, .last = 8, .flexible = 6};

  struct Partition {
    std::string topic_name;
    int32_t partition_index = 0;
    int32_t controller_epoch = 0;
    int32_t leader = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr;
    int32_t zk_version = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> offline_replicas;

    void describe(auto& field) {
      field("topic_name", topic_name, {.until = 4});
      field("partition_index", partition_index);
      field("controller_epoch", controller_epoch);
      field("leader", leader);
      field("leader_epoch", leader_epoch);
      field("isr", isr);
      field("zk_version", zk_version);
      field("replicas", replicas);
      field("offline_replicas", offline_replicas, {.since = 4});
    }
  };

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    std::vector<Partition> partition_states;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("topic_id", topic_id, {.since = 7});
      field("partition_states", partition_states);
    }
  };

  struct Endpoint {
    int32_t port = 0;
    std::string host;
    std::string listener;
    int16_t security_protocol = 0;

    void describe(auto& field) {
      field("port", port);
      field("host", host);
      field("listener", listener, {.since = 3});
      field("security_protocol", security_protocol);
    }
  };

  struct Broker {
    int32_t id = 0;
    std::string v0_host;
    int32_t v0_port = 0;
    std::vector<Endpoint> endpoints;
    std::optional<std::string> rack;

    void describe(auto& field) {
      field("id", id);
      field("v0_host", v0_host, {.until = 0});
      field("v0_port", v0_port, {.until = 0});
      field("endpoints", endpoints, {.since = 1});
      field("rack", rack, {.since = 2});
    }
  };

  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int8_t type = 0;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  std::vector<Partition> ungrouped_partition_states;
  std::vector<Topic> topic_states;
  std::vector<Broker> live_brokers;

  void describe(auto& field) {
    field("controller_id", controller_id);
    field("is_kraft_controller", is_kraft_controller, {.since = 8});
    field("type", type, {.since = 8, .tag = 0});
    field("controller_epoch", controller_epoch);
    field("broker_epoch", broker_epoch, {.since = 5});
    field("ungrouped_partition_states", ungrouped_partition_states, {.until = 4});
    field("topic_states", topic_states, {.since = 5});
    field("live_brokers", live_brokers);
  }
};

struct UpdateMetadataResponse {
  static constexpr Api kApi = UpdateMetadataRequest::kApi;

  int16_t error_code = 0;

  void describe(auto& field) { field("error_code", error_code); }
};

}  // namespace moldau
