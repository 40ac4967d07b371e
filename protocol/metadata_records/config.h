// ConfigRecord (metadata record type 4): one setting of a resource; a null value removes it.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConfigRecord {
  static constexpr Api kApi{.key = 4, .name = "ConfigRecord", .first = 0, .last = 0, .flexible = 0};

  int8_t resource_type = 0;
  std::string resource_name;
  std::string name;
  std::optional<std::string> value;

  void describe(auto& field) {
    field("resource_type", resource_type);
    field("resource_name", resource_name);
    field("name", name);
    field("value", value);
  }
};

}  // namespace moldau
