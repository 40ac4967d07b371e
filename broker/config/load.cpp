#include "broker/config/load.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace moldau {

absl::StatusOr<std::vector<RawSetting>> read_config_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (absl::EndsWith(path, ".yaml") || absl::EndsWith(path, ".yml"))
    return parse_yaml_config(text, path);
  return parse_properties(text, path);
}

absl::StatusOr<RawSetting> parse_override(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return absl::InvalidArgumentError(
        absl::StrCat("--override ", std::string(text), ": is not of the form key=value"));
  return RawSetting{.key = std::string(text.substr(0, equals)),
                    .value = std::string(text.substr(equals + 1)),
                    .origin = absl::StrCat("--override ", std::string(text.substr(0, equals)))};
}

absl::StatusOr<Config> load_config(const ConfigInputs& inputs) {
  std::vector<RawSetting> settings;
  if (inputs.file) {
    auto from_file = read_config_file(*inputs.file);
    if (!from_file.ok()) return from_file.status();
    settings = *std::move(from_file);
  }
  std::ranges::move(settings_from_environment(inputs.environment), std::back_inserter(settings));
  for (const auto& text : inputs.overrides) {
    auto setting = parse_override(text);
    if (!setting.ok()) return setting.status();
    settings.push_back(*std::move(setting));
  }
  return Config::from_settings(settings);
}

}  // namespace moldau
