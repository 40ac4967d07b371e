// Changes to a cluster's topics and brokers, for tests of what groups make of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/metadata/image.h"

namespace moldau {

inline Uuid topic_id(uint8_t number) {
  Uuid id{};
  id[0] = 0x70;
  id[15] = number;
  return id;
}

// From what it has, if anything, up to `count`. All on one replica set.
inline void add_partitions(ClusterImage& image, const Uuid& id, int32_t count,
                           const std::vector<int32_t>& replicas = {1}) {
  const TopicPointer topic = image.topic(id);
  std::vector<MetadataRecord> records;
  for (auto i = static_cast<int32_t>(topic->partitions.size()); i < count; ++i) {
    PartitionRecord partition;
    partition.partition_id = i;
    partition.topic_id = id;
    partition.replicas = partition.isr = replicas;
    partition.leader = replicas.empty() ? kNoLeader : replicas.front();
    partition.leader_epoch = 0;
    partition.partition_epoch = 0;
    records.emplace_back(partition);
  }
  image.apply(records).IgnoreError();
}

inline void create_topic(ClusterImage& image, const std::string& name, const Uuid& id,
                         int32_t partitions, const std::vector<int32_t>& replicas = {1}) {
  TopicRecord topic;
  topic.name = name;
  topic.topic_id = id;
  image.apply(topic).IgnoreError();
  add_partitions(image, id, partitions, replicas);
}

inline void delete_topic(ClusterImage& image, const Uuid& id) {
  RemoveTopicRecord gone;
  gone.topic_id = id;
  image.apply(gone).IgnoreError();
}

inline void register_broker(ClusterImage& image, int32_t id, std::optional<std::string> rack) {
  RegisterBrokerRecord broker;
  broker.broker_id = id;
  broker.rack = std::move(rack);
  image.apply(broker).IgnoreError();
}

}  // namespace moldau
