// DescribeConfigs (API key 32), versions 0 to 4: the settings of topics, brokers and other
// resources.
//
//   v1: request adds include_synonyms; response drops results.configs.is_default; response adds
//       results.configs.config_source, results.configs.synonyms; synonyms, and a config source
//       instead of is_default
//   v2: the answer may be throttled before it is sent
//   v3: request adds include_documentation; response adds results.configs.config_type,
//       results.configs.documentation; documentation and types (KIP-569)
//   v4: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeConfigsRequest {
  static constexpr Api kApi{
      .key = 32, .name = "DescribeConfigs", .first = 0, .last = 4, .flexible = 4};

  struct Resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;

    void describe(auto& field) {
      field("resource_type", resource_type);
      field("resource_name", resource_name);
      field("configuration_keys", configuration_keys);
    }
  };

  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  void describe(auto& field) {
    field("resources", resources);
    field("include_synonyms", include_synonyms, {.since = 1});
    field("include_documentation", include_documentation, {.since = 3});
  }
};

struct DescribeConfigsResponse {
  static constexpr Api kApi = DescribeConfigsRequest::kApi;

  struct Synonym {
    std::string name;
    std::optional<std::string> value;
    int8_t source = 0;

    void describe(auto& field) {
      field("name", name);
      field("value", value);
      field("source", source);
    }
  };

  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    bool is_default = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<Synonym> synonyms;
    int8_t config_type = 0;
    std::optional<std::string> documentation;

    void describe(auto& field) {
      field("name", name);
      field("value", value);
      field("read_only", read_only);
      field("is_default", is_default, {.until = 0});
      field("config_source", config_source, {.since = 1});
      field("is_sensitive", is_sensitive);
      field("synonyms", synonyms, {.since = 1});
      field("config_type", config_type, {.since = 3});
      field("documentation", documentation, {.since = 3});
    }
  };

  struct Result {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("resource_type", resource_type);
      field("resource_name", resource_name);
      field("configs", configs);
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
