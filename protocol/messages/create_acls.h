// CreateAcls (API key 30), versions 0 to 3: adds access rules.
//
//   v1: request adds creations.resource_pattern_type
//   v2: flexible encoding with tagged fields
//   v3: same fields on the wire
#pragma once

#include "protocol/message.h"

namespace moldau {

struct CreateAclsRequest {
  static constexpr Api kApi{.key = 30, .name = "CreateAcls", .first = 0, .last = 3, .flexible = 2};

  struct Creation {
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t resource_pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;

    void describe(auto& field) {
      field("resource_type", resource_type);
      field("resource_name", resource_name);
      field("resource_pattern_type", resource_pattern_type, {.since = 1});
      field("principal", principal);
      field("host", host);
      field("operation", operation);
      field("permission_type", permission_type);
    }
  };

  std::vector<Creation> creations;

  void describe(auto& field) { field("creations", creations); }
};

struct CreateAclsResponse {
  static constexpr Api kApi = CreateAclsRequest::kApi;

  struct Result {
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
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
