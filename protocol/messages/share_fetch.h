// ShareFetch (API key 78), versions 1 to 2: acquires records for a member of a share group. v0
// was an early trial and is not served.
//
//   v2: request adds share_acquire_mode, is_renew_ack
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareFetchRequest {
  static constexpr Api kApi{.key = 78, .name = "ShareFetch", .first = 1, .last = 2, .flexible = 0};

  struct AcknowledgementBatch {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    std::vector<int8_t> acknowledge_types;

    void describe(auto& field) {
      field("first_offset", first_offset);
      field("last_offset", last_offset);
      field("acknowledge_types", acknowledge_types);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    std::vector<AcknowledgementBatch> acknowledgement_batches;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("acknowledgement_batches", acknowledgement_batches);
    }
  };

  struct Topic {
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  struct ForgottenTopic {
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  std::optional<std::string> group_id;
  std::optional<std::string> member_id;
  int32_t share_session_epoch = 0;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  int32_t max_records = 0;
  int32_t batch_size = 0;
  int8_t share_acquire_mode = 0;
  bool is_renew_ack = false;
  std::vector<Topic> topics;
  std::vector<ForgottenTopic> forgotten_topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("share_session_epoch", share_session_epoch);
    field("max_wait_ms", max_wait_ms);
    field("min_bytes", min_bytes);
    field("max_bytes", max_bytes);
    field("max_records", max_records);
    field("batch_size", batch_size);
    field("share_acquire_mode", share_acquire_mode, {.since = 2});
    field("is_renew_ack", is_renew_ack, {.since = 2});
    field("topics", topics);
    field("forgotten_topics", forgotten_topics);
  }
};

struct ShareFetchResponse {
  static constexpr Api kApi = ShareFetchRequest::kApi;

  struct LeaderIdAndEpoch {
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct AcquiredRecords {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int16_t delivery_count = 0;

    void describe(auto& field) {
      field("first_offset", first_offset);
      field("last_offset", last_offset);
      field("delivery_count", delivery_count);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int16_t acknowledge_error_code = 0;
    std::optional<std::string> acknowledge_error_message;
    LeaderIdAndEpoch current_leader;
    std::optional<Bytes> records;
    std::vector<AcquiredRecords> acquired_records;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("error_message", error_message);
      field("acknowledge_error_code", acknowledge_error_code);
      field("acknowledge_error_message", acknowledge_error_message);
      field("current_leader", current_leader);
      field("records", records);
      field("acquired_records", acquired_records);
    }
  };

  struct Topic {
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
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
  std::optional<std::string> error_message;
  int32_t acquisition_lock_timeout_ms = 0;
  std::vector<Topic> topics;
  std::vector<NodeEndpoint> node_endpoints;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("acquisition_lock_timeout_ms", acquisition_lock_timeout_ms);
    field("topics", topics);
    field("node_endpoints", node_endpoints);
  }
};

}  // namespace moldau
