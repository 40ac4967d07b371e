// ConsumerGroupPartitionMetadata records (key type 4): the partition counts that a consumer group
// has seen. No longer written by Kafka 4.1.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupPartitionMetadataKey {
  static constexpr Api kApi{.key = 4,
                            .name = "ConsumerGroupPartitionMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct ConsumerGroupPartitionMetadataValue {
  static constexpr Api kApi{.key = 4,
                            .name = "ConsumerGroupPartitionMetadataValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct PartitionMetadata {
    int32_t partition = 0;
    std::vector<std::string> racks;

    void describe(auto& field) {
      field("partition", partition);
      field("racks", racks);
    }
  };

  struct Topic {
    Uuid topic_id{};
    std::string topic_name;
    int32_t num_partitions = 0;
    std::vector<PartitionMetadata> partition_metadata;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("topic_name", topic_name);
      field("num_partitions", num_partitions);
      field("partition_metadata", partition_metadata);
    }
  };

  std::vector<Topic> topics;

  void describe(auto& field) { field("topics", topics); }
};

}  // namespace moldau
