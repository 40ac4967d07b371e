// DescribeTransactions (API key 65), version 0: the state of transactions by transactional id.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeTransactionsRequest {
  static constexpr Api kApi{
      .key = 65, .name = "DescribeTransactions", .first = 0, .last = 0, .flexible = 0};

  std::vector<std::string> transactional_ids;

  void describe(auto& field) { field("transactional_ids", transactional_ids); }
};

struct DescribeTransactionsResponse {
  static constexpr Api kApi = DescribeTransactionsRequest::kApi;

  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  struct TransactionState {
    int16_t error_code = 0;
    std::string transactional_id;
    std::string transaction_state;
    int32_t transaction_timeout_ms = 0;
    int64_t transaction_start_time_ms = 0;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("error_code", error_code);
      field("transactional_id", transactional_id);
      field("transaction_state", transaction_state);
      field("transaction_timeout_ms", transaction_timeout_ms);
      field("transaction_start_time_ms", transaction_start_time_ms);
      field("producer_id", producer_id);
      field("producer_epoch", producer_epoch);
      field("topics", topics);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("transaction_states", transaction_states);
  }
};

}  // namespace moldau
