// A controller whose decisions are applied at once: for tests of what it decides.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "replication/metadata/controller.h"

namespace moldau {

// A table of three settings.
class SomeConfigs final : public ConfigValidator {
 public:
  std::optional<std::string> error(const ConfigResource& resource,
                                   const Configs& configs) const override {
    for (const auto& [name, value] : configs) {
      if (name != "retention.ms" && name != "cleanup.policy" && name != "segment.bytes") {
        return (resource.type == ConfigResourceType::kTopic ? "Unknown topic config name: "
                                                            : "Unknown config name: ") +
               name;
      }
      if (name == "retention.ms" && value.find_first_not_of("-0123456789") != std::string::npos) {
        return "Invalid value " + value + " for configuration retention.ms: Not a number";
      }
    }
    return std::nullopt;
  }
  bool is_list(ConfigResourceType, std::string_view name) const override {
    return name == "cleanup.policy";
  }
  std::optional<std::string> default_value(ConfigResourceType,
                                           std::string_view name) const override {
    if (name == "cleanup.policy") return "delete";
    return std::nullopt;
  }
  std::vector<CreateTopicsResponse::Config> describe_topic(
      const Configs& overrides) const override {
    std::vector<CreateTopicsResponse::Config> all;
    for (const auto& [name, value] : overrides) {
      all.push_back({.name = name, .value = value, .config_source = 1});
    }
    return all;
  }
};

inline Uuid uuid_of(uint8_t number) {
  Uuid id{};
  id[0] = 0xaa;
  id[15] = number;
  return id;
}

class Cluster {
 public:
  explicit Cluster(int brokers = 1)
      : controller({.cluster_id = "cluster",
                    .node_id = 1,
                    .configs = &configs,
                    .new_uuid = [n = uint8_t{0}]() mutable { return uuid_of(++n); }}) {
    FeatureLevelRecord version;
    version.name = kMetadataVersionFeature;
    version.feature_level = 25;
    apply({version});
    for (int32_t id = 1; id <= brokers; ++id) add_broker(id);
  }

  void add_broker(int32_t id) {
    BrokerRegistrationRequest request = registration(id);
    const auto response = commit(controller.register_broker(request));
    EXPECT_EQ(response.error_code, 0);
    EXPECT_EQ(commit(controller.unfence_broker(id, response.broker_epoch)), ErrorCode::kNone);
  }
  static BrokerRegistrationRequest registration(int32_t id) {
    BrokerRegistrationRequest request;
    request.broker_id = id;
    request.cluster_id = "cluster";
    request.incarnation_id = uuid_of(static_cast<uint8_t>(100 + id));
    request.log_dirs = {uuid_of(static_cast<uint8_t>(200 + id))};
    request.features.push_back({kMetadataVersionFeature, 7, 25});
    request.listeners.push_back({"PLAINTEXT", "host", 9092, 0});
    return request;
  }

  void apply(const std::vector<MetadataRecord>& records) {
    next += static_cast<int64_t>(records.size());
    EXPECT_TRUE(controller.apply(records, next - 1, 1).ok());
    controller.set_next_offset(next);
    last = records;
  }
  template <class R>
  R commit(Decision<R> decision) {
    apply(decision.records);
    return std::move(decision.response);
  }

  CreateTopicsResponse::Topic create(CreateTopicsRequest::Topic topic) {
    CreateTopicsRequest request;
    request.topics.push_back(std::move(topic));
    return commit(controller.create_topics(request)).topics.front();
  }
  CreateTopicsResponse::Topic create(const std::string& name, int32_t partitions = 1,
                                     int16_t replicas = 1) {
    return create(CreateTopicsRequest::Topic{
        .name = name, .num_partitions = partitions, .replication_factor = replicas});
  }
  const ClusterImage& image() const { return controller.image(); }
  const PartitionImage& partition(const std::string& topic, int32_t number) const {
    return *image().partition(topic, number);
  }

  SomeConfigs configs;
  Controller controller;
  int64_t next = 0;
  std::vector<MetadataRecord> last;  // Of the last decision.
};

// "ERROR_NAME: message" of a result, "OK" of one without an error.
template <class Result>
std::string verdict(const Result& result) {
  if (result.error_code == 0) return "OK";
  return std::string(name(static_cast<ErrorCode>(result.error_code))) + ": " +
         result.error_message.value_or("-");
}

}  // namespace moldau
