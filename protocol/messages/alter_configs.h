// AlterConfigs (API key 33), versions 0 to 2: replaces all settings of a resource.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterConfigsRequest {
  static constexpr Api kApi{
      .key = 33, .name = "AlterConfigs", .first = 0, .last = 2, .flexible = 2};

  struct Config {
    std::string name;
    std::optional<std::string> value;

    void describe(auto& field) {
      field("name", name);
      field("value", value);
    }
  };

  struct Resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;

    void describe(auto& field) {
      field("resource_type", resource_type);
      field("resource_name", resource_name);
      field("configs", configs);
    }
  };

  std::vector<Resource> resources;
  bool validate_only = false;

  void describe(auto& field) {
    field("resources", resources);
    field("validate_only", validate_only);
  }
};

struct AlterConfigsResponse {
  static constexpr Api kApi = AlterConfigsRequest::kApi;

  struct Result {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("resource_type", resource_type);
      field("resource_name", resource_name);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> responses;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("responses", responses);
  }
};

}  // namespace moldau
