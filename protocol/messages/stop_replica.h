// StopReplica (API key 5), versions 0 to 4: a controller of the ZooKeeper days tells a broker to
// drop replicas. Gone in Kafka 4.0.
//
//   v1: request adds broker_epoch, topics; request drops ungrouped_partitions
//   v2: flexible encoding with tagged fields
//   v3: request drops delete_partitions, topics; request adds topic_states
//   v4: request adds is_kraft_controller
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StopReplicaRequest {
  static constexpr Api kApi{.key = 5, .name = "StopReplica", .first = 0, .last = 4, .flexible = 2};

  struct UngroupedPartition {
    std::string topic_name;
    int32_t partition_index = 0;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_index", partition_index);
    }
  };

  struct TopicV1 {
    std::string name;
    std::vector<int32_t> partition_indexes;

    void describe(auto& field) {
      field("name", name);
      field("partition_indexes", partition_indexes);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int32_t leader_epoch = -1;
    bool delete_partition = false;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("leader_epoch", leader_epoch);
      field("delete_partition", delete_partition);
    }
  };

  struct Topic {
    std::string topic_name;
    std::vector<Partition> partition_states;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_states", partition_states);
    }
  };

  int32_t controller_id = 0;
  bool is_kraft_controller = false;
  int32_t controller_epoch = 0;
  int64_t broker_epoch = -1;
  bool delete_partitions = false;
  std::vector<UngroupedPartition> ungrouped_partitions;
  std::vector<TopicV1> topics;
  std::vector<Topic> topic_states;

  void describe(auto& field) {
    field("controller_id", controller_id);
    field("is_kraft_controller", is_kraft_controller, {.since = 4});
    field("controller_epoch", controller_epoch);
    field("broker_epoch", broker_epoch, {.since = 1});
    field("delete_partitions", delete_partitions, {.until = 2});
    field("ungrouped_partitions", ungrouped_partitions, {.until = 0});
    field("topics", topics, {.since = 1, .until = 2});
    field("topic_states", topic_states, {.since = 3});
  }
};

struct StopReplicaResponse {
  static constexpr Api kApi = StopReplicaRequest::kApi;

  struct Partition {
    std::string topic_name;
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_index", partition_index);
      field("error_code", error_code);
    }
  };

  int16_t error_code = 0;
  std::vector<Partition> partition_errors;

  void describe(auto& field) {
    field("error_code", error_code);
    field("partition_errors", partition_errors);
  }
};

}  // namespace moldau
