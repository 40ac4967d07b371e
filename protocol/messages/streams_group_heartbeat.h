// StreamsGroupHeartbeat (API key 88), versions 0 to 1: joins, keeps up with and leaves a streams
// group (KIP-1071).
//
//   v1: response drops acceptable_recovery_lag_legacy; response adds acceptable_recovery_lag,
//       topology_description_required
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupHeartbeatRequest {
  static constexpr Api kApi{
      .key = 88, .name = "StreamsGroupHeartbeat", .first = 0, .last = 1, .flexible = 0};

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

  struct Topology {
    int32_t epoch = 0;
    std::vector<Subtopology> subtopologies;

    void describe(auto& field) {
      field("epoch", epoch);
      field("subtopologies", subtopologies);
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

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  int32_t endpoint_information_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<Topology> topology;
  std::optional<std::vector<TaskIds>> active_tasks;
  std::optional<std::vector<TaskIds>> standby_tasks;
  std::optional<std::vector<TaskIds>> warmup_tasks;
  std::optional<std::string> process_id;
  std::optional<Endpoint> user_endpoint;
  std::optional<std::vector<KeyValue>> client_tags;
  std::optional<std::vector<TaskOffset>> task_offsets;
  std::optional<std::vector<TaskOffset>> task_end_offsets;
  bool shutdown_application = false;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
    field("member_epoch", member_epoch);
    field("endpoint_information_epoch", endpoint_information_epoch);
    field("instance_id", instance_id);
    field("rack_id", rack_id);
    field("rebalance_timeout_ms", rebalance_timeout_ms);
    field("topology", topology);
    field("active_tasks", active_tasks);
    field("standby_tasks", standby_tasks);
    field("warmup_tasks", warmup_tasks);
    field("process_id", process_id);
    field("user_endpoint", user_endpoint);
    field("client_tags", client_tags);
    field("task_offsets", task_offsets);
    field("task_end_offsets", task_end_offsets);
    field("shutdown_application", shutdown_application);
  }
};

struct StreamsGroupHeartbeatResponse {
  static constexpr Api kApi = StreamsGroupHeartbeatRequest::kApi;

  struct Status {
    int8_t status_code = 0;
    std::string status_detail;

    void describe(auto& field) {
      field("status_code", status_code);
      field("status_detail", status_detail);
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

  struct Endpoint {
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("host", host);
      field("port", port);
    }
  };

  struct TopicPartition {
    std::string topic;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic", topic);
      field("partitions", partitions);
    }
  };

  struct EndpointToPartitions {
    Endpoint user_endpoint;
    std::vector<TopicPartition> active_partitions;
    std::vector<TopicPartition> standby_partitions;

    void describe(auto& field) {
      field("user_endpoint", user_endpoint);
      field("active_partitions", active_partitions);
      field("standby_partitions", standby_partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::string member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  int32_t acceptable_recovery_lag_legacy = 0;
  int32_t task_offset_interval_ms = 0;
  int64_t acceptable_recovery_lag = -1;
  std::optional<std::vector<Status>> status;
  std::optional<std::vector<TaskIds>> active_tasks;
  std::optional<std::vector<TaskIds>> standby_tasks;
  std::optional<std::vector<TaskIds>> warmup_tasks;
  bool topology_description_required = false;
  int32_t endpoint_information_epoch = 0;
  std::optional<std::vector<EndpointToPartitions>> partitions_by_user_endpoint;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("member_id", member_id);
    field("member_epoch", member_epoch);
    field("heartbeat_interval_ms", heartbeat_interval_ms);
    field("acceptable_recovery_lag_legacy", acceptable_recovery_lag_legacy, {.until = 0});
    field("task_offset_interval_ms", task_offset_interval_ms);
    field("acceptable_recovery_lag", acceptable_recovery_lag, {.since = 1});
    field("status", status);
    field("active_tasks", active_tasks);
    field("standby_tasks", standby_tasks);
    field("warmup_tasks", warmup_tasks);
    field("topology_description_required", topology_description_required, {.since = 1});
    field("endpoint_information_epoch", endpoint_information_epoch);
    field("partitions_by_user_endpoint", partitions_by_user_endpoint);
  }
};

}  // namespace moldau
