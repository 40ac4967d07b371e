// DeleteRecords (API key 21), versions 0 to 2: moves the log start offset of partitions forward.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DeleteRecordsRequest {
  static constexpr Api kApi{
      .key = 21, .name = "DeleteRecords", .first = 0, .last = 2, .flexible = 2};

  struct Partition {
    int32_t partition_index = 0;
    int64_t offset = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("offset", offset);
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

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  void describe(auto& field) {
    field("topics", topics);
    field("timeout_ms", timeout_ms);
  }
};

struct DeleteRecordsResponse {
  static constexpr Api kApi = DeleteRecordsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int64_t low_watermark = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("low_watermark", low_watermark);
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

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
  }
};

}  // namespace moldau
