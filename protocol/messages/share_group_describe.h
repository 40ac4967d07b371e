// ShareGroupDescribe (API key 77), version 1: state and members of share groups. v0 was an early
// trial and is not served.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupDescribeRequest {
  static constexpr Api kApi{
      .key = 77, .name = "ShareGroupDescribe", .first = 1, .last = 1, .flexible = 0};

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;

  void describe(auto& field) {
    field("group_ids", group_ids);
    field("include_authorized_operations", include_authorized_operations);
  }
};

struct ShareGroupDescribeResponse {
  static constexpr Api kApi = ShareGroupDescribeRequest::kApi;

  struct TopicPartitions {
    Uuid topic_id{};
    std::string topic_name;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;

    void describe(auto& field) { field("topic_partitions", topic_partitions); }
  };

  struct Member {
    std::string member_id;
    std::optional<std::string> rack_id;
    int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    Assignment assignment;

    void describe(auto& field) {
      field("member_id", member_id);
      field("rack_id", rack_id);
      field("member_epoch", member_epoch);
      field("client_id", client_id);
      field("client_host", client_host);
      field("subscribed_topic_names", subscribed_topic_names);
      field("assignment", assignment);
    }
  };

  struct Group {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor_name;
    std::vector<Member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("group_id", group_id);
      field("group_state", group_state);
      field("group_epoch", group_epoch);
      field("assignment_epoch", assignment_epoch);
      field("assignor_name", assignor_name);
      field("members", members);
      field("authorized_operations", authorized_operations);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("groups", groups);
  }
};

}  // namespace moldau
