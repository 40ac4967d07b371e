// What a topic or a broker is really configured with, and why: pure functions of the broker's own
// configuration, of what was set on brokers while running, and of the topic's overrides.
//
// Topic: overrides < this broker, dynamic < cluster default, dynamic < static < default, where "<"
// reads "goes before" (KIP-226).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config.h"
#include "broker/config/definition.h"
#include "storage/log.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// A topic's configuration, read. `log` is what the log obeys, the rest its replica.
struct TopicConfig {
  LogConfig log;
  int32_t min_insync_replicas = 1;
  // acks=all answers once durable when 1 (Moldau's default); otherwise as Kafka: once in the page
  // cache, with a sync every that many records or milliseconds. INT64_MAX: left to the system.
  int64_t flush_messages = 1;
  int64_t flush_ms = INT64_MAX;
  bool unclean_leader_election = false;
  bool message_downconversion = true;
  // Compaction.
  int64_t delete_retention_ms = 24LL * 3600 * 1000;
  int64_t min_compaction_lag_ms = 0;
  int64_t max_compaction_lag_ms = INT64_MAX;
  double min_cleanable_dirty_ratio = 0.5;
};

TopicConfig effective_topic_config(const Config& config, const DynamicBrokerConfigs& dynamic,
                                   const ConfigMap& overrides);

// One key as DescribeConfigs v1+ answers it. Sensitive values are left out.
struct ConfigEntry {
  struct Synonym {
    std::string name;
    std::optional<std::string> value;
    ConfigSource source = ConfigSource::kDefault;
  };
  std::string name;
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::kDefault;
  ConfigType type = ConfigType::kUnknown;
  bool is_read_only = false;
  bool is_sensitive = false;
  std::string_view documentation;
  std::vector<Synonym> synonyms;  // Strongest first, the value's own source included.

  bool is_default() const { return source == ConfigSource::kDefault; }
};

std::vector<ConfigEntry> describe_topic_config(const Config& config,
                                               const DynamicBrokerConfigs& dynamic,
                                               const ConfigMap& overrides);
std::vector<ConfigEntry> describe_broker_config(const Config& config,
                                                const DynamicBrokerConfigs& dynamic);
// DescribeConfigs of the broker "": the cluster's dynamic defaults alone.
std::vector<ConfigEntry> describe_cluster_default_config(const DynamicBrokerConfigs& dynamic);

// All of a topic's overrides together, as CreateTopics and AlterConfigs bring them. InvalidArgument
// with Kafka's text; the code to answer is INVALID_CONFIG.
absl::Status validate_topic_configs(const ConfigMap& overrides);
// One of them.
absl::Status validate_topic_config(std::string_view name, std::string_view value);

// A broker's dynamic overrides. A cluster-wide set takes no per-broker key; a read-only key is
// refused in both.
absl::Status validate_dynamic_broker_config(std::string_view name, std::string_view value,
                                            bool is_cluster_default);

// IncrementalAlterConfigs (KIP-339).
enum class AlterConfigOp : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };
struct ConfigAlteration {
  std::string name;
  AlterConfigOp op = AlterConfigOp::kSet;
  std::optional<std::string> value;
};
enum class AlterableResource { kTopic, kBroker, kClusterDefault };

// The overrides after `alterations`, of which only the form is checked: InvalidArgument (answered
// INVALID_REQUEST) for a key named twice or a null value, FailedPrecondition (INVALID_CONFIG) for
// append or subtract on what is not a list. `config`, with what is dynamic laid over it, gives the
// value that a key without override has.
absl::StatusOr<ConfigMap> alter_configs(const ConfigMap& overrides,
                                        const std::vector<ConfigAlteration>& alterations,
                                        AlterableResource resource, const Config& config);

}  // namespace moldau
