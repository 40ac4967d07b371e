// DescribeProducers (API key 61), version 0: the producers that a partition remembers.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeProducersRequest {
  static constexpr Api kApi{
      .key = 61, .name = "DescribeProducers", .first = 0, .last = 0, .flexible = 0};

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    void describe(auto& field) {
      field("name", name);
      field("partition_indexes", partition_indexes);
    }
  };

  std::vector<Topic> topics;

  void describe(auto& field) { field("topics", topics); }
};

struct DescribeProducersResponse {
  static constexpr Api kApi = DescribeProducersRequest::kApi;

  struct Producer {
    int64_t producer_id = 0;
    int32_t producer_epoch = 0;
    int32_t last_sequence = -1;
    int64_t last_timestamp = -1;
    int32_t coordinator_epoch = 0;
    int64_t current_txn_start_offset = -1;

    void describe(auto& field) {
      field("producer_id", producer_id);
      field("producer_epoch", producer_epoch);
      field("last_sequence", last_sequence);
      field("last_timestamp", last_timestamp);
      field("coordinator_epoch", coordinator_epoch);
      field("current_txn_start_offset", current_txn_start_offset);
    }
  };

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<Producer> active_producers;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("error_message", error_message);
      field("active_producers", active_producers);
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
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
  }
};

}  // namespace moldau
