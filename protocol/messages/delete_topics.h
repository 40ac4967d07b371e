// DeleteTopics (API key 20), versions 0 to 6: deletes topics by name or, from v6, by id.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: TOPIC_DELETION_DISABLED may be answered
//   v4: flexible encoding with tagged fields
//   v5: response adds topics.error_message; error messages; THROTTLING_QUOTA_EXCEEDED (KIP-599)
//   v6: request adds topics; request drops topic_names; response lets topics.name be null;
//       response adds topics.topic_id; topic ids (KIP-516)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DeleteTopicsRequest {
  static constexpr Api kApi{
      .key = 20, .name = "DeleteTopics", .first = 0, .last = 6, .flexible = 4};

  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id{};

    void describe(auto& field) {
      field("name", name);
      field("topic_id", topic_id);
    }
  };

  std::vector<Topic> topics;
  std::vector<std::string> topic_names;
  int32_t timeout_ms = 0;

  void describe(auto& field) {
    field("topics", topics, {.since = 6});
    field("topic_names", topic_names, {.until = 5});
    field("timeout_ms", timeout_ms);
  }
};

struct DeleteTopicsResponse {
  static constexpr Api kApi = DeleteTopicsRequest::kApi;

  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id{};
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("name", name, {.nullable_since = 6});
      field("topic_id", topic_id, {.since = 6});
      field("error_code", error_code);
      field("error_message", error_message, {.since = 5});
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("topics", topics);
  }
};

}  // namespace moldau
