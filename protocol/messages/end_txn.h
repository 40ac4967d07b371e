// EndTxn (API key 26), versions 0 to 5: commits or aborts a transaction.
//
//   v1: the answer may be throttled before it is sent
//   v2: PRODUCER_FENCED may be answered (KIP-588)
//   v3: flexible encoding with tagged fields
//   v4: TRANSACTION_ABORTABLE may be answered (KIP-890)
//   v5: response adds producer_id, producer_epoch; the epoch is bumped at every end (KIP-890)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct EndTxnRequest {
  static constexpr Api kApi{.key = 26, .name = "EndTxn", .first = 0, .last = 5, .flexible = 3};

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  bool committed = false;

  void describe(auto& field) {
    field("transactional_id", transactional_id);
    field("producer_id", producer_id);
    field("producer_epoch", producer_epoch);
    field("committed", committed);
  }
};

struct EndTxnResponse {
  static constexpr Api kApi = EndTxnRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("producer_id", producer_id, {.since = 5});
    field("producer_epoch", producer_epoch, {.since = 5});
  }
};

}  // namespace moldau
