// SyncGroup (API key 14), versions 0 to 5: the leader of a classic group hands out the assignment
// and members collect theirs.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: request adds group_instance_id; static members (KIP-345)
//   v4: flexible encoding with tagged fields
//   v5: request adds protocol_type, protocol_name; response adds protocol_type, protocol_name;
//       KIP-559
#pragma once

#include "protocol/message.h"

namespace moldau {

struct SyncGroupRequest {
  static constexpr Api kApi{.key = 14, .name = "SyncGroup", .first = 0, .last = 5, .flexible = 4};

  struct Assignment {
    std::string member_id;
    Bytes assignment;

    void describe(auto& field) {
      field("member_id", member_id);
      field("assignment", assignment);
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<Assignment> assignments;

  void describe(auto& field) {
    field("group_id", group_id);
    field("generation_id", generation_id);
    field("member_id", member_id);
    field("group_instance_id", group_instance_id, {.since = 3});
    field("protocol_type", protocol_type, {.since = 5});
    field("protocol_name", protocol_name, {.since = 5});
    field("assignments", assignments);
  }
};

struct SyncGroupResponse {
  static constexpr Api kApi = SyncGroupRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Bytes assignment;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code);
    field("protocol_type", protocol_type, {.since = 5});
    field("protocol_name", protocol_name, {.since = 5});
    field("assignment", assignment);
  }
};

}  // namespace moldau
