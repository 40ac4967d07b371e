// Looking keys up in the tables, and judging a value as Kafka would, in Kafka's words: clients
// match the beginnings of these texts in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/definition.h"

#include "absl/status/statusor.h"

namespace moldau {

const ConfigDefinition* find_broker_config(std::string_view name);
const TopicConfigDefinition* find_topic_config(std::string_view name);

// The name in the broker table nearest to a mistyped one, or empty when none is near.
std::string_view nearest_broker_config(std::string_view name);

// A value read according to its type.
struct ParsedValue {
  std::string text;  // Trimmed; booleans in lower case; list elements trimmed.
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::vector<std::string> list;
};

// InvalidArgument with Kafka's text, e.g. "Invalid value -1 for configuration num.partitions: Value
// must be at least 1".
absl::StatusOr<ParsedValue> parse_value(const ConfigDefinition& definition, std::string_view text);

// "at least 1", "one of: compact, delete", "true or false": for our own error lines.
std::string describe_allowed(const ConfigDefinition& definition);

// Elements apart by commas, spaces around them dropped; an empty text is an empty list.
std::vector<std::string> split_list(std::string_view text);

}  // namespace moldau
