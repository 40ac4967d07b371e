// DescribeGroups (API key 15), versions 0 to 6: state and members of classic groups.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: request adds include_authorized_operations; response adds groups.authorized_operations;
//       authorized operations (KIP-430)
//   v4: response adds groups.members.group_instance_id; static members (KIP-345)
//   v5: flexible encoding with tagged fields
//   v6: response adds groups.error_message; an error message, and GROUP_ID_NOT_FOUND for a group
//       that is not there (KIP-1043)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeGroupsRequest {
  static constexpr Api kApi{
      .key = 15, .name = "DescribeGroups", .first = 0, .last = 6, .flexible = 5};

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  void describe(auto& field) {
    field("groups", groups);
    field("include_authorized_operations", include_authorized_operations, {.since = 3});
  }
};

struct DescribeGroupsResponse {
  static constexpr Api kApi = DescribeGroupsRequest::kApi;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    Bytes member_metadata;
    Bytes member_assignment;

    void describe(auto& field) {
      field("member_id", member_id);
      field("group_instance_id", group_instance_id, {.since = 4});
      field("client_id", client_id);
      field("client_host", client_host);
      field("member_metadata", member_metadata);
      field("member_assignment", member_assignment);
    }
  };

  struct Group {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<Member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message, {.since = 6});
      field("group_id", group_id);
      field("group_state", group_state);
      field("protocol_type", protocol_type);
      field("protocol_data", protocol_data);
      field("members", members);
      field("authorized_operations", authorized_operations, {.since = 3});
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("groups", groups);
  }
};

}  // namespace moldau
