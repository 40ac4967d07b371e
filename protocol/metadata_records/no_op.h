// NoOpRecord (metadata record type 20): keeps the metadata log moving and changes nothing.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct NoOpRecord {
  static constexpr Api kApi{.key = 20, .name = "NoOpRecord", .first = 0, .last = 0, .flexible = 0};

  void describe(auto&) {}
};

}  // namespace moldau
