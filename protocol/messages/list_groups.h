// ListGroups (API key 16), versions 0 to 5: the groups that a broker coordinates.
//
//   v1: response adds throttle_time_ms
//   v2: the answer may be throttled before it is sent
//   v3: flexible encoding with tagged fields
//   v4: request adds states_filter; response adds groups.group_state; filter by state (KIP-518)
//   v5: request adds types_filter; response adds groups.group_type; filter by type (KIP-848)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ListGroupsRequest {
  static constexpr Api kApi{.key = 16, .name = "ListGroups", .first = 0, .last = 5, .flexible = 3};

  std::vector<std::string> states_filter;
  std::vector<std::string> types_filter;

  void describe(auto& field) {
    field("states_filter", states_filter, {.since = 4});
    field("types_filter", types_filter, {.since = 5});
  }
};

struct ListGroupsResponse {
  static constexpr Api kApi = ListGroupsRequest::kApi;

  struct Group {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;

    void describe(auto& field) {
      field("group_id", group_id);
      field("protocol_type", protocol_type);
      field("group_state", group_state, {.since = 4});
      field("group_type", group_type, {.since = 5});
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 1});
    field("error_code", error_code);
    field("groups", groups);
  }
};

}  // namespace moldau
