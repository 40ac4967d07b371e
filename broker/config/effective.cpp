#include "broker/config/effective.h"

#include <algorithm>
#include <utility>

#include "broker/config/definitions.h"
#include "broker/config/topic_configs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau {
namespace {

std::string str(std::string_view text) { return std::string(text); }

// A broker value as a topic's: hours and minutes become milliseconds, and stay "no limit" if
// negative.
ParsedValue scaled(const Config::Setting& setting, int64_t factor) {
  ParsedValue value{.text = *setting.text,
                    .boolean = setting.boolean,
                    .integer = setting.integer,
                    .real = setting.real,
                    .list = setting.list};
  if (factor == 1) return value;
  value.integer = value.integer < 0 ? -1 : value.integer * factor;
  value.text = std::to_string(value.integer);
  return value;
}

struct TopicValue {
  ParsedValue parsed;
  ConfigSource source = ConfigSource::kDefault;
};

TopicValue topic_default(const TopicConfigDefinition& definition) {
  ConfigDefinition unchecked = definition;
  unchecked.allowed = {};
  return {.parsed = parse_value(unchecked, definition.default_value).value_or(ParsedValue{})};
}

// `merged` is the broker's configuration with the dynamic ones over it.
TopicValue inherited_value(const Config& merged, const TopicConfigDefinition& definition) {
  for (const auto& [name, factor] : definition.synonyms) {
    const Config::Setting* setting = name.empty() ? nullptr : merged.setting(name);
    if (setting == nullptr || !setting->text) continue;
    return {.parsed = scaled(*setting, factor), .source = setting->source};
  }
  return topic_default(definition);
}

TopicValue topic_value(const Config& merged, const TopicConfigDefinition& definition,
                       const ConfigMap& overrides) {
  const auto found = overrides.find(definition.name);
  if (found != overrides.end())
    if (auto parsed = parse_value(definition, found->second); parsed.ok())
      return {.parsed = *std::move(parsed), .source = ConfigSource::kTopic};
  return inherited_value(merged, definition);
}

// Reads typed values of one topic by name.
class TopicValues {
 public:
  TopicValues(const Config& merged, const ConfigMap& overrides)
      : merged_(merged), overrides_(overrides) {}
  ParsedValue operator[](std::string_view name) const {
    return topic_value(merged_, *find_topic_config(name), overrides_).parsed;
  }
  int32_t int32(std::string_view name) const { return static_cast<int32_t>((*this)[name].integer); }
  int64_t int64(std::string_view name) const { return (*this)[name].integer; }
  bool boolean(std::string_view name) const { return (*this)[name].boolean; }

