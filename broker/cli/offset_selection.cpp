#include "broker/cli/offset_selection.h"

#include <algorithm>
#include <map>

#include "broker/cli/tool.h"
#include "broker/config/definitions.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

absl::StatusOr<int32_t> parse_partition(const std::string& text) {
  int32_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= 0) return number;
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a partition"));
}

}  // namespace

absl::StatusOr<int64_t> parse_offset_time(const std::string& text) {
  static const auto* const kNames = new std::map<std::string, int64_t>{
      {"latest", -1},         {"earliest", -2},      {"max-timestamp", -3},
      {"earliest-local", -4}, {"latest-tiered", -5}, {"earliest-pending-upload", -6}};
  if (const auto found = kNames->find(text); found != kNames->end()) return found->second;
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return absl::InvalidArgumentError(
      absl::StrCat("Malformed time argument ", text,
                   ": a timestamp in ms, or -1 or latest, -2 or earliest, -3 or max-timestamp, -4 "
                   "or earliest-local, -5 or latest-tiered"));
}

absl::StatusOr<PartitionSelection::Pattern> PartitionSelection::parse_pattern(
    const std::string& text) {
  const size_t colon = text.rfind(':');
  const std::string topic = text.substr(0, colon);
  auto has_topic = topic_filter(topic.empty() ? std::nullopt : std::optional(topic));
  if (!has_topic.ok()) return has_topic.status();
  Pattern pattern{.has_topic = *std::move(has_topic)};
  const std::string range = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (range.empty()) return pattern;
  const size_t dash = range.find('-');
  if (dash != 0) {
    auto from = parse_partition(range.substr(0, dash));
    if (!from.ok()) return from.status();
    pattern.from = *from;
    if (dash == std::string::npos) pattern.to = *from + 1;
  }
  if (dash != std::string::npos && dash + 1 < range.size()) {
    auto to = parse_partition(range.substr(dash + 1));
    if (!to.ok()) return to.status();
    pattern.to = *to;
  }
  return pattern;
}

absl::StatusOr<PartitionSelection> PartitionSelection::parse(
    const std::optional<std::string>& topic, const std::optional<std::string>& partitions,
    const std::optional<std::string>& topic_partitions) {
  if (topic_partitions && (topic || partitions))
    return wrong_usage("--topic-partitions cannot be used with --topic or --partitions");
  PartitionSelection selection;
  for (const auto& text : split_list(topic_partitions.value_or(""))) {
    auto pattern = parse_pattern(text);
    if (!pattern.ok()) return pattern.status();
    selection.patterns_.push_back(*std::move(pattern));
  }
  if (topic_partitions) return selection;
  auto has_topic = topic_filter(topic);
  if (!has_topic.ok()) return has_topic.status();
  for (const auto& text : split_list(partitions.value_or(""))) {
    auto number = parse_partition(text);
    if (!number.ok()) return number.status();
    selection.patterns_.push_back({.has_topic = *has_topic, .from = *number, .to = *number + 1});
  }
  if (!partitions) selection.patterns_.push_back({.has_topic = *has_topic});
  return selection;
}

bool PartitionSelection::has(const std::string& topic, int32_t partition) const {
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    return partition >= pattern.from && partition < pattern.to && pattern.has_topic(topic);
  });
}

}  // namespace moldau::cli
