// Changing settings: IncrementalAlterConfigs (KIP-339) and AlterConfigs, which replaces them all.
#include <algorithm>

#include "replication/metadata/controller.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace moldau {
namespace {

constexpr size_t kMaxValueBytes = 32767;
enum class Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

struct Refusal {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> message;
  bool is_none() const { return error == ErrorCode::kNone; }
};

std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items;
  for (const auto& item : absl::StrSplit(list, ',')) {
    std::string trimmed(absl::StripAsciiWhitespace(item));
    if (!trimmed.empty()) items.push_back(std::move(trimmed));
  }
  return items;
}

std::string appended(std::vector<std::string> items, const std::string& values) {
  for (auto& value : items_of(values)) {
    if (std::ranges::find(items, value) == items.end()) items.push_back(std::move(value));
  }
  return absl::StrJoin(items, ",");
}
std::string subtracted(std::vector<std::string> items, const std::string& values) {
  for (const auto& value : items_of(values)) std::erase(items, value);
  return absl::StrJoin(items, ",");
}

const char* type_name(ConfigResourceType type) {
  switch (type) {
    case ConfigResourceType::kTopic:
      return "topic";
    case ConfigResourceType::kBroker:
      return "broker";
    case ConfigResourceType::kClientMetrics:
      return "client metrics";
    case ConfigResourceType::kGroup:
      return "group";
    default:
      return "unknown";
  }
}

template <class Configs>
Refusal shape_error(const Configs& configs, ConfigResourceType type) {
  std::map<std::string, int> seen;
  std::vector<std::string> duplicates, nulls;
  for (const auto& config : configs) {
    if (++seen[config.name] == 2) duplicates.push_back(config.name);
    bool needs_value = true;
    if constexpr (requires { config.config_operation; }) {
      needs_value = config.config_operation != static_cast<int8_t>(Operation::kDelete);
    }
    if (needs_value && !config.value) nulls.push_back(config.name);
    if (config.value && config.value->size() > kMaxValueBytes) {
      return {ErrorCode::kInvalidConfig,
              "The configuration value cannot be added because it exceeds the maximum value size "
              "of 32767 bytes."};
    }
  }
  if (!duplicates.empty()) {
    return {ErrorCode::kInvalidRequest,
            absl::StrCat("Error due to duplicate config keys: ", absl::StrJoin(duplicates, ","))};
  }
  if (!nulls.empty()) {
    return {ErrorCode::kInvalidConfig,
            absl::StrCat("Null value not supported for ", type_name(type),
                         " configs: ", absl::StrJoin(nulls, ","))};
  }
  return {};
}

Refusal resource_error(const ClusterImage& image, const ConfigResource& resource) {
  switch (resource.type) {
    case ConfigResourceType::kTopic:
      if (resource.name.empty()) {
        return {ErrorCode::kInvalidRequest, "Default topic resources are not allowed."};
      }
      if (auto error = topic_name_error(resource.name)) return {ErrorCode::kInvalidTopic, error};
      if (image.topic(resource.name) == nullptr) {
        return {ErrorCode::kUnknownTopicOrPartition,
                absl::StrCat("The topic '", resource.name, "' does not exist.")};
      }
      return {};
    case ConfigResourceType::kBroker: {
      if (resource.name.empty()) return {};
      int32_t id = 0;
      if (!absl::SimpleAtoi(resource.name, &id)) {
        return {ErrorCode::kInvalidRequest, "Unable to parse broker name as a base 10 number."};
      }
      if (id < 0) return {ErrorCode::kInvalidRequest, "Invalid negative broker ID."};
      if (image.broker(id) == nullptr) {
        return {ErrorCode::kBrokerIdNotRegistered,
                absl::StrCat("No broker with id ", id, " found.")};
      }
      return {};
    }
    case ConfigResourceType::kGroup:
      if (resource.name.empty()) {
        return {ErrorCode::kInvalidRequest, "Default group resources are not allowed."};
      }
      return {};
    case ConfigResourceType::kClientMetrics:
      if (resource.name.empty()) {
        return {ErrorCode::kInvalidRequest, "Subscription name can't be empty"};
      }
      return {};
    default:
      return {ErrorCode::kInvalidRequest,
              absl::StrCat("Unexpected resource type ", static_cast<int>(resource.type), ".")};
  }
}

