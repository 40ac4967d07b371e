// TxnOffsetCommit (API key 28), versions 0 to 6: commits offsets as part of a transaction.
//
//   v1: the answer may be throttled before it is sent
//   v2: request adds topics.partitions.committed_leader_epoch
//   v3: request adds generation_id_or_member_epoch, member_id, group_instance_id; flexible
//       encoding with tagged fields
//   v4: TRANSACTION_ABORTABLE may be answered (KIP-890)
//   v5: offsets join the transaction implicitly (KIP-890)
//   v6: request drops topics.name; request adds topics.topic_id; response drops topics.name;
//       response adds topics.topic_id
#pragma once

#include "protocol/message.h"

namespace moldau {

struct TxnOffsetCommitRequest {
  static constexpr Api kApi{
      .key = 28, .name = "TxnOffsetCommit", .first = 0, .last = 6, .flexible = 3};

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("committed_offset", committed_offset);
      field("committed_leader_epoch", committed_leader_epoch, {.since = 2});
      field("committed_metadata", committed_metadata);
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name, {.until = 5});
      field("topic_id", topic_id, {.since = 6});
      field("partitions", partitions);
    }
  };

  std::string transactional_id;
  std::string group_id;
  int64_t producer_id = 0;
  int16_t producer_epoch = 0;
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("transactional_id", transactional_id);
    field("group_id", group_id);
    field("producer_id", producer_id);
    field("producer_epoch", producer_epoch);
    field("generation_id_or_member_epoch", generation_id_or_member_epoch, {.since = 3});
    field("member_id", member_id, {.since = 3});
    field("group_instance_id", group_instance_id, {.since = 3});
    field("topics", topics);
  }
};

struct TxnOffsetCommitResponse {
  static constexpr Api kApi = TxnOffsetCommitRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name, {.until = 5});
      field("topic_id", topic_id, {.since = 6});
      field("partitions", partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
  }
};

}  // namespace moldau
