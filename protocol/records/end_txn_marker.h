// EndTxnMarker: value of the control record that commits or aborts a transaction.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct EndTxnMarker {
  static constexpr Api kApi{
      .key = 0, .name = "EndTxnMarker", .first = 0, .last = 0, .flexible = kNeverFlexible};

  int32_t coordinator_epoch = 0;

  void describe(auto& field) { field("coordinator_epoch", coordinator_epoch); }
};

}  // namespace moldau
