// BeginQuorumEpoch (API key 53), versions 0 to 1: a new leader of the metadata quorum announces
// itself.
//
//   v1: request adds voter_id, topics.partitions.voter_directory_id, leader_endpoints; response
//       adds node_endpoints; flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct BeginQuorumEpochRequest {
  static constexpr Api kApi{
      .key = 53, .name = "BeginQuorumEpoch", .first = 0, .last = 1, .flexible = 1};

  struct Partition {
    int32_t partition_index = 0;
    Uuid voter_directory_id{};
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("voter_directory_id", voter_directory_id, {.since = 1});
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct Topic {
    std::string topic_name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  struct LeaderEndpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("name", name);
      field("host", host);
      field("port", port);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t voter_id = -1;
  std::vector<Topic> topics;
  std::vector<LeaderEndpoint> leader_endpoints;

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("voter_id", voter_id, {.since = 1});
    field("topics", topics);
    field("leader_endpoints", leader_endpoints, {.since = 1});
  }
};

struct BeginQuorumEpochResponse {
  static constexpr Api kApi = BeginQuorumEpochRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct Topic {
    std::string topic_name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("node_id", node_id);
      field("host", host);
      field("port", port);
    }
  };

  int16_t error_code = 0;
  std::vector<Topic> topics;
  std::vector<NodeEndpoint> node_endpoints;

  void describe(auto& field) {
    field("error_code", error_code);
    field("topics", topics);
    field("node_endpoints", node_endpoints, {.since = 1, .tag = 0});
  }
};

}  // namespace moldau
