// ListConfigResources (API key 74), versions 0 to 1: the resources that have settings; v0 knew
// client metrics subscriptions only.
//
//   v1: request adds resource_types; response adds config_resources.resource_type
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ListConfigResourcesRequest {
  static constexpr Api kApi{
      .key = 74, .name = "ListConfigResources", .first = 0, .last = 1, .flexible = 0};

  std::vector<int8_t> resource_types;

  void describe(auto& field) { field("resource_types", resource_types, {.since = 1}); }
};

struct ListConfigResourcesResponse {
  static constexpr Api kApi = ListConfigResourcesRequest::kApi;

  struct Resource {
    std::string resource_name;
    int8_t resource_type = 16;

    void describe(auto& field) {
      field("resource_name", resource_name);
      field("resource_type", resource_type, {.since = 1});
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Resource> config_resources;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("config_resources", config_resources);
  }
};

}  // namespace moldau
