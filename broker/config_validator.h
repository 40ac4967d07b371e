// The table of configuration keys, as the controller asks it (replication/metadata/controller.h).
#pragma once

#include "broker/config/config.h"
#include "replication/metadata/controller.h"

namespace moldau {

class TableConfigValidator : public ConfigValidator {
 public:
  explicit TableConfigValidator(const Config& config) : config_(config) {}

  std::optional<std::string> error(const ConfigResource& resource,
                                   const Configs& configs) const override;
  bool is_list(ConfigResourceType type, std::string_view name) const override;
  std::optional<std::string> default_value(ConfigResourceType type,
                                           std::string_view name) const override;
  std::vector<CreateTopicsResponse::Config> describe_topic(const Configs& overrides) const override;

 private:
  const Config& config_;
};

}  // namespace moldau