 private:
  const Config& merged_;
  const ConfigMap& overrides_;
};

void read_compression(const TopicValues& values, LogConfig& log) {
  const std::string type = values["compression.type"].text;
  if (type == "uncompressed") log.compression = Codec::kNone;
  if (type == "gzip") log.compression = Codec::kGzip;
  if (type == "snappy") log.compression = Codec::kSnappy;
  if (type == "lz4") log.compression = Codec::kLz4;
  if (type == "zstd") log.compression = Codec::kZstd;
  if (type == "gzip" || type == "lz4" || type == "zstd")
    log.compression_level = values.int32(absl::StrCat("compression.", type, ".level"));
}

LogConfig read_log_config(const TopicValues& values, const Config& merged) {
  LogConfig log;
  log.segment_bytes = values.int32("segment.bytes");
  log.segment_ms = values.int64("segment.ms");
  log.segment_jitter_ms = values.int64("segment.jitter.ms");
  log.segment_index_bytes = values.int32("segment.index.bytes");
  log.index_interval_bytes = values.int32("index.interval.bytes");
  log.max_message_bytes = values.int32("max.message.bytes");
  log.retention_ms = values.int64("retention.ms");
  log.retention_bytes = values.int64("retention.bytes");
  log.file_delete_delay_ms = values.int64("file.delete.delay.ms");
  log.producer_id_expiration_ms = merged.get<"producer.id.expiration.ms">();
  log.message_timestamp_type = values["message.timestamp.type"].text == "LogAppendTime"
                                   ? TimestampType::kLogAppendTime
                                   : TimestampType::kCreateTime;
  log.message_timestamp_before_max_ms = values.int64("message.timestamp.before.max.ms");
  log.message_timestamp_after_max_ms = values.int64("message.timestamp.after.max.ms");
  const auto policies = values["cleanup.policy"].list;
  log.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
  log.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
  read_compression(values, log);
  return log;
}

// Every place that gives `name` a value, strongest first.
void add_broker_synonyms(const Config& config, const DynamicBrokerConfigs& dynamic,
                         const std::vector<std::string_view>& names, bool is_sensitive,
                         std::vector<ConfigEntry::Synonym>& synonyms) {
  const size_t already = synonyms.size();
  const auto add = [&](std::string_view name, std::optional<std::string> value,
                       ConfigSource source) {
    if (is_sensitive) value.reset();
    synonyms.push_back({.name = str(name), .value = std::move(value), .source = source});
  };
  const auto add_from = [&](const ConfigMap& map, ConfigSource source) {
    for (const auto name : names)
      if (const auto found = map.find(name); found != map.end()) add(name, found->second, source);
  };
  add_from(dynamic.broker, ConfigSource::kDynamicBroker);
  add_from(dynamic.cluster_default, ConfigSource::kDynamicDefaultBroker);
  add_from(config.static_values(), ConfigSource::kStaticBroker);
  const bool is_set = synonyms.size() > already;
  for (const auto name : names) {
    const ConfigDefinition* definition = find_broker_config(name);
    // Kafka leaves the default of a weaker name (log.retention.hours) out, unless a stronger one
    // goes before it.
    if (definition->default_value != nullptr && (is_set || name == names[0]))
      add(name, definition->default_value, ConfigSource::kDefault);
  }
}

std::vector<std::string_view> synonym_names(const TopicConfigDefinition& definition) {
  std::vector<std::string_view> names;
  for (const auto& synonym : definition.synonyms)
    if (!synonym.name.empty()) names.push_back(synonym.name);
  return names;
}

// The chains by which one broker config stands in for another: log.retention.ms, .minutes, .hours.
std::vector<std::string_view> broker_chain(std::string_view name) {
  for (const auto& topic : kTopicConfigs) {
    auto names = synonym_names(topic);
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) continue;
    return {found, names.end()};
  }
  return {name};
}

ConfigEntry broker_entry(const Config& merged, const Config& config,
                         const DynamicBrokerConfigs& dynamic, const ConfigDefinition& definition) {
  const Config::Setting& setting = *merged.setting(definition.name);
  ConfigEntry entry{.name = str(definition.name),
                    .value = setting.text,
                    .source = setting.source,
                    .type = definition.type,
                    .is_read_only = definition.update_mode == UpdateMode::kReadOnly,
                    .is_sensitive = definition.is_sensitive(),
                    .documentation = definition.documentation};
  if (entry.is_sensitive) entry.value.reset();
  add_broker_synonyms(config, dynamic, broker_chain(definition.name), entry.is_sensitive,
                      entry.synonyms);
  return entry;
}

ConfigEntry unknown_entry(const std::string& name, ConfigSource source, bool is_read_only) {
  // What nobody knows may be a secret.
  return {.name = name,
          .source = source,
          .is_read_only = is_read_only,
          .is_sensitive = true,
          .synonyms = {{.name = name, .source = source}}};
}

absl::Status check_together(const ConfigMap& overrides) {
  const auto number = [&](std::string_view name) -> std::optional<int64_t> {
    const auto found = overrides.find(name);
    if (found == overrides.end()) return std::nullopt;
    auto parsed = parse_value(*find_topic_config(name), found->second);
    return parsed.ok() ? std::optional(parsed->integer) : std::nullopt;
  };
  const auto min_lag = number("min.compaction.lag.ms").value_or(0);
  const auto max_lag = number("max.compaction.lag.ms").value_or(INT64_MAX);
  if (min_lag > max_lag)
    return absl::InvalidArgumentError(
        absl::StrCat("conflict topic config setting "
                     "min.compaction.lag.ms (",
                     min_lag, ") > max.compaction.lag.ms (", max_lag, ")"));
  return absl::OkStatus();
}

