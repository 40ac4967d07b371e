// AlterPartitionReassignments (API key 45), versions 0 to 1: starts or cancels moving partitions
// to other replicas.
//
//   v1: request adds allow_replication_factor_change; response adds
//       allow_replication_factor_change
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterPartitionReassignmentsRequest {
  static constexpr Api kApi{
      .key = 45, .name = "AlterPartitionReassignments", .first = 0, .last = 1, .flexible = 0};

  struct Partition {
    int32_t partition_index = 0;
    std::optional<std::vector<int32_t>> replicas;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("replicas", replicas);
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

  int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("timeout_ms", timeout_ms);
    field("allow_replication_factor_change", allow_replication_factor_change, {.since = 1});
    field("topics", topics);
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr Api kApi = AlterPartitionReassignmentsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("error_message", error_message);
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

  int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("allow_replication_factor_change", allow_replication_factor_change, {.since = 1});
    field("error_code", error_code);
    field("error_message", error_message);
    field("topics", topics);
  }
};

}  // namespace moldau
