// kafka-configs: shows and changes the configuration of topics and brokers.
#include <algorithm>
#include <ostream>

#include "broker/cli/config_text.h"
#include "broker/cli/json.h"
#include "broker/cli/tool.h"
#include "broker/config/definitions.h"
#include "broker/config/load.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_config_resources.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

constexpr int8_t kTopic = 2, kBroker = 4, kBrokerLogger = 8, kClientMetrics = 16, kGroup = 32;

struct EntityType {
  const char* plural;
  const char* singular;
  int8_t resource_type;
  int8_t source;  // Of what was set on such an entity.
};
constexpr EntityType kTypes[] = {{"topics", "topic", kTopic, kTopicSource},
                                 {"brokers", "broker", kBroker, kBrokerSource},
                                 {"broker-loggers", "broker-logger", kBrokerLogger, 6},
                                 {"client-metrics", "client-metric", kClientMetrics, 7},
                                 {"groups", "group", kGroup, 8}};

// What --entity-type and --entity-name, or --topic and its kind, name.
struct Entity {
  EntityType type{};
  std::optional<std::string> name;  // Empty: the default of all brokers. Not set: all of the type.
};

// Whether it was set on the entity itself.
bool is_set_on(const Entity& entity, const ConfigText& config) {
  const bool is_default = entity.type.resource_type == kBroker && entity.name->empty();
  return config.source == (is_default ? kDefaultBrokerSource : entity.type.source);
}

absl::StatusOr<EntityType> type_of(const std::string& plural) {
  for (const auto& type : kTypes)
    if (plural == type.plural) return type;
  for (const char* other : {"users", "clients", "ips"})
    if (plural == other)
      return absl::UnimplementedError(
          absl::StrCat("quotas and credentials (--entity-type ", plural, ") are not served yet"));
  return wrong_usage(absl::StrCat("Invalid entity type ", plural,
                                  ", the entity type must be one of topics, brokers, "
                                  "broker-loggers, client-metrics, groups"));
}

absl::StatusOr<Entity> entity_of(const ToolRun& run) {
  const Options& options = run.options;
  for (const char* other : {"user", "client", "ip", "user-defaults", "client-defaults"})
    if (options.has(other))
      return absl::UnimplementedError(
          absl::StrCat("quotas and credentials (--", other, ") are not served yet"));
  for (const auto& type : kTypes)
    if (const auto name = options.value(type.singular)) return Entity{type, name};
  if (options.has("broker-defaults")) return Entity{kTypes[1], ""};
  const auto plural = options.value("entity-type");
  if (!plural) return wrong_usage("At least one entity type must be specified");
  auto type = type_of(*plural);
  if (!type.ok()) return type.status();
  Entity entity{.type = *type, .name = options.value("entity-name")};
  if (options.has("entity-default")) entity.name = "";
  if (entity.name && entity.name->empty() && entity.type.resource_type != kBroker)
    return wrong_usage("--entity-default is for brokers");
  return entity;
}

absl::StatusOr<std::vector<ConfigText>> describe_one(Client& client, const Entity& entity) {
  DescribeConfigsRequest request{.resources = {{.resource_type = entity.type.resource_type,
                                                .resource_name = *entity.name,
                                                .configuration_keys = {}}},
                                 .include_synonyms = true};
  int32_t node = Client::kAnyNode;  // A broker's own configuration is only known to itself.
  const bool is_node =
      entity.type.resource_type == kBroker || entity.type.resource_type == kBrokerLogger;
  if (is_node && !entity.name->empty() && !absl::SimpleAtoi(*entity.name, &node))
    return absl::InvalidArgumentError(
        absl::StrCat("The broker id must be a number, not ", *entity.name));
  auto reply = client.call<DescribeConfigsResponse>(request, node);
  if (!reply.ok()) return reply.status();
  std::vector<ConfigText> configs;
  for (const auto& result : reply->message.results) {
    if (auto s = to_status(result.error_code, result.error_message); !s.ok()) return s;
    for (const auto& config : result.configs) {
      ConfigText text{.name = config.name,
                      .value = config.value,
                      .source = config.config_source,
                      .is_sensitive = config.is_sensitive,
                      .synonyms = {}};
      for (const auto& synonym : config.synonyms)
        text.synonyms.push_back({synonym.source, synonym.name, synonym.value});
      configs.push_back(std::move(text));
    }
  }
  std::ranges::sort(configs, {}, &ConfigText::name);
  return configs;
}

