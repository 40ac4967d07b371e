// ProducerIdsRecord (metadata record type 15): the next producer id to hand out in blocks.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ProducerIdsRecord {
  static constexpr Api kApi{
      .key = 15, .name = "ProducerIdsRecord", .first = 0, .last = 0, .flexible = 0};

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t next_producer_id = 0;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
    field("next_producer_id", next_producer_id);
  }
};

}  // namespace moldau
