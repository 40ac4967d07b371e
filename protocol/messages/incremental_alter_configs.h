// IncrementalAlterConfigs (API key 44), versions 0 to 1: sets, deletes, appends to or subtracts
// from single settings.
//
//   v1: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct IncrementalAlterConfigsRequest {
  static constexpr Api kApi{
      .key = 44, .name = "IncrementalAlterConfigs", .first = 0, .last = 1, .flexible = 1};

  struct Config {
    std::string name;
    int8_t config_operation = 0;
    std::optional<std::string> value;

    void describe(auto& field) {
      field("name", name);
      field("config_operation", config_operation);
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

struct IncrementalAlterConfigsResponse {
  static constexpr Api kApi = IncrementalAlterConfigsRequest::kApi;

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
