// AlterShareGroupOffsets (API key 91), version 0: sets start offsets of a share group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterShareGroupOffsetsRequest {
  static constexpr Api kApi{
      .key = 91, .name = "AlterShareGroupOffsets", .first = 0, .last = 0, .flexible = 0};

  struct Partition {
    int32_t partition_index = 0;
    int64_t start_offset = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("start_offset", start_offset);
    }
  };

  struct Topic {
    std::string topic_name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_name", topic_name);
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

struct AlterShareGroupOffsetsResponse {
  static constexpr Api kApi = AlterShareGroupOffsetsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("partition_index", partition_index);
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

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("topics", topics);
  }
};

}  // namespace moldau
