// StreamsGroupTopologyDescriptionUpdate (API key 93), version 0: a streams client stores a
// readable description of its topology (KIP-1331).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupTopologyDescriptionUpdateRequest {
  static constexpr Api kApi{.key = 93,
                            .name = "StreamsGroupTopologyDescriptionUpdate",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TopologyDescriptionNode {
    std::string name;
    int8_t node_type = 0;
    std::vector<std::string> source_topics;
    std::optional<std::string> sink_topic;
    std::vector<std::string> stores;
    std::vector<std::string> successors;

    void describe(auto& field) {
      field("name", name);
      field("node_type", node_type);
      field("source_topics", source_topics);
      field("sink_topic", sink_topic);
      field("stores", stores);
      field("successors", successors);
    }
  };

  struct TopologyDescriptionSubtopology {
    std::string subtopology_id;
    std::vector<TopologyDescriptionNode> nodes;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("nodes", nodes);
    }
  };

  struct TopologyDescriptionGlobalStore {
    TopologyDescriptionNode source;
    TopologyDescriptionNode processor;

    void describe(auto& field) {
      field("source", source);
      field("processor", processor);
    }
  };

  struct TopologyDescription {
    std::vector<TopologyDescriptionSubtopology> subtopologies;
    std::vector<TopologyDescriptionGlobalStore> global_stores;

    void describe(auto& field) {
      field("subtopologies", subtopologies);
      field("global_stores", global_stores);
    }
  };

  std::string group_id;
  std::string member_id;
  int32_t topology_epoch = 0;
  TopologyDescription topology_description;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("topology_epoch", topology_epoch);
    field("topology_description", topology_description);
  }
};

struct StreamsGroupTopologyDescriptionUpdateResponse {
  static constexpr Api kApi = StreamsGroupTopologyDescriptionUpdateRequest::kApi;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
  }
};

}  // namespace moldau
