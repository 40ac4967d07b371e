// Metadata (API key 3), versions 0 to 13: the brokers, topics, partitions and leaders of the
// cluster.
//
//   v1: request lets topics be null; response adds brokers.rack, controller_id,
//       topics.is_internal; null asks for all topics; before, an empty list did
//   v2: response adds cluster_id
//   v3: response adds throttle_time_ms
//   v4: request adds allow_auto_topic_creation
//   v5: response adds topics.partitions.offline_replicas
//   v6: the answer may be throttled before it is sent
//   v7: response adds topics.partitions.leader_epoch
//   v8: request adds include_cluster_authorized_operations, include_topic_authorized_operations;
//       response adds topics.topic_authorized_operations, cluster_authorized_operations
//   v9: flexible encoding with tagged fields
//   v10: request adds topics.topic_id; request lets topics.name be null; response adds
//       topics.topic_id
//   v11: request drops include_cluster_authorized_operations; response drops
//       cluster_authorized_operations; cluster operations moved to DescribeCluster (KIP-700)
//   v12: response lets topics.name be null; topics by id
//   v13: response adds error_code; a top-level error code (KIP-1102)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct MetadataRequest {
  static constexpr Api kApi{.key = 3, .name = "Metadata", .first = 0, .last = 13, .flexible = 9};

  struct Topic {
    Uuid topic_id{};
    std::optional<std::string> name;

    void describe(auto& field) {
      field("topic_id", topic_id, {.since = 10});
      field("name", name, {.nullable_since = 10});
    }
  };

  std::optional<std::vector<Topic>> topics;
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  void describe(auto& field) {
    field("topics", topics, {.nullable_since = 1});
    field("allow_auto_topic_creation", allow_auto_topic_creation, {.since = 4});
    field("include_cluster_authorized_operations", include_cluster_authorized_operations,
          {.since = 8, .until = 10});
    field("include_topic_authorized_operations", include_topic_authorized_operations, {.since = 8});
  }
};

struct MetadataResponse {
  static constexpr Api kApi = MetadataRequest::kApi;

  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    void describe(auto& field) {
      field("node_id", node_id);
      field("host", host);
      field("port", port);
      field("rack", rack, {.since = 1});
    }
  };

  struct Partition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;

    void describe(auto& field) {
      field("error_code", error_code);
      field("partition_index", partition_index);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch, {.since = 7});
      field("replica_nodes", replica_nodes);
      field("isr_nodes", isr_nodes);
      field("offline_replicas", offline_replicas, {.since = 5});
    }
  };

  struct Topic {
    int16_t error_code = 0;
    std::optional<std::string> name;
    Uuid topic_id{};
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

    void describe(auto& field) {
      field("error_code", error_code);
      field("name", name, {.nullable_since = 12});
      field("topic_id", topic_id, {.since = 10});
      field("is_internal", is_internal, {.since = 1});
      field("partitions", partitions);
      field("topic_authorized_operations", topic_authorized_operations, {.since = 8});
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<Topic> topics;
  int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();
  int16_t error_code = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 3});
    field("brokers", brokers);
    field("cluster_id", cluster_id, {.since = 2});
    field("controller_id", controller_id, {.since = 1});
    field("topics", topics);
    field("cluster_authorized_operations", cluster_authorized_operations,
          {.since = 8, .until = 10});
    field("error_code", error_code, {.since = 13});
  }
};

}  // namespace moldau
