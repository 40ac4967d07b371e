// DeleteGroups (API key 42), versions 0 to 3: deletes groups that are empty.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
//   v3: response adds results.error_message
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DeleteGroupsRequest {
  static constexpr Api kApi{
      .key = 42, .name = "DeleteGroups", .first = 0, .last = 3, .flexible = 2};

  std::vector<std::string> groups_names;

  void describe(auto& field) { field("groups_names", groups_names); }
};

struct DeleteGroupsResponse {
  static constexpr Api kApi = DeleteGroupsRequest::kApi;

  struct Result {
    std::string group_id;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("group_id", group_id);
      field("error_code", error_code);
      field("error_message", error_message, {.since = 3});
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("results", results);
  }
};

}  // namespace moldau