// Of groups and client metrics: those that have settings.
absl::StatusOr<std::vector<std::string>> names_with_settings(Client& client, const Entity& entity) {
  auto reply = client.call<ListConfigResourcesResponse>(
      ListConfigResourcesRequest{.resource_types = {entity.type.resource_type}});
  if (!reply.ok()) return reply.status();
  if (auto s = to_status(reply->message.error_code); !s.ok()) return s;
  std::vector<std::string> names;
  for (const auto& resource : reply->message.config_resources)
    if (resource.resource_type == entity.type.resource_type)
      names.push_back(resource.resource_name);
  std::ranges::sort(names);
  return names;
}

absl::StatusOr<std::vector<std::string>> all_names(Client& client, const Entity& entity,
                                                   const MetadataResponse& metadata) {
  std::vector<std::string> names;
  if (entity.type.resource_type == kTopic) {
    for (const auto& topic : metadata.topics) names.push_back(topic.name.value_or(""));
  } else if (entity.type.resource_type == kBroker) {
    for (const auto& broker : metadata.brokers) names.push_back(std::to_string(broker.node_id));
    names.emplace_back();
  } else if (entity.type.resource_type == kGroup || entity.type.resource_type == kClientMetrics) {
    return names_with_settings(client, entity);
  } else {
    return wrong_usage(absl::StrCat("--entity-name is wanted with ", entity.type.plural));
  }
  return names;
}

std::string heading(const Entity& entity, bool shows_all) {
  if (entity.name->empty())
    return absl::StrCat("Default configs for ", entity.type.plural, " in the cluster are:\n");
  return absl::StrCat(shows_all ? "All" : "Dynamic", " configs for ", entity.type.singular, " ",
                      *entity.name, " are:\n");
}

