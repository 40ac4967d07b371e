// Reading the broker's configuration from where users keep it: a flat YAML file or a
// server.properties, the environment as Kafka's container images take it, and command-line flags.
// Later ones win: defaults < file < environment < flags.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/config/config.h"

#include "absl/status/statusor.h"

namespace moldau {

using Environment = std::vector<std::pair<std::string, std::string>>;

// The process's own.
Environment read_environment();

struct ConfigInputs {
  std::optional<std::string> file;
  Environment environment;
  std::vector<std::string> overrides;  // "key=value" each.
};

// InvalidArgument: every fault, a line each. NotFound: the file is not there.
absl::StatusOr<Config> load_config(const ConfigInputs& inputs);

// By its name: *.yaml and *.yml are YAML, everything else java.util.Properties.
absl::StatusOr<std::vector<RawSetting>> read_config_file(const std::string& path);

// A mapping of keys to scalars or to lists of scalars. `path` is for the origins.
absl::StatusOr<std::vector<RawSetting>> parse_yaml_config(const std::string& text,
                                                          const std::string& path);
// java.util.Properties: comments # and !, separators = : and blank, \ at a line's end, escapes.
absl::StatusOr<std::vector<RawSetting>> parse_properties(std::string_view text,
                                                         const std::string& path);

// KAFKA_A_B is a.b, __ is _, ___ is - (apache/kafka's image); KAFKA_CFG_A_B (bitnami's) and
// MOLDAU_A_B (moldau.a.b) too; CLUSTER_ID. What a service named kafka makes Kubernetes inject, and
// what only means something to Kafka's start scripts, is passed over.
std::vector<RawSetting> settings_from_environment(const Environment& environment);

// "key=value".
absl::StatusOr<RawSetting> parse_override(std::string_view text);

}  // namespace moldau
