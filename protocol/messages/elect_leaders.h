// ElectLeaders (API key 43), versions 0 to 2: elects preferred or unclean leaders.
//
//   v1: request adds election_type; response adds error_code
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ElectLeadersRequest {
  static constexpr Api kApi{
      .key = 43, .name = "ElectLeaders", .first = 0, .last = 2, .flexible = 2};

  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  int8_t election_type = 0;
  std::optional<std::vector<Topic>> topics;
  int32_t timeout_ms = 60000;

  void describe(auto& field) {
    field("election_type", election_type, {.since = 1});
    field("topics", topics);
    field("timeout_ms", timeout_ms);
  }
};

struct ElectLeadersResponse {
  static constexpr Api kApi = ElectLeadersRequest::kApi;

  struct Partition {
    int32_t partition_id = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("partition_id", partition_id);
      field("error_code", error_code);
      field("error_message", error_message);
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
  int16_t error_code = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code, {.since = 1});
    field("topics", topics);
  }
};

}  // namespace moldau
