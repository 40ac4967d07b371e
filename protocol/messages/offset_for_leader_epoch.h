// OffsetForLeaderEpoch (API key 23), versions 0 to 4: where a leader epoch ends, so that a reader
// can find out where its log diverges.
//
//   v1: response adds topics.partitions.leader_epoch
//   v2: request adds topics.partitions.current_leader_epoch; response adds throttle_time_ms
//   v3: request adds replica_id; followers name themselves
//   v4: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct OffsetForLeaderEpochRequest {
  static constexpr Api kApi{
      .key = 23, .name = "OffsetForLeaderEpoch", .first = 0, .last = 4, .flexible = 4};

  struct Partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("partition", partition);
      field("current_leader_epoch", current_leader_epoch, {.since = 2});
      field("leader_epoch", leader_epoch);
    }
  };

  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  int32_t replica_id = -2;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("replica_id", replica_id, {.since = 3});
    field("topics", topics);
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr Api kApi = OffsetForLeaderEpochRequest::kApi;

  struct Partition {
    int16_t error_code = 0;
    int32_t partition = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;

    void describe(auto& field) {
      field("error_code", error_code);
      field("partition", partition);
      field("leader_epoch", leader_epoch, {.since = 1});
      field("end_offset", end_offset);
    }
  };

  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic", topic);
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
