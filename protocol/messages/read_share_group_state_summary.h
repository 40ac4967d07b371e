// ReadShareGroupStateSummary (API key 87), versions 0 to 1: start offsets of share partitions
// without the batches in flight.
//
//   v1: response adds topics.partitions.delivery_complete_count
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ReadShareGroupStateSummaryRequest {
  static constexpr Api kApi{
      .key = 87, .name = "ReadShareGroupStateSummary", .first = 0, .last = 1, .flexible = 0};

  struct Partition {
    int32_t partition = 0;
    int32_t leader_epoch = 0;

    void describe(auto& field) {
      field("partition", partition);
      field("leader_epoch", leader_epoch);
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

  std::string group_id;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("topics", topics);
  }
};

struct ReadShareGroupStateSummaryResponse {
  static constexpr Api kApi = ReadShareGroupStateSummaryRequest::kApi;

  struct Partition {
    int32_t partition = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int32_t state_epoch = 0;
    int32_t leader_epoch = 0;
    int64_t start_offset = 0;
    int32_t delivery_complete_count = -1;

    void describe(auto& field) {
      field("partition", partition);
      field("error_code", error_code);
      field("error_message", error_message);
      field("state_epoch", state_epoch);
      field("leader_epoch", leader_epoch);
      field("start_offset", start_offset);
      field("delivery_complete_count", delivery_complete_count, {.since = 1});
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

  std::vector<Topic> topics;

  void describe(auto& field) { field("topics", topics); }
};

}  // namespace moldau
