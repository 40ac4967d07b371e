// Produce (API key 0), versions 0 to 13: appends record batches to partitions.
//
//   v1: response adds throttle_time_ms; records stay in format 0 or 1
//   v2: response adds topics.partitions.log_append_time_ms; records may carry timestamps (format
//       1)
//   v3: request adds transactional_id; records must be format 2; transactions (KIP-98)
//   v4: the answer may be KAFKA_STORAGE_ERROR
//   v5: response adds topics.partitions.log_start_offset
//   v6: the answer may be throttled before it is sent
//   v7: zstd may be used (KIP-110)
//   v8: response adds topics.partitions.record_errors, topics.partitions.error_message
//   v9: flexible encoding with tagged fields
//   v10: response adds topics.partitions.current_leader, node_endpoints; the new leader in the
//       answer (KIP-951)
//   v11: as v10, the client knows new transaction errors (KIP-890)
//   v12: partitions join the transaction implicitly (KIP-890)
//   v13: request drops topics.name; request adds topics.topic_id; response drops topics.name;
//       response adds topics.topic_id; topic ids (KIP-516)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ProduceRequest {
  static constexpr Api kApi{.key = 0, .name = "Produce", .first = 0, .last = 13, .flexible = 9};

  struct Partition {
    int32_t index = 0;
    std::optional<Bytes> records;

    void describe(auto& field) {
      field("index", index);
      field("records", records);
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name, {.until = 12});
      field("topic_id", topic_id, {.since = 13});
      field("partitions", partitions);
    }
  };

  std::optional<std::string> transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("transactional_id", transactional_id, {.since = 3});
    field("acks", acks);
    field("timeout_ms", timeout_ms);
    field("topics", topics);
  }
};

struct ProduceResponse {
  static constexpr Api kApi = ProduceRequest::kApi;

  struct RecordError {
    int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;

    void describe(auto& field) {
      field("batch_index", batch_index);
      field("batch_index_error_message", batch_index_error_message);
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

  struct Partition {
    int32_t index = 0;
    int16_t error_code = 0;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;

    void describe(auto& field) {
      field("index", index);
      field("error_code", error_code);
      field("base_offset", base_offset);
      field("log_append_time_ms", log_append_time_ms, {.since = 2});
      field("log_start_offset", log_start_offset, {.since = 5});
      field("record_errors", record_errors, {.since = 8});
      field("error_message", error_message, {.since = 8});
      field("current_leader", current_leader, {.since = 10, .tag = 0});
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name, {.until = 12});
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

  std::vector<Topic> topics;
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  void describe(auto& field) {
    field("topics", topics);
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("node_endpoints", node_endpoints, {.since = 10, .tag = 0});
  }
};

}  // namespace moldau
