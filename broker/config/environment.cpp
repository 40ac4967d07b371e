// Configuration from the environment, as the common container images of Kafka take it.
#include <algorithm>
#include <iterator>
#include <optional>
#include <unistd.h>

#include "broker/config/load.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace moldau {
namespace {

// Variables of Kafka's start scripts and images that are not broker configs.
constexpr std::string_view kScriptVariables[] = {"KAFKA_HEAP_OPTS",
                                                 "KAFKA_OPTS",
                                                 "KAFKA_JMX_OPTS",
                                                 "KAFKA_JMX_PORT",
                                                 "KAFKA_JMX_HOSTNAME",
                                                 "KAFKA_JVM_PERFORMANCE_OPTS",
                                                 "KAFKA_GC_LOG_OPTS",
                                                 "KAFKA_LOG4J_OPTS",
                                                 "KAFKA_LOG4J_LOGGERS",
                                                 "KAFKA_LOG4J_ROOT_LOGLEVEL",
                                                 "KAFKA_LOG4J_CMD_OPTS",
                                                 "KAFKA_TOOLS_LOG4J_LOGLEVEL",
                                                 "KAFKA_VERSION",
                                                 "KAFKA_HOME",
                                                 "KAFKA_DEBUG",
                                                 "KAFKA_CLASSPATH",
                                                 "KAFKA_ENABLE_KRAFT",
                                                 "KAFKA_CREATE_TOPICS_SEPARATOR",
                                                 "KAFKA_CERTIFICATE_PASSWORD"};

// KAFKA_PORT=tcp://..., KAFKA_SERVICE_HOST, KAFKA_PORT_9092_TCP_ADDR, KAFKA_UI_SERVICE_PORT.
bool is_from_kubernetes(const std::string& name, const std::string& value) {
  if (absl::StrContains(value, "tcp://") && absl::StrContains(name, "_PORT")) return true;
  if (absl::EndsWith(name, "_SERVICE_HOST") || absl::StrContains(name, "_SERVICE_PORT"))
    return true;
  return absl::StrContains(name, "_PORT_") &&
         (absl::StrContains(name, "_TCP") || absl::StrContains(name, "_UDP"));
}

std::string key_of(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"___", "-"}, {"__", "_"}, {"_", "."}});
}

std::optional<std::string> key_for(const std::string& name) {
  if (name == "CLUSTER_ID" || name == "KAFKA_CLUSTER_ID" || name == "KAFKA_KRAFT_CLUSTER_ID")
    return "moldau.cluster.id";
  if (name == "KAFKA_CREATE_TOPICS") return "moldau.create.topics";
  absl::string_view rest = name;
  if (absl::ConsumePrefix(&rest, "KAFKA_CFG_") || absl::ConsumePrefix(&rest, "KAFKA_"))
    return rest.empty() ? std::nullopt : std::optional(key_of(rest));
  if (absl::ConsumePrefix(&rest, "MOLDAU_") && !rest.empty())
    return absl::StrCat("moldau.", key_of(rest));
  return std::nullopt;
}

}  // namespace

Environment read_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::vector<RawSetting> settings_from_environment(const Environment& environment) {
  std::vector<RawSetting> settings;
  for (const auto& [name, value] : environment) {
    if (std::ranges::find(kScriptVariables, name) != std::end(kScriptVariables)) continue;
    if (is_from_kubernetes(name, value)) continue;
    if (auto key = key_for(name))
      settings.push_back(
          {.key = *std::move(key), .value = value, .origin = absl::StrCat("environment ", name)});
  }
  std::ranges::stable_sort(settings, {}, &RawSetting::key);
  return settings;
}

}  // namespace moldau
