// OffsetCommit (API key 8), versions 0 to 10: stores the committed offsets of a group.
//
//   v1: request adds generation_id_or_member_epoch, member_id,
//       topics.partitions.commit_timestamp; offsets are kept by the group coordinator
//   v2: request adds retention_time_ms; request drops topics.partitions.commit_timestamp
//   v3: response adds throttle_time_ms
//   v4: the answer may be throttled before it is sent
//   v5: request drops retention_time_ms; retention is a broker setting (KIP-211)
//   v6: request adds topics.partitions.committed_leader_epoch; leader epochs (KIP-320)
//   v7: request adds group_instance_id; static members (KIP-345)
//   v8: flexible encoding with tagged fields
//   v9: groups of the KIP-848 protocol
//   v10: request drops topics.name; request adds topics.topic_id; response drops topics.name;
//       response adds topics.topic_id; topic ids
#pragma once

#include "protocol/message.h"

namespace moldau {

struct OffsetCommitRequest {
  static constexpr Api kApi{
      .key = 8, .name = "OffsetCommit", .first = 0, .last = 10, .flexible = 8};

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    int64_t commit_timestamp = -1;
    std::optional<std::string> committed_metadata;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("committed_offset", committed_offset);
      field("committed_leader_epoch", committed_leader_epoch, {.since = 6});
      field("commit_timestamp", commit_timestamp, {.since = 1, .until = 1});
      field("committed_metadata", committed_metadata);
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name, {.until = 9});
      field("topic_id", topic_id, {.since = 10});
      field("partitions", partitions);
    }
  };

  std::string group_id;
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("generation_id_or_member_epoch", generation_id_or_member_epoch, {.since = 1});
    field("member_id", member_id, {.since = 1});
    field("group_instance_id", group_instance_id, {.since = 7});
    field("retention_time_ms", retention_time_ms, {.since = 2, .until = 4});
    field("topics", topics);
  }
};

struct OffsetCommitResponse {
  static constexpr Api kApi = OffsetCommitRequest::kApi;

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
      field("name", name, {.until = 9});
      field("topic_id", topic_id, {.since = 10});
      field("partitions", partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 3});
    field("topics", topics);
  }
};

}  // namespace moldau
