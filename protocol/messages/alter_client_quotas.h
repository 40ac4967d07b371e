// AlterClientQuotas (API key 49), versions 0 to 1: sets or removes quotas.
//
//   v1: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterClientQuotasRequest {
  static constexpr Api kApi{
      .key = 49, .name = "AlterClientQuotas", .first = 0, .last = 1, .flexible = 1};

  struct Entity {
    std::string entity_type;
    std::optional<std::string> entity_name;

    void describe(auto& field) {
      field("entity_type", entity_type);
      field("entity_name", entity_name);
    }
  };

  struct Op {
    std::string key;
    double value = 0;
    bool remove = false;

    void describe(auto& field) {
      field("key", key);
      field("value", value);
      field("remove", remove);
    }
  };

  struct Entry {
    std::vector<Entity> entity;
    std::vector<Op> ops;

    void describe(auto& field) {
      field("entity", entity);
      field("ops", ops);
    }
  };

  std::vector<Entry> entries;
  bool validate_only = false;

  void describe(auto& field) {
    field("entries", entries);
    field("validate_only", validate_only);
  }
};

struct AlterClientQuotasResponse {
  static constexpr Api kApi = AlterClientQuotasRequest::kApi;

  struct Entity {
    std::string entity_type;
    std::optional<std::string> entity_name;

    void describe(auto& field) {
      field("entity_type", entity_type);
      field("entity_name", entity_name);
    }
  };

  struct Entry {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<Entity> entity;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("entity", entity);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Entry> entries;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("entries", entries);
  }
};

}  // namespace moldau