void add_changes(const ConfigResource& resource, const Configs& before, const Configs& after,
                 std::vector<MetadataRecord>& records) {
  const auto add = [&](const std::string& name, std::optional<std::string> value) {
    ConfigRecord record;
    record.resource_type = static_cast<int8_t>(resource.type);
    record.resource_name = resource.name;
    record.name = name;
    record.value = std::move(value);
    records.emplace_back(std::move(record));
  };
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) add(name, std::nullopt);
  }
  for (const auto& [name, value] : after) {
    const auto it = before.find(name);
    if (it == before.end() || it->second != value) add(name, value);
  }
}

// The settings after the request's, or why not.
Refusal change(const ConfigValidator& table, const ConfigResource& resource,
               const IncrementalAlterConfigsRequest::Resource& request, Configs& configs) {
  for (const auto& config : request.configs) {
    const auto operation = static_cast<Operation>(config.config_operation);
    if (operation == Operation::kSet) {
      configs[config.name] = *config.value;
    } else if (operation == Operation::kDelete) {
      configs.erase(config.name);
    } else if (operation == Operation::kAppend || operation == Operation::kSubtract) {
      const bool append = operation == Operation::kAppend;
      if (!table.is_list(resource.type, config.name)) {
        return {ErrorCode::kInvalidConfig,
                absl::StrCat("Can't ", append ? "APPEND" : "SUBTRACT", " to key ", config.name,
                             " because its type is not LIST.")};
      }
      const auto it = configs.find(config.name);
      std::vector<std::string> items = items_of(
          it != configs.end() ? it->second
                              : table.default_value(resource.type, config.name).value_or(""));
      configs[config.name] = append ? appended(std::move(items), *config.value)
                                    : subtracted(std::move(items), *config.value);
    } else {
      return {ErrorCode::kInvalidRequest,
              absl::StrCat("Unknown operation ", config.config_operation, " on key ", config.name)};
    }
  }
  return {};
}

Refusal change(const ConfigValidator&, const ConfigResource&,
               const AlterConfigsRequest::Resource& request, Configs& configs) {
  configs.clear();
  for (const auto& config : request.configs) configs[config.name] = *config.value;
  return {};
}

template <class Response, class Request>
Decision<Response> alter(const ClusterImage& image, const ConfigValidator& table,
                         const Request& request) {
  Decision<Response> decision;
  std::map<ConfigResource, int> counts;
  const auto resource_of = [](const auto& r) {
    return ConfigResource{static_cast<ConfigResourceType>(r.resource_type), r.resource_name};
  };
  for (const auto& r : request.resources) ++counts[resource_of(r)];
  std::set<ConfigResource> answered;
  for (const auto& r : request.resources) {
    const ConfigResource resource = resource_of(r);
    if (!answered.insert(resource).second) continue;
    Configs configs = image.configs(resource);
    Refusal refusal;
    if (counts[resource] > 1) refusal = {ErrorCode::kInvalidRequest, "Duplicate resource."};
    if (refusal.is_none()) refusal = resource_error(image, resource);
    if (refusal.is_none()) refusal = shape_error(r.configs, resource.type);
    if (refusal.is_none()) refusal = change(table, resource, r, configs);
    if (refusal.is_none()) {
      if (auto error = table.error(resource, configs)) {
        refusal = {ErrorCode::kInvalidConfig, std::move(error)};
      }
    }
    auto& result = decision.response.responses.emplace_back();
    result.error_code = code(refusal.error);
    result.error_message = std::move(refusal.message);
    result.resource_type = r.resource_type;
    result.resource_name = r.resource_name;
    if (refusal.is_none() && !request.validate_only) {
      add_changes(resource, image.configs(resource), configs, decision.records);
    }
  }
  return decision;
}

}  // namespace

Decision<IncrementalAlterConfigsResponse> Controller::incremental_alter_configs(
    const IncrementalAlterConfigsRequest& request) const {
  return alter<IncrementalAlterConfigsResponse>(image_, *options_.configs, request);
}

Decision<AlterConfigsResponse> Controller::alter_configs(const AlterConfigsRequest& request) const {
  return alter<AlterConfigsResponse>(image_, *options_.configs, request);
}

}  // namespace moldau
