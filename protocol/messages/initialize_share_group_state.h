// InitializeShareGroupState (API key 83), version 0: a group coordinator sets up the state of
// share partitions.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct InitializeShareGroupStateRequest {
  static constexpr Api kApi{
      .key = 83, .name = "InitializeShareGroupState", .first = 0, .last = 0, .flexible = 0};

  struct Partition {
    int32_t partition = 0;
    int32_t state_epoch = 0;
    int64_t start_offset = 0;

    void describe(auto& field) {
      field("partition", partition);
      field("state_epoch", state_epoch);
      field("start_offset", start_offset);
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

struct InitializeShareGroupStateResponse {
  static constexpr Api kApi = InitializeShareGroupStateRequest::kApi;

  struct Partition {
    int32_t partition = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("partition", partition);
      field("error_code", error_code);
      field("error_message", error_message);
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
