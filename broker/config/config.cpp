#include "broker/config/config.h"

#include <utility>

#include "broker/config/definitions.h"
#include "broker/config/listeners.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau {
namespace {

constexpr size_t kKeys = std::size(kBrokerConfigs);

size_t index_in_table(const ConfigDefinition& definition) {
  return static_cast<size_t>(&definition - std::begin(kBrokerConfigs));
}

Config::Setting make_setting(ParsedValue parsed, ConfigSource source, std::string origin) {
  return {.text = std::move(parsed.text),
          .source = source,
          .origin = std::move(origin),
          .boolean = parsed.boolean,
          .integer = parsed.integer,
          .real = parsed.real,
          .list = std::move(parsed.list)};
}

const std::vector<Config::Setting>& default_settings() {
  static const auto* const kDefaults = [] {
    auto* settings = new std::vector<Config::Setting>(kKeys);
    for (size_t i = 0; i < kKeys; ++i) {
      const ConfigDefinition& definition = kBrokerConfigs[i];
      if (definition.default_value == nullptr) continue;
      ConfigDefinition unchecked = definition;  // An empty text may stand for "not set".
      unchecked.allowed = {};
      auto parsed = parse_value(unchecked, definition.default_value);
      (*settings)[i] = make_setting(std::move(parsed).value(), ConfigSource::kDefault, "default");
    }
    return settings;
  }();
  return *kDefaults;
}

// Kafka lets most keys be prefixed by "listener.name.<listener>." for one listener.
std::string_view without_listener_prefix(std::string_view key) {
  constexpr std::string_view kPrefix = "listener.name.";
  if (!key.starts_with(kPrefix)) return key;
  const size_t dot = key.find('.', kPrefix.size());
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

std::string unknown_key_warning(const RawSetting& setting) {
  const std::string_view nearest = nearest_broker_config(setting.key);
  std::string text = absl::StrCat(setting.origin, ": unknown key ", setting.key);
  if (!nearest.empty()) absl::StrAppend(&text, "; is ", std::string(nearest), " meant?");
  return text;
}

std::string fault_line(const RawSetting& setting, const ConfigDefinition& definition,
                       const absl::Status& status) {
  const std::string text(status.message());
  const bool is_number = text.find("Value must be") != std::string::npos;
  return absl::StrCat(
      setting.origin, ": ", text,
      is_number ? "" : absl::StrCat(" (allowed: ", describe_allowed(definition), ")"));
}

// Keys of other products that ride along in a server.properties.
bool is_foreign(std::string_view key) {
  for (const std::string_view prefix :
       {"confluent.", "zookeeper.", "kafka.metrics.", "org.apache.", "strimzi.", "cruise.control."})
    if (key.starts_with(prefix)) return true;
  return false;
}

// A key of the broker's that may stand for another when that one is not set.
struct Alias {
  std::string_view key;
  std::string_view stands_for;
};
constexpr Alias kAliases[] = {{"broker.id", "node.id"}, {"log.dir", "log.dirs"}};

}  // namespace

Config::Config() : settings_(default_settings()) {}

absl::StatusOr<Config> Config::from_settings(const std::vector<RawSetting>& raw_settings) {
  Config config;
  std::vector<std::string> faults;
  std::map<std::string, const RawSetting*> strongest;
  for (const auto& raw : raw_settings) strongest[raw.key] = &raw;

  for (const auto& [key, raw] : strongest) {
    if (!raw->value) continue;
    const ConfigDefinition* definition = find_broker_config(without_listener_prefix(key));
    if (definition == nullptr) {
      if (!is_foreign(key)) config.warnings_.push_back(unknown_key_warning(*raw));
      config.static_values_[key] = *raw->value;
      continue;
    }
    if (definition->support == Support::kIgnored) {
      config.warnings_.push_back(absl::StrCat(raw->origin, ": ", key, " has no meaning here"));
      continue;
    }
    auto parsed = parse_value(*definition, *raw->value);
    if (!parsed.ok()) {
      faults.push_back(fault_line(*raw, *definition, parsed.status()));
      continue;
    }
    const Setting& standard = default_settings()[index_in_table(*definition)];
    const bool is_default = parsed->text == standard.text.value_or("");
    if (definition->support == Support::kRefused && !is_default) {
      faults.push_back(absl::StrCat(raw->origin, ": ", key,
                                    " is set, but this broker does not have that kind of "
                                    "protection yet and does not start as if it had"));
      continue;
    }
    if (definition->support == Support::kAccepted && !is_default)
      config.warnings_.push_back(absl::StrCat(raw->origin, ": ", key, " has no effect yet"));
    config.static_values_[key] = parsed->text;
    if (key != definition->name) continue;  // One listener's own.
    config.settings_[index_in_table(*definition)] =
        make_setting(std::move(parsed).value(), ConfigSource::kStaticBroker, raw->origin);
  }

  for (const auto& [key, stands_for] : kAliases) {
    const Setting& other = config.settings_[index_in_table(*find_broker_config(key))];
    Setting& main = config.settings_[index_in_table(*find_broker_config(stands_for))];
    if (other.source == ConfigSource::kDefault || other.integer < 0) continue;
    if (main.source == ConfigSource::kDefault) {
      main = other;
    } else if (key == "broker.id" && other.integer != main.integer) {
      faults.push_back(absl::StrCat(other.origin, ": broker.id is ", other.integer,
                                    " but node.id is ", main.integer, " (", main.origin, ")"));
    }
  }
  if (faults.empty()) {
    if (config.get<"node.id">() < 0) faults.push_back("node.id must be at least 0");
    const auto& directories = config.get<"log.dirs">();
    if (directories.empty()) faults.push_back("log.dirs names no directory");
    const auto metadata = config.find<"metadata.log.dir">();
    if (metadata && std::ranges::find(directories, *metadata) == directories.end())
      faults.push_back("metadata.log.dir has to be one of log.dirs");
    const auto& roles = config.get<"process.roles">();
    if (!roles.empty() && std::ranges::find(roles, "broker") == roles.end())
      faults.push_back("process.roles has to include broker: controllers apart are not there yet");
    if (auto listeners = parse_listeners(config); !listeners.ok())
      faults.emplace_back(listeners.status().message());
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return config;
}

Config Config::with_dynamic(const DynamicBrokerConfigs& dynamic) const {
  Config merged = *this;
  const auto lay_over = [&](const ConfigMap& values, ConfigSource source) {
    for (const auto& [key, value] : values) {
      const ConfigDefinition* definition = find_broker_config(key);
      if (definition == nullptr || definition->update_mode == UpdateMode::kReadOnly) continue;
      auto parsed = parse_value(*definition, value);
      if (!parsed.ok()) continue;
      merged.settings_[index_in_table(*definition)] =
          make_setting(std::move(parsed).value(), source, "cluster metadata");
    }
  };
  lay_over(dynamic.cluster_default, ConfigSource::kDynamicDefaultBroker);
  lay_over(dynamic.broker, ConfigSource::kDynamicBroker);
  return merged;
}

const Config::Setting* Config::setting(std::string_view name) const {
  const ConfigDefinition* definition = find_broker_config(name);
  return definition == nullptr ? nullptr : &settings_[index_in_table(*definition)];
}

}  // namespace moldau
