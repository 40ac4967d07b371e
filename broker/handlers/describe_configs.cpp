// DescribeConfigs: what a topic, a group or this broker is configured with, and where each value
// comes from.
#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/config/effective.h"
#include "broker/config/group_configs.h"
#include "broker/handlers/handlers.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using Response = DescribeConfigsResponse;
using Request = DescribeConfigsRequest;

Response::Config to_response(const ConfigEntry& entry, const Request& request) {
  Response::Config out{.name = entry.name,
                       .value = entry.value,
                       .read_only = entry.is_read_only,
                       .is_default = entry.is_default(),
                       .config_source = static_cast<int8_t>(entry.source),
                       .is_sensitive = entry.is_sensitive,
                       .config_type = static_cast<int8_t>(entry.type)};
  if (request.include_documentation) out.documentation = std::string(entry.documentation);
  if (request.include_synonyms)
    for (const auto& s : entry.synonyms)
      out.synonyms.push_back(
          {.name = s.name, .value = s.value, .source = static_cast<int8_t>(s.source)});
  return out;
}

void fail(Response::Result& result, ErrorCode error, std::string message) {
  result.error_code = code(error);
  result.error_message = std::move(message);
}

std::vector<ConfigEntry> topic_entries(Broker& broker, Response::Result& result) {
  const auto image = broker.image();
  if (!image->topic(result.resource_name)) {
    fail(result, ErrorCode::kUnknownTopicOrPartition,
         absl::StrCat("Topic '", result.resource_name, "' does not exist."));
    return {};
  }
  return describe_topic_config(broker.config(), broker.dynamic_configs(*image),
                               image->configs({ConfigResourceType::kTopic, result.resource_name}));
}

std::vector<ConfigEntry> broker_entries(Broker& broker, Response::Result& result) {
  const auto dynamic = broker.dynamic_configs(*broker.image());
  if (result.resource_name.empty()) return describe_cluster_default_config(dynamic);
  if (result.resource_name != std::to_string(broker.node_id())) {
    fail(result, ErrorCode::kInvalidRequest,
         absl::StrCat("This is broker ", broker.node_id(), "; ask broker ", result.resource_name,
                      " for its own configuration."));
    return {};
  }
  return describe_broker_config(broker.config(), dynamic);
}

Response::Result describe(Broker& broker, const Request& request, const Request::Resource& wanted) {
  Response::Result result{.resource_type = wanted.resource_type,
                          .resource_name = wanted.resource_name};
  std::vector<ConfigEntry> entries;
  switch (static_cast<ConfigResourceType>(wanted.resource_type)) {
    case ConfigResourceType::kTopic:
      entries = topic_entries(broker, result);
      break;
    case ConfigResourceType::kBroker:
      entries = broker_entries(broker, result);
      break;
    case ConfigResourceType::kGroup:
      entries = describe_group_config(
          broker.config(),
          broker.image()->configs({ConfigResourceType::kGroup, result.resource_name}));
      break;
    default:
      fail(result, ErrorCode::kInvalidRequest,
           absl::StrCat("Resource type ", wanted.resource_type, " has no configuration here."));
  }
  const auto& keys = wanted.configuration_keys;
  for (const auto& entry : entries)
    if (!keys || std::ranges::find(*keys, entry.name) != keys->end())
      result.configs.push_back(to_response(entry, request));
  return result;
}

}  // namespace

asio::awaitable<DescribeConfigsResponse> handle_describe_configs(RequestContext& ctx,
                                                                 DescribeConfigsRequest& request) {
  Response response;
  for (const auto& resource : request.resources)
    response.results.push_back(describe(ctx.broker, request, resource));
  co_return response;
}

}  // namespace moldau
