#include "broker/cli/config_text.h"

#include "broker/cli/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

const char* source_name(int8_t source) {
  switch (source) {
    case 1:
      return "DYNAMIC_TOPIC_CONFIG";
    case 2:
      return "DYNAMIC_BROKER_CONFIG";
    case 3:
      return "DYNAMIC_DEFAULT_BROKER_CONFIG";
    case 4:
      return "STATIC_BROKER_CONFIG";
    case 5:
      return "DEFAULT_CONFIG";
    case 6:
      return "DYNAMIC_BROKER_LOGGER_CONFIG";
    case 7:
      return "DYNAMIC_CLIENT_METRICS_CONFIG";
    case 8:
      return "DYNAMIC_GROUP_CONFIG";
    default:
      return "UNKNOWN";
  }
}

std::string print(const ConfigText::Synonym& synonym) {
  return absl::StrCat(source_name(synonym.source), ":", synonym.name, "=",
                      synonym.value.value_or("null"));
}

// Where the part that begins at `from` ends: the next comma outside of brackets.
size_t part_end(const std::string& text, size_t from) {
  int depth = 0;
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (text[i] == ',' && depth <= 0) return i;
  }
  return text.size();
}

}  // namespace

std::string config_lines(const std::vector<ConfigText>& configs) {
  std::string lines;
  for (const auto& config : configs) {
    std::vector<std::string> synonyms;
    for (const auto& synonym : config.synonyms) synonyms.push_back(print(synonym));
    absl::StrAppend(&lines, "  ", config.name, "=", config.value.value_or("null"),
                    " sensitive=", config.is_sensitive ? "true" : "false", " synonyms={",
                    absl::StrJoin(synonyms, ", "), "}\n");
  }
  return lines;
}

std::string config_json(const std::string& entity_type, const std::string& entity_name,
                        const std::vector<ConfigText>& configs) {
  std::vector<std::string> objects;
  for (const auto& config : configs) {
    JsonObject object;
    object.text("name", config.name);
    if (config.value) {
      object.text("value", *config.value);
    } else {
      object.raw("value", "null");
    }
    object.text("source", source_name(config.source)).boolean("sensitive", config.is_sensitive);
    objects.push_back(object.done());
  }
  return JsonObject()
      .text("type", entity_type)
      .text("name", entity_name)
      .raw("configs", json_array(objects))
      .done();
}

absl::StatusOr<std::vector<ConfigPair>> parse_added_configs(const std::string& text) {
  std::vector<ConfigPair> pairs;
  for (size_t from = 0; from < text.size();) {
    const size_t end = part_end(text, from);
    const std::string part = text.substr(from, end - from);
    from = end + 1;
    const size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid entity config: all configs to be added must be in the format "
                       "\"key=val\", not \"",
                       part, "\""));
    std::string value(absl::StripAsciiWhitespace(part.substr(equals + 1)));
    if (value.size() >= 2 && value.front() == '[' && value.back() == ']')
      value = value.substr(1, value.size() - 2);
    pairs.emplace_back(std::string(absl::StripAsciiWhitespace(part.substr(0, equals))),
                       std::move(value));
  }
  return pairs;
}

}  // namespace moldau::cli
