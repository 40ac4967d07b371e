// How kafka-configs prints configs, and reads those to set: without any network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau::cli {

using ConfigPair = std::pair<std::string, std::string>;

struct ConfigText {
  struct Synonym {
    int8_t source = 0;
    std::string name;
    std::optional<std::string> value;
  };
  std::string name;
  std::optional<std::string> value;
  int8_t source = 5;  // As DescribeConfigs numbers them.
  bool is_sensitive = false;
  std::vector<Synonym> synonyms;
};

// As DescribeConfigs numbers them: set on a topic, on a broker, on all brokers.
constexpr int8_t kTopicSource = 1, kBrokerSource = 2, kDefaultBrokerSource = 3;

// "  k=v sensitive=false synonyms={SOURCE:k=v, ...}", a line each.
std::string config_lines(const std::vector<ConfigText>& configs);
std::string config_json(const std::string& entity_type, const std::string& entity_name,
                        const std::vector<ConfigText>& configs);

// "a=1,b=[c,d]": a value in brackets may hold commas. InvalidArgument if a part has no "=".
absl::StatusOr<std::vector<ConfigPair>> parse_added_configs(const std::string& text);

}  // namespace moldau::cli
