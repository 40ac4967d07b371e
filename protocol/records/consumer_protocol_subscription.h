// ConsumerProtocolSubscription: what a consumer puts into JoinGroup as the metadata of its
// protocol.
//
// ConsumerProtocolSubscription:
//   v1: adds owned_partitions
//   v2: adds generation_id
//   v3: adds rack_id
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerProtocolSubscription {
  static constexpr Api kApi{.key = 0,
                            .name = "ConsumerProtocolSubscription",
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

  std::vector<std::string> topics;
  std::optional<Bytes> user_data;
  std::vector<TopicPartition> owned_partitions;
  int32_t generation_id = -1;
  std::optional<std::string> rack_id;

  void describe(auto& field) {
    field("topics", topics);
    field("user_data", user_data);
    field("owned_partitions", owned_partitions, {.since = 1});
    field("generation_id", generation_id, {.since = 2});
    field("rack_id", rack_id, {.since = 3});
  }
};

}  // namespace moldau