const ConfigDefinition* find_config(AlterableResource resource, std::string_view name) {
  if (resource == AlterableResource::kTopic) return find_topic_config(name);
  return find_broker_config(name);
}

absl::Status check_form(const std::vector<ConfigAlteration>& alterations) {
  std::vector<std::string> seen;
  for (const auto& alteration : alterations) {
    if (std::ranges::find(seen, alteration.name) != seen.end())
      return absl::InvalidArgumentError(
          absl::StrCat("Error due to duplicate config keys : ", alteration.name));
    seen.push_back(alteration.name);
    if (alteration.op != AlterConfigOp::kDelete && !alteration.value)
      return absl::InvalidArgumentError(
          absl::StrCat("Null value not supported for : ", alteration.name));
  }
  return absl::OkStatus();
}

// Append and subtract, on the override or, without one, on what is inherited.
absl::StatusOr<std::string> altered_list(const ConfigMap& overrides,
                                         const ConfigAlteration& alteration,
                                         AlterableResource resource, const Config& config) {
  const bool appends = alteration.op == AlterConfigOp::kAppend;
  const ConfigDefinition* definition = find_config(resource, alteration.name);
  if (definition == nullptr || definition->type != ConfigType::kList)
    return absl::FailedPreconditionError(absl::StrCat("Can't ", appends ? "APPEND" : "SUBTRACT",
                                                      " to key ", alteration.name,
                                                      " because its type is not LIST."));
  std::vector<std::string> list;
  if (const auto found = overrides.find(alteration.name); found != overrides.end()) {
    list = split_list(found->second);
  } else if (resource == AlterableResource::kTopic) {
    list = inherited_value(config, *find_topic_config(alteration.name)).parsed.list;
  } else {
    list = config.setting(alteration.name)->list;
  }
  for (const auto& element : split_list(*alteration.value)) {
    const auto found = std::ranges::find(list, element);
    if (appends && found == list.end()) list.push_back(element);
    if (!appends) std::erase(list, element);
  }
  return absl::StrJoin(list, ",");
}

}  // namespace

TopicConfig effective_topic_config(const Config& config, const DynamicBrokerConfigs& dynamic,
                                   const ConfigMap& overrides) {
  const Config merged = config.with_dynamic(dynamic);
  const TopicValues values(merged, overrides);
  return {.log = read_log_config(values, merged),
          .min_insync_replicas = values.int32("min.insync.replicas"),
          .flush_messages = values.int64("flush.messages"),
          .flush_ms = values.int64("flush.ms"),
          .unclean_leader_election = values.boolean("unclean.leader.election.enable"),
          .message_downconversion = values.boolean("message.downconversion.enable"),
          .delete_retention_ms = values.int64("delete.retention.ms"),
          .min_compaction_lag_ms = values.int64("min.compaction.lag.ms"),
          .max_compaction_lag_ms = values.int64("max.compaction.lag.ms"),
          .min_cleanable_dirty_ratio = values["min.cleanable.dirty.ratio"].real};
}

