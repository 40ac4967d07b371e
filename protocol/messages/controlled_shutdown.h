// ControlledShutdown (API key 7), versions 0 to 3: a broker of the ZooKeeper days asks to move
// its leaders away. Gone in Kafka 4.0.
//
//   v1: same fields on the wire
//   v2: request adds broker_epoch
//   v3: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ControlledShutdownRequest {
  static constexpr Api kApi{
      .key = 7, .name = "ControlledShutdown", .first = 0, .last = 3, .flexible = 3};

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch, {.since = 2});
  }
};

struct ControlledShutdownResponse {
  static constexpr Api kApi = ControlledShutdownRequest::kApi;

  struct RemainingPartition {
    std::string topic_name;
    int32_t partition_index = 0;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partition_index", partition_index);
    }
  };

  int16_t error_code = 0;
  std::vector<RemainingPartition> remaining_partitions;

  void describe(auto& field) {
    field("error_code", error_code);
    field("remaining_partitions", remaining_partitions);
  }
};

}  // namespace moldau
