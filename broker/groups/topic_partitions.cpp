#include "broker/groups/topic_partitions.h"

#include <iterator>

namespace moldau {
namespace {

using Partitions = std::vector<int32_t>;

const Partitions* partitions_of(const TopicPartitions& set, const Uuid& topic_id) {
  auto found = set.find(topic_id);
  return found == set.end() ? nullptr : &found->second;
}

void sort_and_deduplicate(Partitions& partitions) {
  std::ranges::sort(partitions);
  partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
}

}  // namespace

void insert(TopicPartitions& set, const Uuid& topic_id, Partitions partitions) {
  if (partitions.empty()) return;
  Partitions& all = set[topic_id];
  all.insert(all.end(), partitions.begin(), partitions.end());
  sort_and_deduplicate(all);
}

void normalize(TopicPartitions& set) {
  for (auto& [topic_id, partitions] : set) sort_and_deduplicate(partitions);
  std::erase_if(set, [](const auto& topic) { return topic.second.empty(); });
}

TopicPartitions union_of(const TopicPartitions& a, const TopicPartitions& b) {
  TopicPartitions both = a;
  for (const auto& [topic_id, partitions] : b) insert(both, topic_id, partitions);
  return both;
}

TopicPartitions difference_of(const TopicPartitions& a, const TopicPartitions& b) {
  TopicPartitions left;
  for (const auto& [topic_id, partitions] : a) {
    const Partitions* taken = partitions_of(b, topic_id);
    Partitions rest;
    std::ranges::set_difference(partitions, taken ? *taken : Partitions{},
                                std::back_inserter(rest));
    if (!rest.empty()) left.emplace(topic_id, std::move(rest));
  }
  return left;
}

TopicPartitions intersection_of(const TopicPartitions& a, const TopicPartitions& b) {
  TopicPartitions common;
  for (const auto& [topic_id, partitions] : a) {
    const Partitions* others = partitions_of(b, topic_id);
    if (!others) continue;
    Partitions shared;
    std::ranges::set_intersection(partitions, *others, std::back_inserter(shared));
    if (!shared.empty()) common.emplace(topic_id, std::move(shared));
  }
  return common;
}

bool contains_all(const TopicPartitions& all, const TopicPartitions& some) {
  return std::ranges::all_of(some, [&](const auto& topic) {
    const Partitions* held = partitions_of(all, topic.first);
    return held && std::ranges::includes(*held, topic.second);
  });
}

bool contains(const TopicPartitions& all, const Uuid& topic_id, int32_t partition) {
  const Partitions* held = partitions_of(all, topic_id);
  return held && std::ranges::binary_search(*held, partition);
}

size_t count(const TopicPartitions& set) {
  size_t sum = 0;
  for (const auto& [topic_id, partitions] : set) sum += partitions.size();
  return sum;
}

}  // namespace moldau
