// UnregisterBrokerRecord (metadata record type 1): a broker is forgotten.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UnregisterBrokerRecord {
  static constexpr Api kApi{
      .key = 1, .name = "UnregisterBrokerRecord", .first = 0, .last = 0, .flexible = 0};

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
  }
};

}  // namespace moldau
