// OffsetDelete (API key 47), version 0: deletes committed offsets of a group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct OffsetDeleteRequest {
  static constexpr Api kApi{
      .key = 47, .name = "OffsetDelete", .first = 0, .last = 0, .flexible = kNeverFlexible};

  struct Partition {
    int32_t partition_index = 0;

    void describe(auto& field) { field("partition_index", partition_index); }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  std::string group_id;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("group_id", group_id);
    field("topics", topics);
  }
};

struct OffsetDeleteResponse {
  static constexpr Api kApi = OffsetDeleteRequest::kApi;

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
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  int16_t error_code = 0;
  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("error_code", error_code);
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
  }
};

}  // namespace moldau
