#include "broker/config_validator.h"

#include "broker/config/definitions.h"
#include "broker/config/effective.h"
#include "broker/config/group_configs.h"

namespace moldau {

std::optional<std::string> TableConfigValidator::error(const ConfigResource& resource,
                                                       const Configs& configs) const {
  absl::Status status;
  if (resource.type == ConfigResourceType::kTopic) {
    status = validate_topic_configs(configs);
  } else if (resource.type == ConfigResourceType::kGroup) {
    status = validate_group_configs(config_, configs);
  } else {
    for (const auto& [name, value] : configs)
      status.Update(validate_dynamic_broker_config(name, value, resource.name.empty()));
  }
  if (status.ok()) return std::nullopt;
  return std::string(status.message());
}

bool TableConfigValidator::is_list(ConfigResourceType type, std::string_view name) const {
  const ConfigDefinition* definition = nullptr;
  if (type == ConfigResourceType::kTopic)
    definition = find_topic_config(name);
  else
    definition = find_broker_config(name);
  return definition && definition->type == ConfigType::kList;
}

std::optional<std::string> TableConfigValidator::default_value(ConfigResourceType type,
                                                               std::string_view name) const {
  if (type == ConfigResourceType::kTopic) {
    for (const auto& entry : describe_topic_config(config_, {}, {}))
      if (entry.name == name) return entry.value;
    return std::nullopt;
  }
  const auto* setting = config_.setting(name);
  return setting ? setting->text : std::nullopt;
}

std::vector<CreateTopicsResponse::Config> TableConfigValidator::describe_topic(
    const Configs& overrides) const {
  std::vector<CreateTopicsResponse::Config> described;
  for (auto& entry : describe_topic_config(config_, {}, overrides))
    described.push_back({.name = std::move(entry.name),
                         .value = std::move(entry.value),
                         .read_only = entry.is_read_only,
                         .config_source = static_cast<int8_t>(entry.source),
                         .is_sensitive = entry.is_sensitive});
  return described;
}

}  // namespace moldau
