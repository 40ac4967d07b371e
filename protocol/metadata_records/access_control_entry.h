// AccessControlEntryRecord (metadata record type 18): an access rule.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AccessControlEntryRecord {
  static constexpr Api kApi{
      .key = 18, .name = "AccessControlEntryRecord", .first = 0, .last = 0, .flexible = 0};

  Uuid id{};
  int8_t resource_type = 0;
  std::string resource_name;
  int8_t pattern_type = 0;
  std::string principal;
  std::string host;
  int8_t operation = 0;
  int8_t permission_type = 0;

  void describe(auto& field) {
    field("id", id);
    field("resource_type", resource_type);
    field("resource_name", resource_name);
    field("pattern_type", pattern_type);
    field("principal", principal);
    field("host", host);
    field("operation", operation);
    field("permission_type", permission_type);
  }
};

}  // namespace moldau
