// DescribeQuorum (API key 55), versions 0 to 2: leader, voters and observers of the metadata
// quorum.
//
//   v1: response adds topics.partitions.current_voters.last_fetch_timestamp,
//       topics.partitions.current_voters.last_caught_up_timestamp,
//       topics.partitions.observers.last_fetch_timestamp,
//       topics.partitions.observers.last_caught_up_timestamp
//   v2: response adds error_message, topics.partitions.error_message,
//       topics.partitions.current_voters.replica_directory_id,
//       topics.partitions.observers.replica_directory_id, nodes
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeQuorumRequest {
  static constexpr Api kApi{
      .key = 55, .name = "DescribeQuorum", .first = 0, .last = 2, .flexible = 0};

  struct Partition {
    int32_t partition_index = 0;

    void describe(auto& field) { field("partition_index", partition_index); }
  };

  struct Topic {
    std::string topic_name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  std::vector<Topic> topics;

  void describe(auto& field) { field("topics", topics); }
};

struct DescribeQuorumResponse {
  static constexpr Api kApi = DescribeQuorumRequest::kApi;

  struct ReplicaState {
    int32_t replica_id = 0;
    Uuid replica_directory_id{};
    int64_t log_end_offset = 0;
    int64_t last_fetch_timestamp = -1;
    int64_t last_caught_up_timestamp = -1;

    void describe(auto& field) {
      field("replica_id", replica_id);
      field("replica_directory_id", replica_directory_id, {.since = 2});
      field("log_end_offset", log_end_offset);
      field("last_fetch_timestamp", last_fetch_timestamp, {.since = 1});
      field("last_caught_up_timestamp", last_caught_up_timestamp, {.since = 1});
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters;
    std::vector<ReplicaState> observers;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("error_message", error_message, {.since = 2});
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("high_watermark", high_watermark);
      field("current_voters", current_voters);
      field("observers", observers);
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

  struct Listener {
    std::string name;
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("name", name);
      field("host", host);
      field("port", port);
    }
  };

  struct Node {
    int32_t node_id = 0;
    std::vector<Listener> listeners;

    void describe(auto& field) {
      field("node_id", node_id);
      field("listeners", listeners);
    }
  };

  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;
  std::vector<Node> nodes;

  void describe(auto& field) {
    field("error_code", error_code);
    field("error_message", error_message, {.since = 2});
    field("topics", topics);
    field("nodes", nodes, {.since = 2});
  }
};

}  // namespace moldau
