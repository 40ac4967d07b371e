// ListTransactions (API key 66), versions 0 to 2: the transactions that a broker coordinates.
//
//   v1: request adds duration_filter
//   v2: request adds transactional_id_pattern
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ListTransactionsRequest {
  static constexpr Api kApi{
      .key = 66, .name = "ListTransactions", .first = 0, .last = 2, .flexible = 0};

  std::vector<std::string> state_filters;
  std::vector<int64_t> producer_id_filters;
  int64_t duration_filter = -1;
  std::optional<std::string> transactional_id_pattern;

  void describe(auto& field) {
    field("state_filters", state_filters);
    field("producer_id_filters", producer_id_filters);
    field("duration_filter", duration_filter, {.since = 1});
    field("transactional_id_pattern", transactional_id_pattern, {.since = 2});
  }
};

struct ListTransactionsResponse {
  static constexpr Api kApi = ListTransactionsRequest::kApi;

  struct TransactionState {
    std::string transactional_id;
    int64_t producer_id = 0;
    std::string transaction_state;

    void describe(auto& field) {
      field("transactional_id", transactional_id);
      field("producer_id", producer_id);
      field("transaction_state", transaction_state);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<std::string> unknown_state_filters;
  std::vector<TransactionState> transaction_states;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("unknown_state_filters", unknown_state_filters);
    field("transaction_states", transaction_states);
  }
};

}  // namespace moldau
