// DescribeLogDirs (API key 35), versions 0 to 5: the log directories of a broker and what they
// hold.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
//   v3: response adds error_code
//   v4: response adds results.total_bytes, results.usable_bytes
//   v5: response adds results.is_cordoned
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeLogDirsRequest {
  static constexpr Api kApi{
      .key = 35, .name = "DescribeLogDirs", .first = 0, .last = 5, .flexible = 2};

  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  std::optional<std::vector<Topic>> topics;

  void describe(auto& field) { field("topics", topics); }
};

struct DescribeLogDirsResponse {
  static constexpr Api kApi = DescribeLogDirsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int64_t partition_size = 0;
    int64_t offset_lag = 0;
    bool is_future_key = false;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("partition_size", partition_size);
      field("offset_lag", offset_lag);
      field("is_future_key", is_future_key);
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

  struct Result {
    int16_t error_code = 0;
    std::string log_dir;
    std::vector<Topic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;
    bool is_cordoned = false;

    void describe(auto& field) {
      field("error_code", error_code);
      field("log_dir", log_dir);
      field("topics", topics);
      field("total_bytes", total_bytes, {.since = 4});
      field("usable_bytes", usable_bytes, {.since = 4});
      field("is_cordoned", is_cordoned, {.since = 5});
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Result> results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code, {.since = 3});
    field("results", results);
  }
};

}  // namespace moldau
