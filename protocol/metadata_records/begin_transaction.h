// BeginTransactionRecord (metadata record type 23): the records up to the end or abort of this
// transaction count as one change.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct BeginTransactionRecord {
  static constexpr Api kApi{
      .key = 23, .name = "BeginTransactionRecord", .first = 0, .last = 0, .flexible = 0};

  std::optional<std::string> name;

  void describe(auto& field) { field("name", name, {.tag = 0}); }
};

}  // namespace moldau
