// CreateTopics (API key 19), versions 0 to 7: creates topics.
//
//   v1: request adds validate_only; response adds topics.error_message
//   v2: response adds throttle_time_ms
//   v3: the answer may be throttled before it is sent
//   v4: -1 for default partitions and replication factor (KIP-464)
//   v5: response adds topics.topic_config_error_code, topics.num_partitions,
//       topics.replication_factor, topics.configs; flexible encoding with tagged fields; settings
//       of the topic in the answer (KIP-525)
//   v6: the answer may be THROTTLING_QUOTA_EXCEEDED (KIP-599)
//   v7: response adds topics.topic_id; topic ids in the answer
#pragma once

#include "protocol/message.h"

namespace moldau {

struct CreateTopicsRequest {
  static constexpr Api kApi{
      .key = 19, .name = "CreateTopics", .first = 0, .last = 7, .flexible = 5};

  struct Assignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("broker_ids", broker_ids);
    }
  };

  struct Config {
    std::string name;
    std::optional<std::string> value;

    void describe(auto& field) {
      field("name", name);
      field("value", value);
    }
  };

  struct Topic {
    std::string name;
    int32_t num_partitions = 0;
    int16_t replication_factor = 0;
    std::vector<Assignment> assignments;
    std::vector<Config> configs;

    void describe(auto& field) {
      field("name", name);
      field("num_partitions", num_partitions);
      field("replication_factor", replication_factor);
      field("assignments", assignments);
      field("configs", configs);
    }
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;

  void describe(auto& field) {
    field("topics", topics);
    field("timeout_ms", timeout_ms);
    field("validate_only", validate_only, {.since = 1});
  }
};

struct CreateTopicsResponse {
  static constexpr Api kApi = CreateTopicsRequest::kApi;

  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;

    void describe(auto& field) {
      field("name", name);
      field("value", value);
      field("read_only", read_only);
      field("config_source", config_source);
      field("is_sensitive", is_sensitive);
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int16_t topic_config_error_code = 0;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs;

    void describe(auto& field) {
      field("name", name);
      field("topic_id", topic_id, {.since = 7});
      field("error_code", error_code);
      field("error_message", error_message, {.since = 1});
      field("topic_config_error_code", topic_config_error_code, {.since = 5, .tag = 0});
      field("num_partitions", num_partitions, {.since = 5});
      field("replication_factor", replication_factor, {.since = 5});
      field("configs", configs, {.since = 5});
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
