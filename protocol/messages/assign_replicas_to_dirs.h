// AssignReplicasToDirs (API key 73), version 0: a broker tells the controller which log
// directories its replicas live in.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AssignReplicasToDirsRequest {
  static constexpr Api kApi{
      .key = 73, .name = "AssignReplicasToDirs", .first = 0, .last = 0, .flexible = 0};

  struct Partition {
    int32_t partition_index = 0;

    void describe(auto& field) { field("partition_index", partition_index); }
  };

  struct Topic {
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  struct Directory {
    Uuid id{};
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("id", id);
      field("topics", topics);
    }
  };

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  std::vector<Directory> directories;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
    field("directories", directories);
  }
};

struct AssignReplicasToDirsResponse {
  static constexpr Api kApi = AssignReplicasToDirsRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
    }
  };

  struct Topic {
    Uuid topic_id{};
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  struct Directory {
    Uuid id{};
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("id", id);
      field("topics", topics);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<Directory> directories;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("directories", directories);
  }
};

}  // namespace moldau
