// ListConfigResources (KIP-1142; v0 lists client metrics alone, KIP-714): which resources have a
// configuration.
#include <algorithm>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"

namespace moldau {

asio::awaitable<ListConfigResourcesResponse> handle_list_config_resources(
    RequestContext& ctx, ListConfigResourcesRequest& request) {
  const auto image = ctx.broker.image();
  const auto wanted = [&](ConfigResourceType type) {
    if (ctx.header.api_version == 0) return false;
    const auto& types = request.resource_types;
    return types.empty() || std::ranges::find(types, static_cast<int8_t>(type)) != types.end();
  };
  ListConfigResourcesResponse response;
  const auto add = [&](ConfigResourceType type, const std::string& name) {
    response.config_resources.push_back(
        {.resource_name = name, .resource_type = static_cast<int8_t>(type)});
  };
  if (wanted(ConfigResourceType::kTopic))
    for (const auto& [name, topic] : image->topics()) add(ConfigResourceType::kTopic, name);
  if (wanted(ConfigResourceType::kBroker))
    for (const auto& [id, broker] : image->brokers())
      add(ConfigResourceType::kBroker, std::to_string(id));
  if (wanted(ConfigResourceType::kGroup))
    for (const auto& [resource, configs] : image->all_configs())
      if (resource.type == ConfigResourceType::kGroup) add(resource.type, resource.name);
  co_return response;
}

}  // namespace moldau
