// DescribeTopicPartitions (API key 75), version 0: topics and their partitions, page by page.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeTopicPartitionsRequest {
  static constexpr Api kApi{
      .key = 75, .name = "DescribeTopicPartitions", .first = 0, .last = 0, .flexible = 0};

  struct Topic {
    std::string name;

    void describe(auto& field) { field("name", name); }
  };

  struct Cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_index", partition_index);
    }
  };

  std::vector<Topic> topics;
  int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;

  void describe(auto& field) {
    field("topics", topics);
    field("response_partition_limit", response_partition_limit);
    field("cursor", cursor);
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr Api kApi = DescribeTopicPartitionsRequest::kApi;

  struct Partition {
    int16_t error_code = 0;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;
    std::vector<int32_t> offline_replicas;

    void describe(auto& field) {
      field("error_code", error_code);
      field("partition_index", partition_index);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("replica_nodes", replica_nodes);
      field("isr_nodes", isr_nodes);
      field("eligible_leader_replicas", eligible_leader_replicas);
      field("last_known_elr", last_known_elr);
      field("offline_replicas", offline_replicas);
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
      field("name", name);
      field("topic_id", topic_id);
      field("is_internal", is_internal);
      field("partitions", partitions);
      field("topic_authorized_operations", topic_authorized_operations);
    }
  };

  struct Cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_index", partition_index);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  std::optional<Cursor> next_cursor;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
    field("next_cursor", next_cursor);
  }
};

}  // namespace moldau
