// LeaveGroup (API key 13), versions 0 to 5: members leave a classic group.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: request drops member_id; request adds members; response adds members; several members at
//       once (KIP-345)
//   v4: flexible encoding with tagged fields
//   v5: request adds members.reason; KIP-800
#pragma once

#include "protocol/message.h"

namespace moldau {

struct LeaveGroupRequest {
  static constexpr Api kApi{.key = 13, .name = "LeaveGroup", .first = 0, .last = 5, .flexible = 4};

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;

    void describe(auto& field) {
      field("member_id", member_id);
      field("group_instance_id", group_instance_id);
      field("reason", reason, {.since = 5});
    }
  };

  std::string group_id;
  std::string member_id;
  std::vector<Member> members;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id, {.until = 2});
    field("members", members, {.since = 3});
  }
};

struct LeaveGroupResponse {
  static constexpr Api kApi = LeaveGroupRequest::kApi;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("member_id", member_id);
      field("group_instance_id", group_instance_id);
      field("error_code", error_code);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Member> members;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code);
    field("members", members, {.since = 3});
  }
};

}  // namespace moldau
