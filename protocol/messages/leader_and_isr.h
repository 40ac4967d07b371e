// LeaderAndIsr (API key 4), versions 0 to 7: a controller of the ZooKeeper days tells brokers who
// leads what. Gone in Kafka 4.0.
//
//   v1: request adds ungrouped_partition_states.is_new
//   v2: request adds broker_epoch, topic_states; request drops ungrouped_partition_states
//   v3: request adds topic_states.partition_states.adding_replicas,
//       topic_states.partition_states.removing_replicas
//   v4: flexible encoding with tagged fields
//   v5: request adds type, topic_states.topic_id; response drops partition_errors; response adds
//       topics
//   v6: request adds topic_states.partition_states.leader_recovery_state
//   v7: request adds is_kraft_controller
#pragma once

#include "protocol/message.h"

namespace moldau {

struct LeaderAndIsrRequest {
  static constexpr Api kApi{.key = 4, .name = "LeaderAndIsr", .first = 0, .last = 7, .flexible = 4};

  struct Partition {
    std::string topic_name;
    int32_t partition_index = 0;
    int32_t controller_epoch = 0;
    int32_t leader = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr;
    int32_t partition_epoch = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> adding_replicas;
    std::vector<int32_t> removing_replicas;
    bool is_new = false;
    int8_t leader_recovery_state = 0;

    void describe(auto& field) {
      field("topic_name", topic_name, {.until = 1});
      field("partition_index", partition_index);
      field("controller_epoch", controller_epoch);
      field("leader", leader);
      field("leader_epoch", leader_epoch);
      field("isr", isr);
      field("partition_epoch", partition_epoch);
      field("replicas", replicas);
      field("adding_replicas", adding_replicas, {.since = 3});
      field("removing_replicas", removing_replicas, {.since = 3});
      field("is_new", is_new, {.since = 1});
      field("leader_recovery_state", leader_recovery_state, {.since = 6});
    }
  };

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    std::vector<Partition> partition_states;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("topic_id", topic_id, {.since = 5});
      field("partition_states", partition_states);
    }
  };

  struct LiveLeader {
    int32_t broker_id = 0;
    std::string host_name;
    int32_t port = 0;

    void describe(auto& field) {
      field("broker_id", broker_id);
      field("host_name", host_name);
      field("port", port);
    }
  };

  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  int8_t type = 0;
  std::vector<Partition> ungrouped_partition_states;
  std::vector<Topic> topic_states;
  std::vector<LiveLeader> live_leaders;

  void describe(auto& field) {
    field("controller_id", controller_id);
    field("is_kraft_controller", is_kraft_controller, {.since = 7});
    field("controller_epoch", controller_epoch);
    field("broker_epoch", broker_epoch, {.since = 2});
    field("type", type, {.since = 5});
    field("ungrouped_partition_states", ungrouped_partition_states, {.until = 1});
    field("topic_states", topic_states, {.since = 2});
    field("live_leaders", live_leaders);
  }
};

struct LeaderAndIsrResponse {
  static constexpr Api kApi = LeaderAndIsrRequest::kApi;

  struct Partition {
    std::string topic_name;
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("topic_name", topic_name, {.until = 4});
      field("partition_index", partition_index);
      field("error_code", error_code);
    }
  };

  struct Topic {
    Uuid topic_id{};
    std::vector<Partition> partition_errors;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partition_errors", partition_errors);
    }
  };

  int16_t error_code = 0;
  std::vector<Partition> partition_errors;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("error_code", error_code);
    field("partition_errors", partition_errors, {.until = 4});
    field("topics", topics, {.since = 5});
  }
};

}  // namespace moldau
