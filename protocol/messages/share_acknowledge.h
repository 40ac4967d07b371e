// ShareAcknowledge (API key 79), versions 1 to 2: acknowledges acquired records. v0 was an early
// trial and is not served.
//
//   v2: request adds is_renew_ack; response adds acquisition_lock_timeout_ms
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareAcknowledgeRequest {
  static constexpr Api kApi{
      .key = 79, .name = "ShareAcknowledge", .first = 1, .last = 2, .flexible = 0};

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

  std::optional<std::string> group_id;
  std::optional<std::string> member_id;
  int32_t share_session_epoch = 0;
  bool is_renew_ack = false;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("share_session_epoch", share_session_epoch);
    field("is_renew_ack", is_renew_ack, {.since = 2});
    field("topics", topics);
  }
};

struct ShareAcknowledgeResponse {
  static constexpr Api kApi = ShareAcknowledgeRequest::kApi;

  struct LeaderIdAndEpoch {
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("error_message", error_message);
      field("current_leader", current_leader);
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
    field("acquisition_lock_timeout_ms", acquisition_lock_timeout_ms, {.since = 2});
    field("topics", topics);
    field("node_endpoints", node_endpoints);
  }
};

}  // namespace moldau
