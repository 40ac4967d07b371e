// DeleteShareGroupOffsets (API key 92), version 0: deletes the offsets of topics from a share
// group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DeleteShareGroupOffsetsRequest {
  static constexpr Api kApi{
      .key = 92, .name = "DeleteShareGroupOffsets", .first = 0, .last = 0, .flexible = 0};

  struct Topic {
    std::string topic_name;

    void describe(auto& field) { field("topic_name", topic_name); }
  };

  std::string group_id;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("topics", topics);
  }
};

struct DeleteShareGroupOffsetsResponse {
  static constexpr Api kApi = DeleteShareGroupOffsetsRequest::kApi;

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("topic_id", topic_id);
      field("error_code", error_code);
      field("error_message", error_message);
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