absl::Status describe(ToolRun& run, Client& client, const Entity& entity) {
  auto metadata = client.metadata(nullptr);
  if (!metadata.ok()) return metadata.status();
  std::vector<std::string> names;
  if (entity.name) {
    names = {*entity.name};
  } else {
    auto all = all_names(client, entity, *metadata);
    if (!all.ok()) return all.status();
    names = *std::move(all);
  }
  const bool shows_all = run.options.has("all");
  std::vector<std::string> objects;
  for (const auto& name : names) {
    const Entity one{entity.type, name};
    auto configs = describe_one(client, one);
    if (absl::IsNotFound(configs.status()) && entity.type.resource_type == kTopic) {
      run.out << "The topic '" << name << "' doesn't exist and doesn't have dynamic config.\n";
      continue;
    }
    if (!configs.ok()) return configs.status();
    if (!shows_all)
      std::erase_if(*configs, [&](const ConfigText& c) { return !is_set_on(one, c); });
    if (run.prints_json) {
      objects.push_back(config_json(entity.type.singular, name, *configs));
    } else {
      run.out << heading(one, shows_all) << config_lines(*configs);
    }
  }
  if (run.prints_json) run.out << json_array(objects) << '\n';
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ConfigPair>> configs_to_add(const ToolRun& run) {
  std::vector<ConfigPair> pairs;
  if (const auto path = run.options.value("add-config-file")) {
    auto settings = read_config_file(*path);
    if (!settings.ok()) return settings.status();
    for (const auto& setting : *settings)
      pairs.emplace_back(setting.key, setting.value.value_or(""));
  }
  if (const auto text = run.options.value("add-config")) {
    auto added = parse_added_configs(*text);
    if (!added.ok()) return wrong_usage(std::string(added.status().message()));
    pairs.insert(pairs.end(), added->begin(), added->end());
  }
  return pairs;
}

// A key that has no value of its own cannot be deleted.
absl::Status check_deletions(Client& client, const Entity& entity,
                             const std::vector<std::string>& deleted) {
  if (deleted.empty()) return absl::OkStatus();
  auto configs = describe_one(client, entity);
  if (!configs.ok()) return configs.status();
  std::vector<std::string> unknown;
  for (const auto& name : deleted) {
    const auto found = std::ranges::find(*configs, name, &ConfigText::name);
    if (found == configs->end() || !is_set_on(entity, *found)) unknown.push_back(name);
  }
  if (unknown.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Invalid config(s): ", absl::StrJoin(unknown, ",")));
}

absl::Status alter(ToolRun& run, Client& client, const Entity& entity) {
  auto added = configs_to_add(run);
  if (!added.ok()) return added.status();
  const auto deleted = split_list(run.options.value("delete-config").value_or(""));
  if (auto m = client.metadata(nullptr); !m.ok()) return m.status();
  if (auto s = check_deletions(client, entity, deleted); !s.ok()) return s;
  IncrementalAlterConfigsRequest request{.resources = {{.resource_type = entity.type.resource_type,
                                                        .resource_name = *entity.name,
                                                        .configs = {}}}};
  constexpr int8_t kSet = 0, kDelete = 1;
  for (const auto& [name, value] : *added)
    request.resources[0].configs.push_back(
        {.name = name, .config_operation = kSet, .value = value});
  for (const auto& name : deleted)
    request.resources[0].configs.push_back(
        {.name = name, .config_operation = kDelete, .value = {}});
  int32_t node = Client::kAnyNode;
  if (entity.type.resource_type == kBroker && !entity.name->empty())
    if (!absl::SimpleAtoi(*entity.name, &node)) node = Client::kAnyNode;
  auto reply = client.call<IncrementalAlterConfigsResponse>(request, node);
  if (!reply.ok()) return reply.status();
  for (const auto& result : reply->message.responses)
    if (auto s = to_status(result.error_code, result.error_message); !s.ok()) return s;
  if (entity.name->empty()) {
    run.out << "Completed updating default config for " << entity.type.plural
            << " in the cluster.\n";
  } else {
    run.out << "Completed updating config for " << entity.type.singular << " " << *entity.name
            << ".\n";
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<OptionSpec>& configs_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"describe", kFlag, "prints what was set on an entity"},
      {"alter", kFlag, "changes it"},
      {"all", kFlag, "with --describe: what was not set, too"},
      {"entity-type", kValue, "topics, brokers, broker-loggers, client-metrics, groups"},
      {"entity-name", kValue, "a topic, a group, a broker's id; without it all of the type"},
      {"entity-default", kFlag, "what goes for all brokers"},
      {"topic", kValue, "short for --entity-type topics --entity-name"},
      {"broker", kValue, "short for --entity-type brokers --entity-name"},
      {"broker-defaults", kFlag, "short for --entity-type brokers --entity-default"},
      {"broker-logger", kValue, ""},
      {"client-metric", kValue, ""},
      {"group", kValue, ""},
      {"user", kValue, ""},
      {"client", kValue, ""},
      {"ip", kValue, ""},
      {"user-defaults", kFlag, ""},
      {"client-defaults", kFlag, ""},
      {"add-config", kValue, "k1=v1,k2=[a,b]: brackets around a value with commas"},
      {"add-config-file", kValue, "the same from a properties file"},
      {"delete-config", kValue, "k1,k2"},
      {"force", kFlag, ""},
      {"broker-list", kValue, ""},
      {"bootstrap-controller", kValue, ""},
  }));
  return *kOptions;
}

absl::Status run_configs(ToolRun& run) {
  const bool describes = run.options.has("describe");
  if (describes == run.options.has("alter"))
    return wrong_usage("Command must include exactly one action: --describe, --alter");
  auto entity = entity_of(run);
  if (!entity.ok()) return entity.status();
  if (!describes && !entity->name)
    return wrong_usage("An entity-name or entity-default must be specified with --alter");
  if (!describes && !run.options.has("add-config") && !run.options.has("add-config-file") &&
      !run.options.has("delete-config"))
    return wrong_usage(
        "At least one of --add-config, --add-config-file, or --delete-config must be specified "
        "with --alter");
  auto client = run.connect();
  if (!client.ok()) return client.status();
  return describes ? describe(run, **client, *entity) : alter(run, **client, *entity);
}

}  // namespace moldau::cli
