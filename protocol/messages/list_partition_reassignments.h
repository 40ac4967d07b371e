// ListPartitionReassignments (API key 46), version 0: the moves that are under way.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ListPartitionReassignmentsRequest {
  static constexpr Api kApi{
      .key = 46, .name = "ListPartitionReassignments", .first = 0, .last = 0, .flexible = 0};

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    void describe(auto& field) {
      field("name", name);
      field("partition_indexes", partition_indexes);
    }
  };

  int32_t timeout_ms = 60000;
  std::optional<std::vector<Topic>> topics;

  void describe(auto& field) {
    field("timeout_ms", timeout_ms);
    field("topics", topics);
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr Api kApi = ListPartitionReassignmentsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> adding_replicas;
    std::vector<int32_t> removing_replicas;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("replicas", replicas);
      field("adding_replicas", adding_replicas);
      field("removing_replicas", removing_replicas);
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
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("topics", topics);
  }
};

}  // namespace moldau
