#include "broker/config/definitions.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "broker/config/broker_configs.h"
#include "broker/config/topic_configs.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace moldau {
namespace {

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

template <typename Row, size_t N>
const Row* find_by_name(const Row (&rows)[N], std::string_view name) {
  const Row* row = std::lower_bound(std::begin(rows), std::end(rows), name,
                                    [](const Row& a, std::string_view b) { return a.name < b; });
  return row != std::end(rows) && row->name == name ? row : nullptr;
}

// Levenshtein's distance.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitution, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

absl::Status invalid(const ConfigDefinition& definition, std::string_view value,
                     std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("Invalid value ", to_absl(value),
                                                 " for configuration ", to_absl(definition.name),
                                                 ": ", to_absl(why)));
}

// One alternative of `allowed` for a number.
struct NumberRange {
  std::string low;  // As written in the table.
  std::string high;
  bool has(double value) const { return value >= number(low) && value <= number(high); }
  bool is_single() const { return low == high; }
  static double number(const std::string& text) {
    double value = HUGE_VAL;  // An open end.
    if (!text.empty() && !absl::SimpleAtod(text, &value)) value = NAN;
    return value;
  }
};

std::vector<NumberRange> number_ranges(std::string_view allowed) {
  std::vector<NumberRange> ranges;
  for (absl::string_view part : absl::StrSplit(to_absl(allowed), '|', absl::SkipEmpty())) {
    const size_t dots = part.find("..");
    if (dots == absl::string_view::npos) {
      ranges.push_back({std::string(part), std::string(part)});
    } else {
      ranges.push_back({std::string(part.substr(0, dots)), std::string(part.substr(dots + 2))});
    }
  }
  return ranges;
}

std::string describe_ranges(const std::vector<NumberRange>& ranges) {
  std::vector<std::string> parts;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    if (range->is_single()) {
      parts.push_back(absl::StrCat("equal to ", range->low));
    } else if (range->high.empty()) {
      parts.push_back(absl::StrCat("at least ", range->low));
    } else {
      parts.push_back(absl::StrCat("between ", range->low, " and ", range->high));
    }
  }
  return absl::StrJoin(parts, " or ");
}

absl::Status check_number(const ConfigDefinition& definition, double value, std::string_view text) {
  const auto ranges = number_ranges(definition.allowed);
  if (ranges.empty()) return absl::OkStatus();
  if (std::ranges::any_of(ranges, [&](const NumberRange& range) { return range.has(value); }))
    return absl::OkStatus();
  if (ranges.size() > 1)
    return invalid(definition, text, absl::StrCat("Value must be ", describe_ranges(ranges)));
  if (value < NumberRange::number(ranges[0].low))
    return invalid(definition, text, absl::StrCat("Value must be at least ", ranges[0].low));
  return invalid(definition, text, absl::StrCat("Value must be no more than ", ranges[0].high));
}

absl::Status check_word(const ConfigDefinition& definition, const std::string& word) {
  if (definition.allowed.empty()) return absl::OkStatus();
  const std::vector<std::string> words = absl::StrSplit(to_absl(definition.allowed), '|');
  if (std::ranges::find(words, word) != words.end()) return absl::OkStatus();
  return invalid(definition, word,
                 absl::StrCat("String must be one of: ", absl::StrJoin(words, ", ")));
}

constexpr std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::kInt:
      return "INT";
    case ConfigType::kShort:
      return "SHORT";
    case ConfigType::kLong:
      return "LONG";
    case ConfigType::kDouble:
      return "DOUBLE";
    default:
      return "";
  }
}

absl::Status not_a_number(const ConfigDefinition& definition, std::string_view text) {
  return invalid(definition, text,
                 absl::StrCat("Not a number of type ", to_absl(type_name(definition.type))));
}

bool fits(ConfigType type, int64_t value) {
  if (type == ConfigType::kInt) return value >= INT32_MIN && value <= INT32_MAX;
  if (type == ConfigType::kShort) return value >= INT16_MIN && value <= INT16_MAX;
  return true;
}

absl::StatusOr<ParsedValue> parse_integer(const ConfigDefinition& definition,
                                          std::string_view text) {
  ParsedValue parsed;
  if (!absl::SimpleAtoi(to_absl(text), &parsed.integer) || !fits(definition.type, parsed.integer))
    return not_a_number(definition, text);
  parsed.text = std::to_string(parsed.integer);
  if (auto s = check_number(definition, static_cast<double>(parsed.integer), parsed.text); !s.ok())
    return s;
  return parsed;
}

