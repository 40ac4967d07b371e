// OffsetFetch (API key 9), versions 0 to 10: reads the committed offsets of one group or, from
// v8, of several.
//
//   v1: offsets are kept by the group coordinator
//   v2: request lets topics be null; response adds error_code; null topics asks for all
//   v3: response adds throttle_time_ms
//   v4: the answer may be throttled before it is sent
//   v5: response adds topics.partitions.committed_leader_epoch
//   v6: flexible encoding with tagged fields
//   v7: request adds require_stable; waiting out pending transactions (KIP-447)
//   v8: request drops group_id, topics; request adds groups; response drops topics, error_code;
//       response adds groups; several groups at once (KIP-709)
//   v9: request adds groups.member_id, groups.member_epoch; groups of the KIP-848 protocol
//   v10: request drops groups.topics.name; request adds groups.topics.topic_id; response drops
//       groups.topics.name; response adds groups.topics.topic_id; topic ids
#pragma once

#include "protocol/message.h"

namespace moldau {

struct OffsetFetchRequest {
  static constexpr Api kApi{.key = 9, .name = "OffsetFetch", .first = 0, .last = 10, .flexible = 6};

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<int32_t> partition_indexes;

    void describe(auto& field) {
      field("name", name, {.until = 9});
      field("topic_id", topic_id, {.since = 10});
      field("partition_indexes", partition_indexes);
    }
  };

  struct Group {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<Topic>> topics;

    void describe(auto& field) {
      field("group_id", group_id);
      field("member_id", member_id, {.since = 9});
      field("member_epoch", member_epoch, {.since = 9});
      field("topics", topics);
    }
  };

  std::string group_id;
  std::optional<std::vector<Topic>> topics;
  std::vector<Group> groups;
  bool require_stable = false;

  void describe(auto& field) {
    field("group_id", group_id, {.until = 7});
    field("topics", topics, {.until = 7, .nullable_since = 2});
    field("groups", groups, {.since = 8});
    field("require_stable", require_stable, {.since = 7});
  }
};

struct OffsetFetchResponse {
  static constexpr Api kApi = OffsetFetchRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("committed_offset", committed_offset);
      field("committed_leader_epoch", committed_leader_epoch, {.since = 5});
      field("metadata", metadata);
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

  struct Group {
    std::string group_id;
    std::vector<Topic> topics;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("group_id", group_id);
      field("topics", topics);
      field("error_code", error_code);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  int16_t error_code = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms, {.since = 3});
    field("topics", topics, {.until = 7});
    field("error_code", error_code, {.since = 2, .until = 7});
    field("groups", groups, {.since = 8});
  }
};

}  // namespace moldau
