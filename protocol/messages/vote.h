// Vote (API key 52), versions 0 to 2: a candidate of the metadata quorum asks for a vote.
//
//   v1: request adds voter_id, topics.partitions.replica_directory_id,
//       topics.partitions.voter_directory_id; response adds node_endpoints
//   v2: request adds topics.partitions.pre_vote
#pragma once

#include "protocol/message.h"

namespace moldau {

struct VoteRequest {
  static constexpr Api kApi{.key = 52, .name = "Vote", .first = 0, .last = 2, .flexible = 0};

  struct Partition {
    int32_t partition_index = 0;
    int32_t replica_epoch = 0;
    int32_t replica_id = 0;
    Uuid replica_directory_id{};
    Uuid voter_directory_id{};
    int32_t last_offset_epoch = 0;
    int64_t last_offset = 0;
    bool pre_vote = false;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("replica_epoch", replica_epoch);
      field("replica_id", replica_id);
      field("replica_directory_id", replica_directory_id, {.since = 1});
      field("voter_directory_id", voter_directory_id, {.since = 1});
      field("last_offset_epoch", last_offset_epoch);
      field("last_offset", last_offset);
      field("pre_vote", pre_vote, {.since = 2});
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

  std::optional<std::string> cluster_id;
  int32_t voter_id = -1;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("cluster_id", cluster_id);
    field("voter_id", voter_id, {.since = 1});
    field("topics", topics);
  }
};

struct VoteResponse {
  static constexpr Api kApi = VoteRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    bool vote_granted = false;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("vote_granted", vote_granted);
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
