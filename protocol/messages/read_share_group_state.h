// ReadShareGroupState (API key 84), version 0: a share partition leader reads the state of share
// partitions.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ReadShareGroupStateRequest {
  static constexpr Api kApi{
      .key = 84, .name = "ReadShareGroupState", .first = 0, .last = 0, .flexible = 0};

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

struct ReadShareGroupStateResponse {
  static constexpr Api kApi = ReadShareGroupStateRequest::kApi;

  struct StateBatch {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int8_t delivery_state = 0;
    int16_t delivery_count = 0;

    void describe(auto& field) {
      field("first_offset", first_offset);
      field("last_offset", last_offset);
      field("delivery_state", delivery_state);
      field("delivery_count", delivery_count);
    }
  };

  struct Partition {
    int32_t partition = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int32_t state_epoch = 0;
    int64_t start_offset = 0;
    std::vector<StateBatch> state_batches;

    void describe(auto& field) {
      field("partition", partition);
      field("error_code", error_code);
      field("error_message", error_message);
      field("state_epoch", state_epoch);
      field("start_offset", start_offset);
      field("state_batches", state_batches);
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
