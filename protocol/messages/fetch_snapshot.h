// FetchSnapshot (API key 59), versions 0 to 1: reads a piece of a snapshot of the metadata log.
//
//   v1: request adds topics.partitions.replica_directory_id; response adds node_endpoints
#pragma once

#include "protocol/message.h"

namespace moldau {

struct FetchSnapshotRequest {
  static constexpr Api kApi{
      .key = 59, .name = "FetchSnapshot", .first = 0, .last = 1, .flexible = 0};

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;

    void describe(auto& field) {
      field("end_offset", end_offset);
      field("epoch", epoch);
    }
  };

  struct Partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id;
    int64_t position = 0;
    Uuid replica_directory_id{};

    void describe(auto& field) {
      field("partition", partition);
      field("current_leader_epoch", current_leader_epoch);
      field("snapshot_id", snapshot_id);
      field("position", position);
      field("replica_directory_id", replica_directory_id, {.since = 1, .tag = 0});
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("cluster_id", cluster_id, {.tag = 0});
    field("replica_id", replica_id);
    field("max_bytes", max_bytes);
    field("topics", topics);
  }
};

struct FetchSnapshotResponse {
  static constexpr Api kApi = FetchSnapshotRequest::kApi;

  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;

    void describe(auto& field) {
      field("end_offset", end_offset);
      field("epoch", epoch);
    }
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;

    bool operator==(const LeaderIdAndEpoch&) const = default;

    void describe(auto& field) {
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct Partition {
    int32_t index = 0;
    int16_t error_code = 0;
    SnapshotId snapshot_id;
    LeaderIdAndEpoch current_leader;
    int64_t size = 0;
    int64_t position = 0;
    Bytes unaligned_records;

    void describe(auto& field) {
      field("index", index);
      field("error_code", error_code);
      field("snapshot_id", snapshot_id);
      field("current_leader", current_leader, {.tag = 0});
      field("size", size);
      field("position", position);
      field("unaligned_records", unaligned_records);
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
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

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Topic> topics;
  std::vector<NodeEndpoint> node_endpoints;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("topics", topics);
    field("node_endpoints", node_endpoints, {.since = 1, .tag = 0});
  }
};

}  // namespace moldau
