// AlterReplicaLogDirs (API key 34), versions 0 to 2: moves replicas between the log directories
// of a broker.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterReplicaLogDirsRequest {
  static constexpr Api kApi{
      .key = 34, .name = "AlterReplicaLogDirs", .first = 0, .last = 2, .flexible = 2};

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  struct Dir {
    std::string path;
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("path", path);
      field("topics", topics);
    }
  };

  std::vector<Dir> dirs;

  void describe(auto& field) { field("dirs", dirs); }
};

struct AlterReplicaLogDirsResponse {
  static constexpr Api kApi = AlterReplicaLogDirsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
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

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("topics", topics);
  }
};

}  // namespace moldau
