// AddOffsetsToTxn (API key 25), versions 0 to 4: adds the offsets of a group to a transaction.
//
//   v1: the answer may be throttled before it is sent
//   v2: PRODUCER_FENCED may be answered (KIP-588)
//   v3: flexible encoding with tagged fields
//   v4: TRANSACTION_ABORTABLE may be answered (KIP-890)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AddOffsetsToTxnRequest {
  static constexpr Api kApi{
      .key = 25, .name = "AddOffsetsToTxn", .first = 0, .last = 4, .flexible = 3};

  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  std::string group_id;

  void describe(auto& field) {
    field("transactional_id", transactional_id);
    field("producer_id", producer_id);
    field("producer_epoch", producer_epoch);
    field("group_id", group_id);
  }
};

struct AddOffsetsToTxnResponse {
  static constexpr Api kApi = AddOffsetsToTxnRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
  }
};

}  // namespace moldau
