// The broker's configuration: every key of broker_configs.h with its value and where that came
// from.
//
//   config.get<"num.partitions">()     int32_t, checked against the table when compiled
//   config.find<"log.retention.ms">()  optional<int64_t>: a key whose default is null
//
// Types: BOOLEAN bool, INT int32_t, SHORT int16_t, LONG int64_t, DOUBLE double, LIST
// vector<string>, the others string. Immutable; what IncrementalAlterConfigs set is laid over it by
// with_dynamic().
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "broker/config/broker_configs.h"
#include "broker/config/definition.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// A key's name as a template argument.
template <size_t N>
struct ConfigName {
  consteval ConfigName(const char (&name)[N]) {
    for (size_t i = 0; i < N; ++i) text[i] = name[i];
  }
  constexpr std::string_view view() const { return {text, N - 1}; }
  char text[N];
};

// Raw overrides of a resource, as the metadata log's ConfigRecords hold them.
using ConfigMap = std::map<std::string, std::string, std::less<>>;

// What was set while running: on this broker, and on the cluster as a default (entity "").
struct DynamicBrokerConfigs {
  ConfigMap broker;
  ConfigMap cluster_default;
};

// Overrides of broker configs before they are checked: text and where it stands, strongest last.
struct RawSetting {
  std::string key;
  std::optional<std::string> value;
  std::string origin;  // "conf/broker.yaml:12", "environment KAFKA_NUM_PARTITIONS", "--override".
};

class Config {
 public:
  // All defaults.
  Config();

  // Defaults with `settings` over them, later ones over earlier ones. InvalidArgument lists every
  // fault, a line each: where, which key, what is allowed. Unknown keys are kept and warned about.
  static absl::StatusOr<Config> from_settings(const std::vector<RawSetting>& settings);

  // This configuration with what was set while running laid over it. Values that do not parse, and
  // keys that may not change while running, are passed over: they were refused when set.
  Config with_dynamic(const DynamicBrokerConfigs& dynamic) const;

  template <ConfigName kName>
  decltype(auto) get() const {
    constexpr size_t index = index_of(kName.view());
    static_assert(kBrokerConfigs[index].default_value != nullptr, "null by default: use find<>");
    return typed<kBrokerConfigs[index].type>(settings_[index]);
  }
  template <ConfigName kName>
  auto find() const {
    constexpr size_t index = index_of(kName.view());
    using Value =
        std::remove_cvref_t<decltype(typed<kBrokerConfigs[index].type>(settings_[index]))>;
    const Setting& setting = settings_[index];
    return setting.text ? std::optional<Value>(typed<kBrokerConfigs[index].type>(setting))
                        : std::nullopt;
  }

  struct Setting {
    std::optional<std::string> text;  // In canonical form: trimmed, booleans in lower case.
    ConfigSource source = ConfigSource::kDefault;
    std::string origin;
    bool boolean = false;
    int64_t integer = 0;
    double real = 0;
    std::vector<std::string> list;
  };
  // By name, for what walks the table; nullptr for an unknown key.
  const Setting* setting(std::string_view name) const;

  // Set by the user, with the text as given: unknown keys too (DescribeConfigs shows them).
  const ConfigMap& static_values() const { return static_values_; }
  // Lines for the log: unknown keys with a suggestion, keys without effect, deprecated ones.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  static constexpr size_t index_of(std::string_view name) {
    for (size_t i = 0; i < std::size(kBrokerConfigs); ++i)
      if (kBrokerConfigs[i].name == name) return i;
    throw "no such broker config";  // Makes the evaluation, and so the compilation, fail.
  }
  template <ConfigType kType>
  static decltype(auto) typed(const Setting& setting) {
    if constexpr (kType == ConfigType::kBoolean) {
      return setting.boolean;
    } else if constexpr (kType == ConfigType::kInt) {
      return static_cast<int32_t>(setting.integer);
    } else if constexpr (kType == ConfigType::kShort) {
      return static_cast<int16_t>(setting.integer);
    } else if constexpr (kType == ConfigType::kLong) {
      return static_cast<int64_t>(setting.integer);
    } else if constexpr (kType == ConfigType::kDouble) {
      return static_cast<double>(setting.real);
    } else if constexpr (kType == ConfigType::kList) {
      return (setting.list);
    } else {
      return (*setting.text);
    }
  }

  std::vector<Setting> settings_;  // In the order of kBrokerConfigs.
  ConfigMap static_values_;
  std::vector<std::string> warnings_;
};

}  // namespace moldau
