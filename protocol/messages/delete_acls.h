// DeleteAcls (API key 31), versions 0 to 3: deletes access rules that match filters.
//
//   v1: request adds filters.pattern_type_filter; response adds
//       filter_results.matching_acls.pattern_type
//   v2: flexible encoding with tagged fields
//   v3: same fields on the wire
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DeleteAclsRequest {
  static constexpr Api kApi{.key = 31, .name = "DeleteAcls", .first = 0, .last = 3, .flexible = 2};

  struct Filter {
    int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter;
    int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter;
    std::optional<std::string> host_filter;
    int8_t operation = 0;
    int8_t permission_type = 0;

    void describe(auto& field) {
      field("resource_type_filter", resource_type_filter);
      field("resource_name_filter", resource_name_filter);
      field("pattern_type_filter", pattern_type_filter, {.since = 1});
      field("principal_filter", principal_filter);
      field("host_filter", host_filter);
      field("operation", operation);
      field("permission_type", permission_type);
    }
  };

  std::vector<Filter> filters;

  void describe(auto& field) { field("filters", filters); }
};

struct DeleteAclsResponse {
  static constexpr Api kApi = DeleteAclsRequest::kApi;

  struct MatchingAcl {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 3;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("resource_type", resource_type);
      field("resource_name", resource_name);
      field("pattern_type", pattern_type, {.since = 1});
      field("principal", principal);
      field("host", host);
      field("operation", operation);
      field("permission_type", permission_type);
    }
  };

  struct FilterResult {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<MatchingAcl> matching_acls;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("matching_acls", matching_acls);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<FilterResult> filter_results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("filter_results", filter_results);
  }
};

}  // namespace moldau
