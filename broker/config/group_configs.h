// What may be configured for one group (the resource type GROUP of KIP-848): how often members of
// the consumer protocol heartbeat, and when one of them is given up. The broker's own configuration
// has the defaults and the bounds.
#pragma once

#include <vector>

#include "broker/config/config.h"
#include "broker/config/effective.h"

#include "absl/status/status.h"

namespace moldau {

// As DescribeConfigs answers it, by name.
std::vector<ConfigEntry> describe_group_config(const Config& config, const ConfigMap& overrides);

// All of a group's overrides together. InvalidArgument; the code to answer is INVALID_CONFIG.
absl::Status validate_group_configs(const Config& config, const ConfigMap& overrides);

}  // namespace moldau
