// AddPartitionsToTxn (API key 24), versions 0 to 5: adds partitions to a transaction, or lets a
// broker verify that they are in it.
//
//   v1: the answer may be throttled before it is sent
//   v2: PRODUCER_FENCED may be answered (KIP-588)
//   v3: flexible encoding with tagged fields
//   v4: request adds transactions; request drops transactional_id, producer_id, producer_epoch,
//       topics_v3; response adds error_code, transactions; response drops topics_v3; several
//       transactions at once, for brokers (KIP-890)
//   v5: TRANSACTION_ABORTABLE may be answered (KIP-890)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AddPartitionsToTxnRequest {
  static constexpr Api kApi{
      .key = 24, .name = "AddPartitionsToTxn", .first = 0, .last = 5, .flexible = 3};

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  struct Transaction {
    std::string transactional_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("transactional_id", transactional_id);
      field("producer_id", producer_id);
      field("producer_epoch", producer_epoch);
      field("verify_only", verify_only);
      field("topics", topics);
    }
  };

  std::vector<Transaction> transactions;
  std::string transactional_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  std::vector<Topic> topics_v3;

  void describe(auto& field) {
    field("transactions", transactions, {.since = 4});
    field("transactional_id", transactional_id, {.until = 3});
    field("producer_id", producer_id, {.until = 3});
    field("producer_epoch", producer_epoch, {.until = 3});
    field("topics_v3", topics_v3, {.until = 3});
  }
};

struct AddPartitionsToTxnResponse {
  static constexpr Api kApi = AddPartitionsToTxnRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t partition_error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("partition_error_code", partition_error_code);
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  struct Transaction {
    std::string transactional_id;
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("transactional_id", transactional_id);
      field("topics", topics);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Transaction> transactions;
  std::vector<Topic> topics_v3;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code, {.since = 4});
    field("transactions", transactions, {.since = 4});
    field("topics_v3", topics_v3, {.until = 3});
  }
};

}  // namespace moldau
