#include "broker/groups/topic_regex.h"

#include <cstdint>

#include <re2/re2.h>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// For the program and for the automaton that is built from it while matching. When the second
// outgrows it, RE2 does without: slower, still linear in the name.
constexpr int64_t kMaxMemoryBytes = 1 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_max_mem(kMaxMemoryBytes);
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

RE2 compile(std::string_view pattern) {
  return RE2(re2::StringPiece(pattern.data(), pattern.size()), options());
}

}  // namespace

absl::Status check_topic_regex(std::string_view pattern) {
  const RE2 regex = compile(pattern);
  if (regex.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", std::string(pattern), "' is not a regular expression for topics: ", regex.error()));
}

std::vector<std::string> topics_matching(std::string_view pattern, const ClusterImage& image) {
  const RE2 regex = compile(pattern);
  std::vector<std::string> names;
  if (!regex.ok()) return names;
  for (const auto& [name, topic] : image.topics())
    if (RE2::FullMatch(name, regex)) names.push_back(name);
  return names;
}

}  // namespace moldau
