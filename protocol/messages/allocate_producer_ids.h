// AllocateProducerIds (API key 67), version 0: a broker takes a block of producer ids from the
// controller.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AllocateProducerIdsRequest {
  static constexpr Api kApi{
      .key = 67, .name = "AllocateProducerIds", .first = 0, .last = 0, .flexible = 0};

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
  }
};

struct AllocateProducerIdsResponse {
  static constexpr Api kApi = AllocateProducerIdsRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id_start = 0;
  int32_t producer_id_len = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("producer_id_start", producer_id_start);
    field("producer_id_len", producer_id_len);
  }
};

}  // namespace moldau
