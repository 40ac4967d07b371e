// UnregisterControllerRecord (metadata record type 29): a controller is forgotten.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UnregisterControllerRecord {
  static constexpr Api kApi{
      .key = 29, .name = "UnregisterControllerRecord", .first = 0, .last = 0, .flexible = 0};

  int32_t controller_id = 0;

  void describe(auto& field) { field("controller_id", controller_id); }
};

}  // namespace moldau
