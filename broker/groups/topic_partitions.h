// Sets of partitions by topic id, which is how KIP-848 speaks of what members own.
//
// The form is unique, so that equal sets compare equal: partitions are sorted and no topic is there
// without one. Every function here expects that form and gives it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "protocol/uuid.h"

namespace moldau {

using TopicPartitions = std::map<Uuid, std::vector<int32_t>>;

TopicPartitions union_of(const TopicPartitions& a, const TopicPartitions& b);
TopicPartitions difference_of(const TopicPartitions& a, const TopicPartitions& b);  // In a, not b.
TopicPartitions intersection_of(const TopicPartitions& a, const TopicPartitions& b);
bool contains_all(const TopicPartitions& all, const TopicPartitions& some);
bool contains(const TopicPartitions& all, const Uuid& topic_id, int32_t partition);
size_t count(const TopicPartitions& set);  // Partitions, not topics.

// Adds partitions in any order, with or without repetition.
void insert(TopicPartitions& set, const Uuid& topic_id, std::vector<int32_t> partitions);

// Brings what was put together in any other way into the form.
void normalize(TopicPartitions& set);

// From what messages and records carry: structs with topic_id and partitions, in any form.
template <class Listed>
TopicPartitions to_topic_partitions(const std::vector<Listed>& list) {
  TopicPartitions set;
  for (const Listed& topic : list) {
    std::vector<int32_t>& all = set[topic.topic_id];
    all.insert(all.end(), topic.partitions.begin(), topic.partitions.end());
  }
  normalize(set);
  return set;
}

// The other way: sorted by topic id.
template <class Listed>
std::vector<Listed> to_list(const TopicPartitions& set) {
  std::vector<Listed> list;
  list.reserve(set.size());
  for (const auto& [topic_id, partitions] : set) {
    Listed& topic = list.emplace_back();
    topic.topic_id = topic_id;
    topic.partitions = partitions;
  }
  return list;
}

}  // namespace moldau
