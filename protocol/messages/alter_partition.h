// AlterPartition (API key 56), versions 0 to 3: a partition leader asks the controller to change
// the ISR.
//
//   v1: request adds topics.partitions.leader_recovery_state; response adds
//       topics.partitions.leader_recovery_state
//   v2: request drops topics.topic_name; request adds topics.topic_id; response drops
//       topics.topic_name; response adds topics.topic_id
//   v3: request drops topics.partitions.new_isr; request adds
//       topics.partitions.new_isr_with_epochs
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterPartitionRequest {
  static constexpr Api kApi{
      .key = 56, .name = "AlterPartition", .first = 0, .last = 3, .flexible = 0};

  struct BrokerState {
    int32_t broker_id = 0;
    int64_t broker_epoch = -1;

    void describe(auto& field) {
      field("broker_id", broker_id);
      field("broker_epoch", broker_epoch);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("leader_epoch", leader_epoch);
      field("new_isr", new_isr, {.until = 2});
      field("new_isr_with_epochs", new_isr_with_epochs, {.since = 3});
      field("leader_recovery_state", leader_recovery_state, {.since = 1});
      field("partition_epoch", partition_epoch);
    }
  };

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name, {.until = 1});
      field("topic_id", topic_id, {.since = 2});
      field("partitions", partitions);
    }
  };

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
    field("topics", topics);
  }
};

struct AlterPartitionResponse {
  static constexpr Api kApi = AlterPartitionRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = 0;
    std::vector<int32_t> isr;
    int8_t leader_recovery_state = 0;
    int32_t partition_epoch = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("leader_id", leader_id);
      field("leader_epoch", leader_epoch);
      field("isr", isr);
      field("leader_recovery_state", leader_recovery_state, {.since = 1});
      field("partition_epoch", partition_epoch);
    }
  };

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name, {.until = 1});
      field("topic_id", topic_id, {.since = 2});
      field("partitions", partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("topics", topics);
  }
};

}  // namespace moldau
