// The YAML form of the configuration: one flat mapping.
#include <set>

#include <yaml-cpp/yaml.h>

#include "broker/config/load.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau {
namespace {

std::string at(const std::string& path, const YAML::Mark& mark) {
  return absl::StrCat(path, ":", mark.line + 1);
}

// A scalar's text, a list's elements with commas between, nullopt for null; an error for the rest.
absl::StatusOr<std::optional<std::string>> value_text(const YAML::Node& node,
                                                      const std::string& where) {
  if (node.IsNull()) return std::optional<std::string>();
  if (node.IsScalar()) return std::optional(node.Scalar());
  if (!node.IsSequence())
    return absl::InvalidArgumentError(absl::StrCat(
        where, " is a mapping, but keys are written whole on one line, as in num.partitions: 3"));
  std::vector<std::string> elements;
  for (const auto& element : node) {
    if (!element.IsScalar())
      return absl::InvalidArgumentError(absl::StrCat(where, " may list plain values only"));
    elements.push_back(element.Scalar());
  }
  return std::optional(absl::StrJoin(elements, ","));
}

absl::StatusOr<std::vector<RawSetting>> read_mapping(const YAML::Node& root,
                                                     const std::string& path) {
  std::vector<RawSetting> settings;
  if (root.IsNull()) return settings;
  if (!root.IsMap())
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a list of key: value lines"));
  std::set<std::string> keys;
  for (const auto& pair : root) {
    if (!pair.first.IsScalar())
      return absl::InvalidArgumentError(
          absl::StrCat(at(path, pair.first.Mark()), ": a key must be a word"));
    const std::string key = pair.first.Scalar();
    const std::string origin = at(path, pair.first.Mark());
    if (!keys.insert(key).second)
      return absl::InvalidArgumentError(absl::StrCat(origin, ": ", key, " is there twice"));
    auto value = value_text(pair.second, absl::StrCat(origin, ": ", key));
    if (!value.ok()) return value.status();
    settings.push_back({.key = key, .value = *std::move(value), .origin = origin});
  }
  return settings;
}

}  // namespace

absl::StatusOr<std::vector<RawSetting>> parse_yaml_config(const std::string& text,
                                                          const std::string& path) {
  try {
    return read_mapping(YAML::Load(text), path);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(at(path, error.mark), ": ", error.msg));
  }
}

}  // namespace moldau
