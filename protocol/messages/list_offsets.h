// ListOffsets (API key 2), versions 0 to 11: finds offsets by timestamp, or the first and last
// offset of a partition.
//
//   v1: request drops topics.partitions.max_num_offsets; response drops
//       topics.partitions.old_style_offsets; response adds topics.partitions.timestamp,
//       topics.partitions.offset; one offset instead of a list
//   v2: request adds isolation_level; response adds throttle_time_ms; read_committed
//   v3: the answer may be throttled before it is sent
//   v4: request adds topics.partitions.current_leader_epoch; response adds
//       topics.partitions.leader_epoch; leader epochs (KIP-320)
//   v5: the answer may be OFFSET_NOT_AVAILABLE
//   v6: flexible encoding with tagged fields
//   v7: timestamp -3 asks for the offset of the largest timestamp (KIP-734)
//   v8: timestamp -4 asks for the local log start (KIP-405)
//   v9: timestamp -5 asks for the last tiered offset (KIP-1005)
//   v10: request adds timeout_ms; asynchronous remote reads with a timeout (KIP-1075)
//   v11: timestamp -6 asks for the earliest offset waiting to be tiered (KIP-1023)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ListOffsetsRequest {
  static constexpr Api kApi{.key = 2, .name = "ListOffsets", .first = 0, .last = 11, .flexible = 6};

  struct Partition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;
    int32_t max_num_offsets = 1;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("current_leader_epoch", current_leader_epoch, {.since = 4});
      field("timestamp", timestamp);
      field("max_num_offsets", max_num_offsets, {.until = 0});
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

  int32_t replica_id = 0;
  int8_t isolation_level = 0;
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  void describe(auto& field) {
    field("replica_id", replica_id);
    field("isolation_level", isolation_level, {.since = 2});
    field("topics", topics);
    field("timeout_ms", timeout_ms, {.since = 10});
  }
};

struct ListOffsetsResponse {
  static constexpr Api kApi = ListOffsetsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::vector<int64_t> old_style_offsets;
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
      field("old_style_offsets", old_style_offsets, {.until = 0});
      field("timestamp", timestamp, {.since = 1});
      field("offset", offset, {.since = 1});
      field("leader_epoch", leader_epoch, {.since = 4});
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
    field("throttle_time_ms", throttle_time_ms, {.since = 2});
    field("topics", topics);
  }
};

}  // namespace moldau
