// FenceBrokerRecord (metadata record type 7): a broker is fenced. Superseded by
// BrokerRegistrationChangeRecord.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct FenceBrokerRecord {
  static constexpr Api kApi{
      .key = 7, .name = "FenceBrokerRecord", .first = 0, .last = 0, .flexible = 0};

  int32_t id = 0;
  int64_t epoch = 0;

  void describe(auto& field) {
    field("id", id);
    field("epoch", epoch);
  }
};

}  // namespace moldau