absl::StatusOr<ParsedValue> parse_double(const ConfigDefinition& definition,
                                         std::string_view text) {
  ParsedValue parsed;
  if (!absl::SimpleAtod(to_absl(text), &parsed.real)) return not_a_number(definition, text);
  parsed.text = text;
  if (parsed.text.find_first_not_of("+-0123456789") == std::string::npos) parsed.text += ".0";
  if (auto s = check_number(definition, parsed.real, parsed.text); !s.ok()) return s;
  return parsed;
}

absl::StatusOr<ParsedValue> parse_boolean(const ConfigDefinition& definition,
                                          std::string_view text) {
  ParsedValue parsed{.text = absl::AsciiStrToLower(to_absl(text))};
  if (parsed.text != "true" && parsed.text != "false")
    return invalid(definition, text, "Expected value to be either true or false");
  parsed.boolean = parsed.text == "true";
  return parsed;
}

// A throttled replica list is * or partition:broker pairs.
bool is_replica_list(const std::vector<std::string>& list) {
  if (list.size() == 1 && list[0] == "*") return true;
  return std::ranges::all_of(list, [](const std::string& element) {
    const std::vector<std::string> ids = absl::StrSplit(element, ':');
    int64_t number = 0;
    return ids.size() == 2 && absl::SimpleAtoi(ids[0], &number) &&
           absl::SimpleAtoi(ids[1], &number);
  });
}

absl::StatusOr<ParsedValue> parse_list(const ConfigDefinition& definition, std::string_view text) {
  ParsedValue parsed{.list = split_list(text)};
  parsed.text = absl::StrJoin(parsed.list, ",");
  for (const auto& element : parsed.list) {
    if (element.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("Configuration '", to_absl(definition.name), "' values must not be empty."));
    if (auto s = check_word(definition, element); !s.ok()) return s;
  }
  if (definition.name.ends_with("replication.throttled.replicas") && !is_replica_list(parsed.list))
    return invalid(definition, absl::StrCat("[", absl::StrJoin(parsed.list, ", "), "]"),
                   absl::StrCat(to_absl(definition.name),
                                " must be the literal '*' or a list of replicas in the following "
                                "format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."));
  return parsed;
}

}  // namespace

const ConfigDefinition* find_broker_config(std::string_view name) {
  return find_by_name(kBrokerConfigs, name);
}

const TopicConfigDefinition* find_topic_config(std::string_view name) {
  return find_by_name(kTopicConfigs, name);
}

std::string_view nearest_broker_config(std::string_view name) {
  std::string_view nearest;
  size_t nearest_distance = 1 + std::max<size_t>(2, name.size() / 5);
  for (const auto& row : kBrokerConfigs) {
    const size_t distance = edit_distance(name, row.name);
    if (distance >= nearest_distance) continue;
    nearest = row.name;
    nearest_distance = distance;
  }
  return nearest;
}

absl::StatusOr<ParsedValue> parse_value(const ConfigDefinition& definition, std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(to_absl(text));
  const std::string_view value(trimmed.data(), trimmed.size());
  switch (definition.type) {
    case ConfigType::kBoolean:
      return parse_boolean(definition, value);
    case ConfigType::kInt:
    case ConfigType::kShort:
    case ConfigType::kLong:
      return parse_integer(definition, value);
    case ConfigType::kDouble:
      return parse_double(definition, value);
    case ConfigType::kList:
      return parse_list(definition, value);
    default:
      break;
  }
  ParsedValue parsed{.text = std::string(value)};
  if (auto s = check_word(definition, parsed.text); !s.ok()) return s;
  return parsed;
}

std::string describe_allowed(const ConfigDefinition& definition) {
  switch (definition.type) {
    case ConfigType::kBoolean:
      return "true or false";
    case ConfigType::kInt:
    case ConfigType::kShort:
    case ConfigType::kLong:
    case ConfigType::kDouble: {
      const std::string kind = definition.type == ConfigType::kDouble ? "a number" : "an integer";
      const auto ranges = number_ranges(definition.allowed);
      return ranges.empty() ? kind : absl::StrCat(kind, " ", describe_ranges(ranges));
    }
    default:
      break;
  }
  const std::string kind = definition.type == ConfigType::kList ? "a list of" : "one of";
  if (!definition.allowed.empty())
    return absl::StrCat(kind, ": ",
                        absl::StrJoin(absl::StrSplit(to_absl(definition.allowed), '|'), ", "));
  return definition.type == ConfigType::kList ? "a list, apart by commas" : "any text";
}

std::vector<std::string> split_list(std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(to_absl(text));
  if (trimmed.empty()) return {};
  std::vector<std::string> elements;
  for (absl::string_view part : absl::StrSplit(trimmed, ','))
    elements.emplace_back(absl::StripAsciiWhitespace(part));
  return elements;
}

}  // namespace moldau
