// UnfenceBrokerRecord (metadata record type 8): a broker is unfenced. Superseded by
// BrokerRegistrationChangeRecord.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UnfenceBrokerRecord {
  static constexpr Api kApi{
      .key = 8, .name = "UnfenceBrokerRecord", .first = 0, .last = 0, .flexible = 0};

  int32_t id = 0;
  int64_t epoch = 0;

  void describe(auto& field) {
    field("id", id);
    field("epoch", epoch);
  }
};

}  // namespace moldau
