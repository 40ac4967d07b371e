// ShareGroupHeartbeat (API key 76), version 1: joins, keeps up with and leaves a share group
// (KIP-932). v0 was an early trial and is not served.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupHeartbeatRequest {
  static constexpr Api kApi{
      .key = 76, .name = "ShareGroupHeartbeat", .first = 1, .last = 1, .flexible = 0};

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  std::optional<std::string> rack_id;
  std::optional<std::vector<std::string>> subscribed_topic_names;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("member_epoch", member_epoch);
    field("rack_id", rack_id);
    field("subscribed_topic_names", subscribed_topic_names);
  }
};

struct ShareGroupHeartbeatResponse {
  static constexpr Api kApi = ShareGroupHeartbeatRequest::kApi;

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
