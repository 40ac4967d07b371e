#include "broker/config/group_configs.h"

#include <algorithm>
#include <array>
#include <string>

#include "broker/config/definitions.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

struct GroupConfig {
  ConfigDefinition definition;
  int32_t default_value = 0;
  int32_t least = 0, most = 0;
  const char* least_name = "";
  const char* most_name = "";
};

std::array<GroupConfig, 2> group_configs(const Config& config) {
  return {GroupConfig{
              .definition = {.name = "consumer.heartbeat.interval.ms",
                             .type = ConfigType::kInt,
                             .allowed = "1..",
                             .documentation = "How often members of this group send a heartbeat."},
              .default_value = config.get<"group.consumer.heartbeat.interval.ms">(),
              .least = config.get<"group.consumer.min.heartbeat.interval.ms">(),
              .most = config.get<"group.consumer.max.heartbeat.interval.ms">(),
              .least_name = "group.consumer.min.heartbeat.interval.ms",
              .most_name = "group.consumer.max.heartbeat.interval.ms"},
          GroupConfig{
              .definition = {.name = "consumer.session.timeout.ms",
                             .type = ConfigType::kInt,
                             .allowed = "1..",
                             .documentation = "After so long without a heartbeat a member of this "
                                              "group is out."},
              .default_value = config.get<"group.consumer.session.timeout.ms">(),
              .least = config.get<"group.consumer.min.session.timeout.ms">(),
              .most = config.get<"group.consumer.max.session.timeout.ms">(),
              .least_name = "group.consumer.min.session.timeout.ms",
              .most_name = "group.consumer.max.session.timeout.ms"}};
}

absl::Status validate(const GroupConfig& key, std::string_view value) {
  const auto parsed = parse_value(key.definition, value);
  if (!parsed.ok()) return parsed.status();
  const std::string name(key.definition.name);
  if (parsed->integer < key.least)
    return absl::InvalidArgumentError(absl::StrCat(name, " must be greater than or equal to ",
                                                   key.least_name, " (", key.least, ")"));
  if (parsed->integer > key.most)
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be less than or equal to ", key.most_name, " (", key.most, ")"));
  return absl::OkStatus();
}

}  // namespace

std::vector<ConfigEntry> describe_group_config(const Config& config, const ConfigMap& overrides) {
  std::vector<ConfigEntry> entries;
  for (const auto& key : group_configs(config)) {
    ConfigEntry entry{.name = std::string(key.definition.name),
                      .value = std::to_string(key.default_value),
                      .source = ConfigSource::kDefault,
                      .type = key.definition.type,
                      .documentation = key.definition.documentation};
    entry.synonyms.push_back(
        {.name = entry.name, .value = entry.value, .source = ConfigSource::kDefault});
    if (const auto it = overrides.find(entry.name); it != overrides.end()) {
      entry.value = it->second;
      entry.source = ConfigSource::kGroup;
      entry.synonyms.insert(
          entry.synonyms.begin(),
          {.name = entry.name, .value = entry.value, .source = ConfigSource::kGroup});
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::Status validate_group_configs(const Config& config, const ConfigMap& overrides) {
  const auto keys = group_configs(config);
  for (const auto& [name, value] : overrides) {
    const auto key = std::ranges::find_if(
        keys, [&](const GroupConfig& known) { return known.definition.name == name; });
    if (key == keys.end())
      return absl::InvalidArgumentError(absl::StrCat("Unknown group config name: ", name));
    if (auto status = validate(*key, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace moldau
