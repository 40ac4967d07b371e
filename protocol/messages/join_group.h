// JoinGroup (API key 11), versions 0 to 9: a member joins a classic group and waits for the
// generation to form.
//
//   v1: request adds rebalance_timeout_ms; a rebalance timeout apart from the session timeout
//   v2: response adds throttle_time_ms
//   v3: the answer may be throttled before it is sent
//   v4: MEMBER_ID_REQUIRED on the first join (KIP-394)
//   v5: request adds group_instance_id; response adds members.group_instance_id; static members
//       (KIP-345)
//   v6: flexible encoding with tagged fields
//   v7: response adds protocol_type; response lets protocol_name be null
//   v8: request adds reason; KIP-800
//   v9: response adds skip_assignment; the leader may be told to skip the assignment (KIP-814)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct JoinGroupRequest {
  static constexpr Api kApi{.key = 11, .name = "JoinGroup", .first = 0, .last = 9, .flexible = 6};

  struct Protocol {
    std::string name;
    Bytes metadata;

    void describe(auto& field) {
      field("name", name);
      field("metadata", metadata);
    }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  std::optional<std::string> reason;

  void describe(auto& field) {
    field("group_id", group_id);
    field("session_timeout_ms", session_timeout_ms);
    field("rebalance_timeout_ms", rebalance_timeout_ms, {.since = 1});
    field("member_id", member_id);
    field("group_instance_id", group_instance_id, {.since = 5});
    field("protocol_type", protocol_type);
    field("protocols", protocols);
    field("reason", reason, {.since = 8});
  }
};

struct JoinGroupResponse {
  static constexpr Api kApi = JoinGroupRequest::kApi;

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    Bytes metadata;

    void describe(auto& field) {
      field("member_id", member_id);
      field("group_instance_id", group_instance_id, {.since = 5});
      field("metadata", metadata);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 2});
    field("error_code", error_code);
    field("generation_id", generation_id);
    field("protocol_type", protocol_type, {.since = 7});
    field("protocol_name", protocol_name, {.nullable_since = 7});
    field("leader", leader);
    field("skip_assignment", skip_assignment, {.since = 9});
    field("member_id", member_id);
    field("members", members);
  }
};

}  // namespace moldau
