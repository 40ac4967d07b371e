// The metadata hash of a consumer group (KIP-1101): it changes when something changes in the
// subscribed topics that an assignor has to know.
//
//   subscription := hash of the topics that exist, by name, as 8 bytes each; 0 without any
//   topic        := 0:int8 id_high:int64 id_low:int64 name:text partition_count:int32 partition*
//   partition    := index:int32 rack*    racks of its replicas, sorted, one a replica
//   rack         := length:int32 text
//   text         := UTF-16 units, 2 bytes each, then their number:int32
//
// all in little endian, hashed by XXH3 to 64 bits. The value is what Kafka 4.1 and later store in
// ConsumerGroupMetadataValue.metadata_hash, so a group may move between the two without a new
// epoch.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "replication/metadata/image.h"

namespace moldau {

int64_t topic_hash(const TopicImage& topic, const ClusterImage& image);

// Topics that the image does not have are left out.
int64_t subscription_hash(const std::set<std::string>& topics, const ClusterImage& image);

}  // namespace moldau
