#include "broker/cli/topic_text.h"

#include <algorithm>
#include <set>

#include "broker/cli/json.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace moldau::cli {
namespace {

std::string ids(const std::optional<std::vector<int32_t>>& list) {
  return list ? absl::StrJoin(*list, ",") : "N/A";
}

int64_t min_insync_replicas(const TopicText& topic) {
  int64_t number = 1;
  for (const auto& [name, value] : topic.configs)
    if (name == "min.insync.replicas" && !absl::SimpleAtoi(value, &number)) number = 1;
  return number;
}

bool has_live_leader(const TopicText::Partition& partition, const DescribeFilter& filter) {
  return std::ranges::find(filter.live_brokers, partition.leader) != filter.live_brokers.end();
}

bool is_shown(const TopicText& topic, const TopicText::Partition& partition,
              const DescribeFilter& filter) {
  if (!filter.is_about_partitions()) return true;
  const auto in_sync = static_cast<int64_t>(partition.isr.size());
  return (filter.under_replicated && partition.isr.size() < partition.replicas.size()) ||
         (filter.unavailable && !has_live_leader(partition, filter)) ||
         (filter.under_min_isr && in_sync < min_insync_replicas(topic)) ||
         (filter.at_min_isr && in_sync == min_insync_replicas(topic));
}

std::string header(const TopicText& topic) {
  const size_t replicas = topic.partitions.empty() ? 0 : topic.partitions[0].replicas.size();
  return absl::StrCat(
      "Topic: ", topic.name, "\tTopicId: ", topic.topic_id,
      "\tPartitionCount: ", topic.partitions.size(), "\tReplicationFactor: ", replicas,
      "\tConfigs: ", absl::StrJoin(topic.configs, ",", absl::PairFormatter("=")), "\n");
}

std::string partition_line(const TopicText& topic, const TopicText::Partition& partition) {
  return absl::StrCat(
      "\tTopic: ", topic.name, "\tPartition: ", partition.index,
      "\tLeader: ", partition.leader < 0 ? "none" : std::to_string(partition.leader),
      "\tReplicas: ", absl::StrJoin(partition.replicas, ","),
      "\tIsr: ", absl::StrJoin(partition.isr, ","), "\tElr: ", ids(partition.eligible),
      "\tLastKnownElr: ", ids(partition.last_known_eligible), "\n");
}

std::string json_ids(const std::vector<int32_t>& list) {
  return absl::StrCat("[", absl::StrJoin(list, ","), "]");
}

}  // namespace

std::string describe_text(const TopicText& topic, const DescribeFilter& filter) {
  if (filter.with_overrides) return topic.configs.empty() ? "" : header(topic);
  std::string text = filter.is_about_partitions() ? "" : header(topic);
  for (const auto& partition : topic.partitions)
    if (is_shown(topic, partition, filter)) text += partition_line(topic, partition);
  return text;
}

std::string describe_json(const TopicText& topic) {
  std::vector<std::string> partitions;
  for (const auto& partition : topic.partitions)
    partitions.push_back(JsonObject()
                             .number("partition", partition.index)
                             .number("leader", partition.leader)
                             .raw("replicas", json_ids(partition.replicas))
                             .raw("isr", json_ids(partition.isr))
                             .done());
  JsonObject configs;
  for (const auto& [name, value] : topic.configs) configs.text(name, value);
  return JsonObject()
      .text("topic", topic.name)
      .text("topicId", topic.topic_id)
      .raw("configs", configs.done())
      .raw("partitions", json_array(partitions))
      .done();
}

absl::StatusOr<std::vector<std::vector<int32_t>>> parse_replica_assignment(
    const std::string& text) {
  std::vector<std::vector<int32_t>> partitions;
  for (absl::string_view partition : absl::StrSplit(text, ',')) {
    std::vector<int32_t> brokers;
    for (absl::string_view word : absl::StrSplit(partition, ':')) {
      int32_t id = 0;
      if (!absl::SimpleAtoi(word, &id))
        return absl::InvalidArgumentError(
            absl::StrCat("\"", text, "\" is not a replica assignment such as 1:2,2:3"));
      brokers.push_back(id);
    }
    if (std::set(brokers.begin(), brokers.end()).size() != brokers.size())
      return absl::InvalidArgumentError(absl::StrCat(
          "Partition replica lists may not contain duplicate entries: ", std::string(partition)));
    if (!partitions.empty() && partitions[0].size() != brokers.size())
      return absl::InvalidArgumentError(
          absl::StrCat("Partition ", partitions.size(),
                       " has different replication factor: ", absl::StrJoin(brokers, ",")));
    partitions.push_back(std::move(brokers));
  }
  return partitions;
}

}  // namespace moldau::cli
