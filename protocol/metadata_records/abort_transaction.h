// AbortTransactionRecord (metadata record type 25): the records since the beginning of the
// transaction are void.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AbortTransactionRecord {
  static constexpr Api kApi{
      .key = 25, .name = "AbortTransactionRecord", .first = 0, .last = 0, .flexible = 0};

  std::optional<std::string> reason;

  void describe(auto& field) { field("reason", reason, {.tag = 0}); }
};

}  // namespace moldau