std::vector<ConfigEntry> describe_topic_config(const Config& config,
                                               const DynamicBrokerConfigs& dynamic,
                                               const ConfigMap& overrides) {
  const Config merged = config.with_dynamic(dynamic);
  std::vector<ConfigEntry> entries;
  for (const auto& definition : kTopicConfigs) {
    if (definition.support == Support::kIgnored && !overrides.contains(definition.name)) continue;
    TopicValue value = topic_value(merged, definition, overrides);
    ConfigEntry entry{.name = str(definition.name),
                      .value = std::move(value.parsed.text),
                      .source = value.source,
                      .type = definition.type,
                      .documentation = definition.documentation};
    if (value.source == ConfigSource::kTopic)
      entry.synonyms.push_back(
          {.name = entry.name, .value = entry.value, .source = ConfigSource::kTopic});
    add_broker_synonyms(config, dynamic, synonym_names(definition), false, entry.synonyms);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<ConfigEntry> describe_broker_config(const Config& config,
                                                const DynamicBrokerConfigs& dynamic) {
  const Config merged = config.with_dynamic(dynamic);
  std::vector<ConfigEntry> entries;
  for (const auto& definition : kBrokerConfigs)
    if (definition.support != Support::kIgnored)
      entries.push_back(broker_entry(merged, config, dynamic, definition));
  for (const auto& [name, value] : config.static_values())
    if (find_broker_config(name) == nullptr)
      entries.push_back(unknown_entry(name, ConfigSource::kStaticBroker, true));
  return entries;
}

std::vector<ConfigEntry> describe_cluster_default_config(const DynamicBrokerConfigs& dynamic) {
  std::vector<ConfigEntry> entries;
  for (const auto& [name, value] : dynamic.cluster_default) {
    const ConfigDefinition* definition = find_broker_config(name);
    if (definition == nullptr) {
      entries.push_back(unknown_entry(name, ConfigSource::kDynamicDefaultBroker, false));
      continue;
    }
    const auto shown = definition->is_sensitive() ? std::nullopt : std::optional(value);
    entries.push_back(
        {.name = name,
         .value = shown,
         .source = ConfigSource::kDynamicDefaultBroker,
         .type = definition->type,
         .is_sensitive = definition->is_sensitive(),
         .documentation = definition->documentation,
         .synonyms = {
             {.name = name, .value = shown, .source = ConfigSource::kDynamicDefaultBroker}}});
  }
  return entries;
}

absl::Status validate_topic_config(std::string_view name, std::string_view value) {
  const TopicConfigDefinition* definition = find_topic_config(name);
  if (definition == nullptr)
    return absl::InvalidArgumentError(absl::StrCat("Unknown topic config name: ", str(name)));
  auto parsed = parse_value(*definition, value);
  if (!parsed.ok()) return parsed.status();
  if (name == "remote.storage.enable" && parsed->boolean)
    return absl::InvalidArgumentError(
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with "
        "remote log storage.");
  return absl::OkStatus();
}

absl::Status validate_topic_configs(const ConfigMap& overrides) {
  for (const auto& [name, value] : overrides)
    if (auto s = validate_topic_config(name, value); !s.ok()) return s;
  return check_together(overrides);
}

absl::Status validate_dynamic_broker_config(std::string_view name, std::string_view value,
                                            bool is_cluster_default) {
  const ConfigDefinition* definition = find_broker_config(name);
  // Keys that nobody knows may belong to a plugin: Kafka takes them, and so do we.
  if (definition == nullptr) return absl::OkStatus();
  if (definition->update_mode == UpdateMode::kReadOnly)
    return absl::InvalidArgumentError(
        absl::StrCat("Cannot update these configs dynamically: Set(", str(name), ")"));
  if (is_cluster_default && definition->update_mode == UpdateMode::kPerBroker)
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot update these configs at default cluster level, broker id must be specified: Set(",
        str(name), ")"));
  if (definition->support == Support::kRefused)
    return absl::InvalidArgumentError(
        absl::StrCat(str(name), " is not supported by this broker yet"));
  return parse_value(*definition, value).status();
}

absl::StatusOr<ConfigMap> alter_configs(const ConfigMap& overrides,
                                        const std::vector<ConfigAlteration>& alterations,
                                        AlterableResource resource, const Config& config) {
  if (auto s = check_form(alterations); !s.ok()) return s;
  ConfigMap altered = overrides;
  for (const auto& alteration : alterations) {
    if (alteration.op == AlterConfigOp::kDelete) {
      altered.erase(alteration.name);
    } else if (alteration.op == AlterConfigOp::kSet) {
      altered[alteration.name] = *alteration.value;
    } else {
      auto list = altered_list(overrides, alteration, resource, config);
      if (!list.ok()) return list.status();
      altered[alteration.name] = *std::move(list);
    }
  }
  return altered;
}

}  // namespace moldau
