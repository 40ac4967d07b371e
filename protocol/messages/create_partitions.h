// CreatePartitions (API key 37), versions 0 to 3: adds partitions to topics.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
//   v3: same fields on the wire
#pragma once

#include "protocol/message.h"

namespace moldau {

struct CreatePartitionsRequest {
  static constexpr Api kApi{
      .key = 37, .name = "CreatePartitions", .first = 0, .last = 3, .flexible = 2};

  struct Assignment {
    std::vector<int32_t> broker_ids;

    void describe(auto& field) { field("broker_ids", broker_ids); }
  };

  struct Topic {
    std::string name;
    int32_t count = 0;
    std::optional<std::vector<Assignment>> assignments;

    void describe(auto& field) {
      field("name", name);
      field("count", count);
      field("assignments", assignments);
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  void describe(auto& field) {
    field("topics", topics);
    field("timeout_ms", timeout_ms);
    field("validate_only", validate_only);
  }
};

struct CreatePartitionsResponse {
  static constexpr Api kApi = CreatePartitionsRequest::kApi;

  struct Topic {
    std::string name;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("name", name);
      field("error_code", error_code);
      field("error_message", error_message);
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
