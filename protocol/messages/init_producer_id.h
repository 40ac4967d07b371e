// InitProducerId (API key 22), versions 0 to 5: gives a producer its id and epoch, and fences
// older producers of a transactional id.
//
//   v1: the answer may be throttled before it is sent
//   v2: flexible encoding with tagged fields
//   v3: request adds producer_id, producer_epoch; bumping the epoch of a known producer (KIP-360)
//   v4: PRODUCER_FENCED may be answered (KIP-588)
//   v5: TRANSACTION_ABORTABLE may be answered (KIP-890)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct InitProducerIdRequest {
  static constexpr Api kApi{
      .key = 22, .name = "InitProducerId", .first = 0, .last = 5, .flexible = 2};

  std::optional<std::string> transactional_id;
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  void describe(auto& field) {
    field("transactional_id", transactional_id);
    field("transaction_timeout_ms", transaction_timeout_ms);
    field("producer_id", producer_id, {.since = 3});
    field("producer_epoch", producer_epoch, {.since = 3});
  }
};

struct InitProducerIdResponse {
  static constexpr Api kApi = InitProducerIdRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("producer_id", producer_id);
    field("producer_epoch", producer_epoch);
  }
};

}  // namespace moldau
