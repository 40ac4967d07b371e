// EndTransactionRecord (metadata record type 24): the records since the beginning of the
// transaction take effect.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct EndTransactionRecord {
  static constexpr Api kApi{
      .key = 24, .name = "EndTransactionRecord", .first = 0, .last = 0, .flexible = 0};

  void describe(auto&) {}
};

}  // namespace moldau
