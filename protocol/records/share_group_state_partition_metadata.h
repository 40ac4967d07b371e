// ShareGroupStatePartitionMetadata records (key type 15): which share partitions of a group have
// state, or are getting or losing it.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupStatePartitionMetadataKey {
  static constexpr Api kApi{.key = 15,
                            .name = "ShareGroupStatePartitionMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct ShareGroupStatePartitionMetadataValue {
  static constexpr Api kApi{.key = 15,
                            .name = "ShareGroupStatePartitionMetadataValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TopicPartitionsInfo {
    Uuid topic_id{};
    std::string topic_name;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("topic_name", topic_name);
      field("partitions", partitions);
    }
  };

  struct TopicInfo {
    Uuid topic_id{};
    std::string topic_name;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("topic_name", topic_name);
    }
  };

  std::vector<TopicPartitionsInfo> initializing_topics;
  std::vector<TopicPartitionsInfo> initialized_topics;
  std::vector<TopicInfo> deleting_topics;

  void describe(auto& field) {
    field("initializing_topics", initializing_topics);
    field("initialized_topics", initialized_topics);
    field("deleting_topics", deleting_topics);
  }
};

}  // namespace moldau
