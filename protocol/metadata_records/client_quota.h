// ClientQuotaRecord (metadata record type 14): a quota, or its removal.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ClientQuotaRecord {
  static constexpr Api kApi{
      .key = 14, .name = "ClientQuotaRecord", .first = 0, .last = 0, .flexible = 0};

  struct Entity {
    std::string entity_type;
    std::optional<std::string> entity_name;

    void describe(auto& field) {
      field("entity_type", entity_type);
      field("entity_name", entity_name);
    }
  };

  std::vector<Entity> entity;
  std::string key;
  double value = 0;
  bool remove = false;

  void describe(auto& field) {
    field("entity", entity);
    field("key", key);
    field("value", value);
    field("remove", remove);
  }
};

}  // namespace moldau
