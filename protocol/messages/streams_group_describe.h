// StreamsGroupDescribe (API key 89), versions 0 to 1: state and members of streams groups.
//
//   v1: request adds include_topology_description; response adds groups.topology_description,
//       groups.topology_description_status, groups.assignor_name
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupDescribeRequest {
  static constexpr Api kApi{
      .key = 89, .name = "StreamsGroupDescribe", .first = 0, .last = 1, .flexible = 0};

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;
  bool include_topology_description = false;

  void describe(auto& field) {
    field("group_ids", group_ids);
    field("include_authorized_operations", include_authorized_operations);
    field("include_topology_description", include_topology_description, {.since = 1});
  }
};

struct StreamsGroupDescribeResponse {
  static constexpr Api kApi = StreamsGroupDescribeRequest::kApi;

  struct KeyValue {
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
    std::vector<KeyValue> topic_configs;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
      field("replication_factor", replication_factor);
      field("topic_configs", topic_configs);
    }
  };

  struct Subtopology {
    std::string subtopology_id;
    std::vector<std::string> source_topics;
    std::vector<std::string> repartition_sink_topics;
    std::vector<TopicInfo> state_changelog_topics;
    std::vector<TopicInfo> repartition_source_topics;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("source_topics", source_topics);
      field("repartition_sink_topics", repartition_sink_topics);
      field("state_changelog_topics", state_changelog_topics);
      field("repartition_source_topics", repartition_source_topics);
    }
  };

  struct Topology {
    int32_t epoch = 0;
    std::optional<std::vector<Subtopology>> subtopologies;

    void describe(auto& field) {
      field("epoch", epoch);
      field("subtopologies", subtopologies);
    }
  };

  struct Endpoint {
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("host", host);
      field("port", port);
    }
  };

  struct TaskOffset {
    std::string subtopology_id;
    int32_t partition = 0;
    int64_t offset = 0;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("partition", partition);
      field("offset", offset);
    }
  };

  struct TaskIds {
    std::string subtopology_id;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("partitions", partitions);
    }
  };

  struct Assignment {
    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;

    void describe(auto& field) {
      field("active_tasks", active_tasks);
      field("standby_tasks", standby_tasks);
      field("warmup_tasks", warmup_tasks);
    }
  };

  struct Member {
    std::string member_id;
    int32_t member_epoch = 0;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    int32_t topology_epoch = 0;
    std::string process_id;
    std::optional<Endpoint> user_endpoint;
    std::vector<KeyValue> client_tags;
    std::vector<TaskOffset> task_offsets;
    std::vector<TaskOffset> task_end_offsets;
    Assignment assignment;
    Assignment target_assignment;
    bool is_classic = false;

    void describe(auto& field) {
      field("member_id", member_id);
      field("member_epoch", member_epoch);
      field("instance_id", instance_id);
      field("rack_id", rack_id);
      field("client_id", client_id);
      field("client_host", client_host);
      field("topology_epoch", topology_epoch);
      field("process_id", process_id);
      field("user_endpoint", user_endpoint);
      field("client_tags", client_tags);
      field("task_offsets", task_offsets);
      field("task_end_offsets", task_end_offsets);
      field("assignment", assignment);
      field("target_assignment", target_assignment);
      field("is_classic", is_classic);
    }
  };

  struct TopologyDescriptionNode {
    std::string name;
    int8_t node_type = 0;
    std::vector<std::string> source_topics;
    std::optional<std::string> sink_topic;
    std::vector<std::string> stores;
    std::vector<std::string> successors;

    void describe(auto& field) {
      field("name", name, {.since = 1});
      field("node_type", node_type, {.since = 1});
      field("source_topics", source_topics, {.since = 1});
      field("sink_topic", sink_topic, {.since = 1});
      field("stores", stores, {.since = 1});
      field("successors", successors, {.since = 1});
    }
  };

  struct TopologyDescriptionSubtopology {
    std::string subtopology_id;
    std::vector<TopologyDescriptionNode> nodes;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id, {.since = 1});
      field("nodes", nodes, {.since = 1});
    }
  };

  struct TopologyDescriptionGlobalStore {
    TopologyDescriptionNode source;
    TopologyDescriptionNode processor;

    void describe(auto& field) {
      field("source", source, {.since = 1});
      field("processor", processor, {.since = 1});
    }
  };

  struct TopologyDescription {
    std::vector<TopologyDescriptionSubtopology> subtopologies;
    std::vector<TopologyDescriptionGlobalStore> global_stores;

    void describe(auto& field) {
      field("subtopologies", subtopologies, {.since = 1});
      field("global_stores", global_stores, {.since = 1});
    }
  };

  struct Group {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::optional<Topology> topology;
    std::vector<Member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();
    std::optional<TopologyDescription> topology_description;
    int8_t topology_description_status = 0;
    std::optional<std::string> assignor_name;

    void describe(auto& field) {
      field("error_code", error_code);
      field("error_message", error_message);
      field("group_id", group_id);
      field("group_state", group_state);
      field("group_epoch", group_epoch);
      field("assignment_epoch", assignment_epoch);
      field("topology", topology);
      field("members", members);
      field("authorized_operations", authorized_operations);
      field("topology_description", topology_description, {.since = 1});
      field("topology_description_status", topology_description_status, {.since = 1});
      field("assignor_name", assignor_name, {.since = 1});
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("groups", groups);
  }
};

}  // namespace moldau
