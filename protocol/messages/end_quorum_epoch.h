// EndQuorumEpoch (API key 54), versions 0 to 1: a leader of the metadata quorum steps down.
//
//   v1: request drops topics.partitions.preferred_successors; request adds
//       topics.partitions.preferred_candidates, leader_endpoints; response adds node_endpoints;
//       flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct EndQuorumEpochRequest {
  static constexpr Api kApi{
      .key = 54, .name = "EndQuorumEpoch", .first = 0, .last = 1, .flexible = 1};

  struct ReplicaInfo {
    int32_t candidate_id = 0;
    Uuid candidate_directory_id{};

    void describe(auto& field) {
      field("candidate_id", candidate_id);
      field("candidate_directory_id", candidate_directory_id);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> preferred_successors;
    std::vector<ReplicaInfo> preferred_candidates;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("preferred_successors", preferred_successors, {.until = 0});
      field("preferred_candidates", preferred_candidates, {.since = 1});
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
  std::vector<Topic> topics;
  std::vector<LeaderEndpoint> leader_endpoints;

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("topics", topics);
    field("leader_endpoints", leader_endpoints, {.since = 1});
  }
};

struct EndQuorumEpochResponse {
  static constexpr Api kApi = EndQuorumEpochRequest::kApi;

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
