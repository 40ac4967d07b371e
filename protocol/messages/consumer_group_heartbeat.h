// ConsumerGroupHeartbeat (API key 68), versions 0 to 1: joins, keeps up with and leaves a
// consumer group of the KIP-848 protocol.
//
//   v1: request adds subscribed_topic_regex
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupHeartbeatRequest {
  static constexpr Api kApi{
      .key = 68, .name = "ConsumerGroupHeartbeat", .first = 0, .last = 1, .flexible = 0};

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  std::optional<std::string> server_assignor;
  std::optional<std::vector<TopicPartitions>> topic_partitions;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("member_epoch", member_epoch);
    field("instance_id", instance_id);
    field("rack_id", rack_id);
    field("rebalance_timeout_ms", rebalance_timeout_ms);
    field("subscribed_topic_names", subscribed_topic_names);
    field("subscribed_topic_regex", subscribed_topic_regex, {.since = 1});
    field("server_assignor", server_assignor);
    field("topic_partitions", topic_partitions);
  }
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr Api kApi = ConsumerGroupHeartbeatRequest::kApi;

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;

    void describe(auto& field) { field("topic_partitions", topic_partitions); }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("member_id", member_id);
    field("member_epoch", member_epoch);
    field("heartbeat_interval_ms", heartbeat_interval_ms);
    field("assignment", assignment);
  }
};

}  // namespace moldau
