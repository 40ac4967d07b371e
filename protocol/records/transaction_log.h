// TransactionLog records (key type 0): the state of a transactional id, in __transaction_state.
//
// TransactionLogValue:
//   v1: adds previous_producer_id, next_producer_id, next_producer_epoch,
//       client_transaction_version; flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct TransactionLogKey {
  static constexpr Api kApi{
      .key = 0, .name = "TransactionLogKey", .first = 0, .last = 0, .flexible = kNeverFlexible};

  std::string transactional_id;

  void describe(auto& field) { field("transactional_id", transactional_id); }
};

struct TransactionLogValue {
  static constexpr Api kApi{
      .key = 0, .name = "TransactionLogValue", .first = 0, .last = 1, .flexible = 1};

  struct PartitionsSchema {
    std::string topic;
    std::vector<int32_t> partition_ids;

    void describe(auto& field) {
      field("topic", topic);
      field("partition_ids", partition_ids);
    }
  };

  int64_t producer_id = 0;
  int64_t previous_producer_id = -1;
  int64_t next_producer_id = -1;
  int16_t producer_epoch = 0;
  int16_t next_producer_epoch = -1;
  int32_t transaction_timeout_ms = 0;
  int8_t transaction_status = 0;
  std::optional<std::vector<PartitionsSchema>> transaction_partitions;
  int64_t transaction_last_update_timestamp_ms = 0;
  int64_t transaction_start_timestamp_ms = 0;
  int16_t client_transaction_version = 0;

  void describe(auto& field) {
    field("producer_id", producer_id);
    field("previous_producer_id", previous_producer_id, {.since = 1, .tag = 0}, int64_t{-1});
    field("next_producer_id", next_producer_id, {.since = 1, .tag = 1}, int64_t{-1});
    field("producer_epoch", producer_epoch);
    field("next_producer_epoch", next_producer_epoch, {.since = 1, .tag = 3}, int16_t{-1});
    field("transaction_timeout_ms", transaction_timeout_ms);
    field("transaction_status", transaction_status);
    field("transaction_partitions", transaction_partitions);
    field("transaction_last_update_timestamp_ms", transaction_last_update_timestamp_ms);
    field("transaction_start_timestamp_ms", transaction_start_timestamp_ms);
    field("client_transaction_version", client_transaction_version, {.since = 1, .tag = 2});
  }
};

}  // namespace moldau
