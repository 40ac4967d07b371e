#include "broker/cli/options.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

absl::StatusOr<const OptionSpec*> find_option(const std::vector<OptionSpec>& specs,
                                              const std::string& word) {
  const auto exact = std::ranges::find(specs, word, &OptionSpec::name);
  if (exact != specs.end()) return &*exact;
  std::vector<const OptionSpec*> candidates;
  for (const auto& spec : specs)
    if (spec.name.starts_with(word)) candidates.push_back(&spec);
  if (candidates.size() == 1) return candidates[0];
  if (candidates.empty())
    return absl::InvalidArgumentError(absl::StrCat(word, " is not a recognized option"));
  // --top is --topic, though there is --topics-with-overrides as well.
  const OptionSpec* shortest =
      *std::ranges::min_element(candidates, {}, [](const auto* spec) { return spec->name.size(); });
  if (std::ranges::all_of(candidates,
                          [&](const auto* spec) { return spec->name.starts_with(shortest->name); }))
    return shortest;
  std::vector<std::string> names;
  for (const auto* candidate : candidates) names.emplace_back(candidate->name);
  return absl::InvalidArgumentError(
      absl::StrCat(word, " is ambiguous: ", absl::StrJoin(names, ", ")));
}

// A negative number is a value: --time -1.
bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

}  // namespace

const std::vector<OptionSpec>& common_options() {
  static const auto* const kOptions = new std::vector<OptionSpec>{
      {"bootstrap-server", OptionKind::kValue,
       "host:port of a broker, several with commas between (localhost:9092)"},
      {"command-config", OptionKind::kValue, "file of client properties"},
      {"zookeeper", OptionKind::kValue, "taken from old scripts; there is no ZooKeeper here"},
      {"format", OptionKind::kValue, "text (as Kafka's tools print) or json"},
      {"help", OptionKind::kFlag, "shows this"},
      {"version", OptionKind::kFlag, "shows the version"},
  };
  return *kOptions;
}

absl::StatusOr<Options> Options::parse(const std::vector<OptionSpec>& specs,
                                       const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!is_option(arguments[i]))
      return absl::InvalidArgumentError(
          absl::StrCat("\"", arguments[i], "\" belongs to no option"));
    std::string word = arguments[i].substr(arguments[i].starts_with("--") ? 2 : 1);
    std::optional<std::string> value;
    if (const size_t equals = word.find('='); equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    auto spec = find_option(specs, word);
    if (!spec.ok()) return spec.status();
    const OptionKind kind = (*spec)->kind;
    const std::string name((*spec)->name);
    if (kind == OptionKind::kFlag && value)
      return absl::InvalidArgumentError(absl::StrCat("Option ", name, " takes no value"));
    if (kind != OptionKind::kFlag && !value && i + 1 < arguments.size() &&
        !is_option(arguments[i + 1]))
      value = arguments[++i];
    if (kind == OptionKind::kValue && !value)
      return absl::InvalidArgumentError(absl::StrCat("Option ", name, " requires an argument"));
    auto& values = options.values_[name];
    if (value) values.push_back(*std::move(value));
  }
  return options;
}

std::optional<std::string> Options::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Options::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

absl::StatusOr<std::optional<int64_t>> Options::integer(std::string_view name) const {
  const auto text = value(name);
  if (!text) return std::optional<int64_t>();
  int64_t number = 0;
  if (!absl::SimpleAtoi(*text, &number))
    return absl::InvalidArgumentError(
        absl::StrCat("Cannot parse argument '", *text, "' of option ", std::string(name)));
  return std::optional(number);
}

std::string usage(std::string_view tool, std::string_view purpose,
                  const std::vector<OptionSpec>& specs) {
  std::string text = absl::StrCat(std::string(tool), ": ", std::string(purpose), "\n\nOptions:\n");
  for (const auto& spec : specs) {
    if (spec.help.empty()) continue;
    std::string left = absl::StrCat("  --", std::string(spec.name),
                                    spec.kind == OptionKind::kFlag ? "" : " VALUE");
    left.resize(std::max<size_t>(left.size() + 2, 38), ' ');
    absl::StrAppend(&text, left, std::string(spec.help), "\n");
  }
  return text;
}

}  // namespace moldau::cli
