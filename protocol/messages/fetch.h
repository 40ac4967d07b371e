// Fetch (API key 1), versions 0 to 18: reads record batches from partitions; followers replicate
// and the quorum pulls its log with it.
//
//   v1: response adds throttle_time_ms
//   v2: records of format 1 may be returned
//   v3: request adds max_bytes; a limit on the whole answer, and at least one batch is always
//       returned
//   v4: request adds isolation_level; response adds topics.partitions.last_stable_offset,
//       topics.partitions.aborted_transactions; records of format 2; read_committed
//   v5: request adds topics.partitions.log_start_offset; response adds
//       topics.partitions.log_start_offset
//   v6: the answer may be KAFKA_STORAGE_ERROR
//   v7: request adds session_id, session_epoch, forgotten_topics; response adds error_code,
//       session_id; incremental sessions (KIP-227)
//   v8: the answer may be throttled before it is sent
//   v9: request adds topics.partitions.current_leader_epoch; leader epoch fencing (KIP-320)
//   v10: zstd may be returned (KIP-110)
//   v11: request adds rack_id; response adds topics.partitions.preferred_read_replica; reading
//       from followers (KIP-392)
//   v12: request adds cluster_id, topics.partitions.last_fetched_epoch; response adds
//       topics.partitions.diverging_epoch, topics.partitions.current_leader,
//       topics.partitions.snapshot_id; flexible encoding with tagged fields; diverging epochs for
//       the quorum (KIP-595)
//   v13: request drops topics.topic, forgotten_topics.topic; request adds topics.topic_id,
//       forgotten_topics.topic_id; response drops topics.topic; response adds topics.topic_id;
//       topic ids instead of names (KIP-516)
//   v14: the answer may be OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405)
//   v15: request drops replica_id; request adds replica_state; broker epoch of a follower
//       (KIP-903)
//   v16: response adds node_endpoints; new leaders in the answer (KIP-951)
//   v17: request adds topics.partitions.replica_directory_id; directory id of a voter (KIP-853)
//   v18: request adds topics.partitions.high_watermark; high watermark known to a follower
//       (KIP-1166)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct FetchRequest {
  static constexpr Api kApi{.key = 1, .name = "Fetch", .first = 0, .last = 18, .flexible = 12};

  struct ReplicaState {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;

    bool operator==(const ReplicaState&) const = default;

    void describe(auto& field) {
      field("replica_id", replica_id);
      field("replica_epoch", replica_epoch);
    }
  };

  struct Partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t partition_max_bytes = 0;
    Uuid replica_directory_id{};
    int64_t high_watermark = std::numeric_limits<int64_t>::max();

    void describe(auto& field) {
      field("partition", partition);
      field("current_leader_epoch", current_leader_epoch, {.since = 9});
      field("fetch_offset", fetch_offset);
      field("last_fetched_epoch", last_fetched_epoch, {.since = 12});
      field("log_start_offset", log_start_offset, {.since = 5});
      field("partition_max_bytes", partition_max_bytes);
      field("replica_directory_id", replica_directory_id, {.since = 17, .tag = 0});
      field("high_watermark", high_watermark, {.since = 18, .tag = 1},
            std::numeric_limits<int64_t>::max());
    }
  };

  struct Topic {
    std::string topic;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic", topic, {.until = 12});
      field("topic_id", topic_id, {.since = 13});
      field("partitions", partitions);
    }
  };

  struct ForgottenTopic {
    std::string topic;
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic, {.until = 12});
      field("topic_id", topic_id, {.since = 13});
      field("partitions", partitions);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  ReplicaState replica_state;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  int8_t isolation_level = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<ForgottenTopic> forgotten_topics;
  std::string rack_id;

  void describe(auto& field) {
    field("cluster_id", cluster_id, {.since = 12, .tag = 0});
    field("replica_id", replica_id, {.until = 14});
    field("replica_state", replica_state, {.since = 15, .tag = 1});
    field("max_wait_ms", max_wait_ms);
    field("min_bytes", min_bytes);
    field("max_bytes", max_bytes, {.since = 3});
    field("isolation_level", isolation_level, {.since = 4});
    field("session_id", session_id, {.since = 7});
    field("session_epoch", session_epoch, {.since = 7});
    field("topics", topics);
    field("forgotten_topics", forgotten_topics, {.since = 7});
    field("rack_id", rack_id, {.since = 11});
  }
};

struct FetchResponse {
  static constexpr Api kApi = FetchRequest::kApi;

  struct EpochEndOffset {
    int32_t epoch = -1;
    int64_t end_offset = -1;

    bool operator==(const EpochEndOffset&) const = default;

    void describe(auto& field) {
      field("epoch", epoch);
      field("end_offset", end_offset);
    }
  };

  struct LeaderIdAndEpoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;

    bool operator==(const LeaderIdAndEpoch&) const = default;

    void describe(auto& field) {
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct SnapshotId {
    int64_t end_offset = -1;
    int32_t epoch = -1;

    bool operator==(const SnapshotId&) const = default;

    void describe(auto& field) {
      field("end_offset", end_offset);
      field("epoch", epoch);
    }
  };

  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;

    void describe(auto& field) {
      field("producer_id", producer_id);
      field("first_offset", first_offset);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions;
    int32_t preferred_read_replica = -1;
    Records records;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("high_watermark", high_watermark);
      field("last_stable_offset", last_stable_offset, {.since = 4});
      field("log_start_offset", log_start_offset, {.since = 5});
      field("diverging_epoch", diverging_epoch, {.since = 12, .tag = 0});
      field("current_leader", current_leader, {.since = 12, .tag = 1});
      field("snapshot_id", snapshot_id, {.since = 12, .tag = 2});
      field("aborted_transactions", aborted_transactions, {.since = 4});
      field("preferred_read_replica", preferred_read_replica, {.since = 11});
      field("records", records);
    }
  };

  struct Topic {
    std::string topic;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic", topic, {.until = 12});
      field("topic_id", topic_id, {.since = 13});
      field("partitions", partitions);
    }
  };

  struct NodeEndpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    void describe(auto& field) {
      field("node_id", node_id);
      field("host", host);
      field("port", port);
      field("rack", rack);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t session_id = 0;
  std::vector<Topic> topics;
  std::vector<NodeEndpoint> node_endpoints;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code, {.since = 7});
    field("session_id", session_id, {.since = 7});
    field("topics", topics);
    field("node_endpoints", node_endpoints, {.since = 16, .tag = 0});
  }
};

}  // namespace moldau
