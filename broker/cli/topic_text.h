// How kafka-topics prints topics, and reads replica assignments: without any network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau::cli {

using ConfigPair = std::pair<std::string, std::string>;

struct TopicText {
  struct Partition {
    int32_t index = 0;
    int32_t leader = -1;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
    std::optional<std::vector<int32_t>> eligible;  // Not set: the broker does not say.
    std::optional<std::vector<int32_t>> last_known_eligible;
  };
  std::string name;
  std::string topic_id;
  std::vector<ConfigPair> configs;
  std::vector<Partition> partitions;
};

struct DescribeFilter {
  bool under_replicated = false;
  bool unavailable = false;
  bool under_min_isr = false;
  bool at_min_isr = false;
  bool with_overrides = false;
  std::vector<int32_t> live_brokers;

  bool is_about_partitions() const {
    return under_replicated || unavailable || under_min_isr || at_min_isr;
  }
};

// `Topic: X\tTopicId: ...` and a line a partition; with a filter on partitions only their lines.
std::string describe_text(const TopicText& topic, const DescribeFilter& filter);
std::string describe_json(const TopicText& topic);

// "1:2,2:3": the brokers of each partition. InvalidArgument if it is not of that form, has a broker
// twice in a partition, or partitions of different sizes.
absl::StatusOr<std::vector<std::vector<int32_t>>> parse_replica_assignment(const std::string& text);

}  // namespace moldau::cli
