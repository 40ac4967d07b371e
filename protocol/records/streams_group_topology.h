// StreamsGroupTopology records (key type 23): the topology of a streams group.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupTopologyKey {
  static constexpr Api kApi{.key = 23,
                            .name = "StreamsGroupTopologyKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;

  void describe(auto& field) { field("group_id", group_id); }
};

struct StreamsGroupTopologyValue {
  static constexpr Api kApi{
      .key = 23, .name = "StreamsGroupTopologyValue", .first = 0, .last = 0, .flexible = 0};

  struct TopicConfig {
    std::string key;
    std::string value;

    void describe(auto& field) {
      field("key", key);
      field("value", value);
    }
  };

  struct TopicInfo {
    std::string name;
    int32_t partitions = 0;
    int16_t replication_factor = 0;
    std::vector<TopicConfig> topic_configs;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
      field("replication_factor", replication_factor);
      field("topic_configs", topic_configs);
    }
  };

  struct CopartitionGroup {
    std::vector<int16_t> source_topics;
    std::vector<int16_t> source_topic_regex;
    std::vector<int16_t> repartition_source_topics;

    void describe(auto& field) {
      field("source_topics", source_topics);
      field("source_topic_regex", source_topic_regex);
      field("repartition_source_topics", repartition_source_topics);
    }
  };

  struct Subtopology {
    std::string subtopology_id;
    std::vector<std::string> source_topics;
    std::vector<std::string> source_topic_regex;
    std::vector<TopicInfo> state_changelog_topics;
    std::vector<std::string> repartition_sink_topics;
    std::vector<TopicInfo> repartition_source_topics;
    std::vector<CopartitionGroup> copartition_groups;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("source_topics", source_topics);
      field("source_topic_regex", source_topic_regex);
      field("state_changelog_topics", state_changelog_topics);
      field("repartition_sink_topics", repartition_sink_topics);
      field("repartition_source_topics", repartition_source_topics);
      field("copartition_groups", copartition_groups);
    }
  };

  int32_t epoch = 0;
  std::vector<Subtopology> subtopologies;

  void describe(auto& field) {
    field("epoch", epoch);
    field("subtopologies", subtopologies);
  }
};

}  // namespace moldau
