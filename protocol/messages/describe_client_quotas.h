// DescribeClientQuotas (API key 48), versions 0 to 1: the quotas that match a filter.
//
//   v1: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeClientQuotasRequest {
  static constexpr Api kApi{
      .key = 48, .name = "DescribeClientQuotas", .first = 0, .last = 1, .flexible = 1};

  struct Component {
    std::string entity_type;
    int8_t match_type = 0;
    std::optional<std::string> match;

    void describe(auto& field) {
      field("entity_type", entity_type);
      field("match_type", match_type);
      field("match", match);
    }
  };

  std::vector<Component> components;
  bool strict = false;

  void describe(auto& field) {
    field("components", components);
    field("strict", strict);
  }
};

struct DescribeClientQuotasResponse {
  static constexpr Api kApi = DescribeClientQuotasRequest::kApi;

  struct Entity {
    std::string entity_type;
    std::optional<std::string> entity_name;

    void describe(auto& field) {
      field("entity_type", entity_type);
      field("entity_name", entity_name);
    }
  };

  struct Value {
    std::string key;
    double value = 0;

    void describe(auto& field) {
      field("key", key);
      field("value", value);
    }
  };

  struct Entry {
    std::vector<Entity> entity;
    std::vector<Value> values;

    void describe(auto& field) {
      field("entity", entity);
      field("values", values);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::optional<std::vector<Entry>> entries;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("entries", entries);
  }
};

}  // namespace moldau
