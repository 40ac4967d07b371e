// DescribeShareGroupOffsets (API key 90), versions 0 to 1: start offsets of the partitions of
// share groups.
//
//   v1: response adds groups.topics.partitions.lag
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeShareGroupOffsetsRequest {
  static constexpr Api kApi{
      .key = 90, .name = "DescribeShareGroupOffsets", .first = 0, .last = 1, .flexible = 0};

  struct Topic {
    std::string topic_name;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  struct Group {
    std::string group_id;
    std::optional<std::vector<Topic>> topics;

    void describe(auto& field) {
      field("group_id", group_id);
      field("topics", topics);
    }
  };

  std::vector<Group> groups;

  void describe(auto& field) { field("groups", groups); }
};

struct DescribeShareGroupOffsetsResponse {
  static constexpr Api kApi = DescribeShareGroupOffsetsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int64_t start_offset = 0;
    int32_t leader_epoch = 0;
    int64_t lag = -1;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("start_offset", start_offset);
      field("leader_epoch", leader_epoch);
      field("lag", lag, {.since = 1});
      field("error_code", error_code);
      field("error_message", error_message);
    }
  };

  struct Topic {
    std::string topic_name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  struct Group {
    std::string group_id;
    std::vector<Topic> topics;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("group_id", group_id);
      field("topics", topics);
      field("error_code", error_code);
      field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("groups", groups);
  }
};

}  // namespace moldau
