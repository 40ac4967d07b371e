// ConsumerProtocolAssignment: what the leader of a consumer group puts into SyncGroup for a
// member.
//
// ConsumerProtocolAssignment:
//   v1: same fields on the wire
//   v2: same fields on the wire
//   v3: same fields on the wire
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerProtocolAssignment {
  static constexpr Api kApi{.key = 0,
                            .name = "ConsumerProtocolAssignment",
                            .first = 0,
                            .last = 3,
                            .flexible = kNeverFlexible};

  struct TopicPartition {
    std::string topic;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  std::vector<TopicPartition> assigned_partitions;
  std::optional<Bytes> user_data;

  void describe(auto& field) {
    field("assigned_partitions", assigned_partitions);
    field("user_data", user_data);
  }
};

}  // namespace moldau
