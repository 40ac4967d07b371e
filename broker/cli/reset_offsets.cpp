// kafka-consumer-groups --reset-offsets: finds new offsets for groups without members, and commits
// them with --execute.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <ostream>
#include <sstream>

#include "broker/cli/group_text.h"
#include "broker/cli/groups_tool.h"
#include "broker/cli/java_errors.h"
#include "broker/cli/reset_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

constexpr int64_t kLatest = -1, kEarliest = -2;
constexpr const char* kScenarios[] = {"to-offset",   "shift-by",  "to-datetime", "by-duration",
                                      "to-earliest", "to-latest", "to-current",  "from-file"};

absl::StatusOr<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("Cannot read ", path));
  return text.str();
}

int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Reset {
 public:
  Reset(ToolRun& run, Client& client, GroupClient& groups, int timeout_ms)
      : run_(run), client_(client), groups_(groups), timeout_ms_(timeout_ms) {}

  absl::StatusOr<PartitionOffsets> offsets_for(const std::string& group) {
    auto partitions = scope(group);
    if (!partitions.ok()) return partitions.status();
    if (auto s = check_exist(*partitions); !s.ok()) return s;
    const Options& options = run_.options;
    if (options.has("to-earliest")) return log_offsets(*partitions, kEarliest);
    if (options.has("to-latest")) return log_offsets(*partitions, kLatest);
    if (options.has("to-datetime") || options.has("by-duration")) return at_time(*partitions);
    if (options.has("to-offset")) return to_offset(*partitions);
    if (options.has("from-file")) return from_file(group);
    auto committed = groups_.committed(group);
    if (!committed.ok()) return committed.status();
    return options.has("shift-by") ? shift(*partitions, *committed)
                                   : to_current(*partitions, *committed);
  }

 private:
  // The partitions of --topic and --all-topics.
  absl::StatusOr<TopicPartitionSet> scope(const std::string& group) {
    TopicPartitionSet partitions;
    if (run_.options.has("all-topics")) {
      auto committed = groups_.committed(group);
      if (!committed.ok()) return committed.status();
      for (const auto& [partition, offset] : *committed) partitions.insert(partition);
      return partitions;
    }
    std::set<std::string> whole;
    for (const auto& text : run_.options.values("topic")) {
      auto argument = parse_topic_argument(text);
      if (!argument.ok()) return wrong_usage(std::string(argument.status().message()));
      for (const int32_t index : argument->partitions) partitions.insert({argument->topic, index});
      if (argument->partitions.empty()) whole.insert(argument->topic);
    }
    auto all = partitions_of(client_, whole);
    if (!all.ok()) return all.status();
    partitions.insert(all->begin(), all->end());
    return partitions;
  }

  absl::Status check_exist(const TopicPartitionSet& partitions) {
    std::set<std::string> topics;
    for (const auto& partition : partitions) topics.insert(partition.topic);
    auto there = partitions_of(client_, topics);
    if (!there.ok()) return there.status();
    std::vector<std::string> missing;
    for (const auto& partition : partitions)
      if (!there->contains(partition)) missing.push_back(partition.to_string());
    if (missing.empty()) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("The partitions \"", absl::StrJoin(missing, ","), "\" do not exist"));
  }

  // Of every one of the partitions, or an error.
  absl::StatusOr<PartitionOffsets> log_offsets(const TopicPartitionSet& partitions,
                                               int64_t timestamp) {
    auto offsets = cli::log_offsets(client_, partitions, timestamp, timeout_ms_);
    if (!offsets.ok()) return offsets.status();
    std::vector<std::string> missing;
    for (const auto& partition : partitions)
      if (!offsets->contains(partition)) missing.push_back(partition.to_string());
    if (missing.empty()) return offsets;
    return absl::UnavailableError(
        absl::StrCat("The partitions \"", absl::StrJoin(missing, ","), "\" have no leader"));
  }

  absl::StatusOr<PartitionOffsets> at_time(const TopicPartitionSet& partitions) {
    int64_t timestamp = 0;
    if (const auto text = run_.options.value("to-datetime")) {
      auto datetime = parse_datetime(*text);
      if (!datetime.ok()) return datetime.status();
      timestamp = *datetime;
    } else {
      auto duration_ms = parse_duration(*run_.options.value("by-duration"));
      if (!duration_ms.ok()) return duration_ms.status();
      timestamp = wall_ms() - *duration_ms;
    }
    auto offsets = log_offsets(partitions, timestamp);
    if (!offsets.ok()) return offsets.status();
    TopicPartitionSet without;
    for (const auto& [partition, offset] : *offsets) {
      if (offset >= 0) continue;
      run_.out << "\nWarn: Partition " << partition.partition << " from topic " << partition.topic
               << " is empty. Falling back to latest known offset.\n";
      without.insert(partition);
    }
    auto latest = log_offsets(without, kLatest);
    if (!latest.ok()) return latest.status();
    for (const auto& [partition, offset] : *latest) (*offsets)[partition] = offset;
    return offsets;
  }

  absl::StatusOr<PartitionOffsets> to_offset(const TopicPartitionSet& partitions) {
    auto number = run_.options.integer("to-offset");
    if (!number.ok()) return number.status();
    PartitionOffsets wanted;
    for (const auto& partition : partitions) wanted[partition] = number->value_or(0);
    return within_log(wanted);
  }

  absl::StatusOr<PartitionOffsets> shift(const TopicPartitionSet& partitions,
                                         const CommittedOffsets& committed) {
    auto by = run_.options.integer("shift-by");
    if (!by.ok()) return by.status();
    PartitionOffsets wanted;
    for (const auto& partition : partitions) {
      const auto found = committed.find(partition);
      if (found == committed.end())
        return wrong_usage(absl::StrCat("Cannot shift offset for partition ", partition.to_string(),
                                        " since there is no current committed offset"));
      wanted[partition] = found->second.offset + by->value_or(0);
    }
    return within_log(wanted);
  }

  // What is committed; the end of the log for the others.
  absl::StatusOr<PartitionOffsets> to_current(const TopicPartitionSet& partitions,
                                              const CommittedOffsets& committed) {
    TopicPartitionSet without;
    PartitionOffsets current;
    for (const auto& partition : partitions) {
      const auto found = committed.find(partition);
      if (found == committed.end()) {
        without.insert(partition);
      } else {
        current[partition] = found->second.offset;
      }
    }
    auto latest = log_offsets(without, kLatest);
    if (!latest.ok()) return latest.status();
    current.insert(latest->begin(), latest->end());
    return current;
  }

  absl::StatusOr<PartitionOffsets> from_file(const std::string& group) {
    auto text = read_file(*run_.options.value("from-file"));
    if (!text.ok()) return text.status();
    auto plan = parse_reset_plan(*text, run_.options.values("group"));
    if (!plan.ok()) return plan.status();
    if (plan->contains(group)) return within_log((*plan)[group]);
    complain(run_, absl::StrCat("No reset plan for group ", group, " found"));
    return PartitionOffsets{};
  }

  absl::StatusOr<PartitionOffsets> within_log(const PartitionOffsets& wanted) {
    TopicPartitionSet partitions;
    for (const auto& [partition, offset] : wanted) partitions.insert(partition);
    auto starts = log_offsets(partitions, kEarliest);
    if (!starts.ok()) return starts.status();
    auto ends = log_offsets(partitions, kLatest);
    if (!ends.ok()) return ends.status();
    PartitionOffsets result;
    for (const auto& [partition, offset] : wanted) {
      const int64_t start = starts->at(partition), end = ends->at(partition);
      result[partition] = std::clamp(offset, std::min(start, end), end);
      if (result[partition] == offset) continue;
      run_.err << "WARN New offset (" << offset << ") is "
               << (offset > end ? "higher than latest" : "lower than earliest")
               << " offset for topic partition " << partition.to_string()
               << ". Value will be set to " << result[partition] << '\n';
    }
    return result;
  }

  ToolRun& run_;
  Client& client_;
  GroupClient& groups_;
  int timeout_ms_;
};

// Whether nobody reads in the group now. A group that is not there has nobody.
absl::StatusOr<bool> is_inactive(ToolRun& run, GroupClient& groups, const std::string& group) {
  auto description = groups.describe(group);
  if (absl::IsNotFound(description.status())) return true;
  if (!description.ok()) return description.status();
  const std::string& state = description->state;
  if (state == "Empty" || state == "Dead") return true;
  complain(run, absl::StrCat("Assignments can only be reset if the group '", group,
                             "' is inactive, but the current state is ", state, "."));
  return false;
}

}  // namespace

absl::Status check_reset(const ToolRun& run) {
  const Options& options = run.options;
  if (options.has("dry-run") && options.has("execute"))
    return wrong_usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
  if (!options.has("dry-run") && !options.has("execute"))
    run.err << "WARN: No action will be performed as the --execute option is missing. "
               "With --dry-run there is no such warning.\n";
  if (!options.has("group") && !options.has("all-groups"))
    return wrong_usage("Option [reset-offsets] takes one of these options: [all-groups], [group]");
  std::vector<std::string> given;
  for (const char* scenario : kScenarios)
    if (options.has(scenario)) given.emplace_back(scenario);
  if (given.size() > 1)
    return wrong_usage(
        absl::StrCat("Option \"[", given[0], "]\" can't be used with option \"[", given[1], "]\""));
  if (!options.has("all-topics") && !options.has("topic") && !options.has("from-file"))
    return wrong_usage("One of the reset scopes should be defined: --all-topics, --topic.");
  if (given.empty())
    return wrong_usage(
        absl::StrCat("Option '[reset-offsets]' requires one of the following "
                     "scenarios: [",
                     absl::StrJoin(kScenarios, "], ["), "]"));
  for (const char* number : {"to-offset", "shift-by"})
    if (auto n = options.integer(number); !n.ok())
      return wrong_usage(std::string(n.status().message()));
  return absl::OkStatus();
}

absl::Status reset_offsets(ToolRun& run, Client& client, GroupClient& groups) {
  auto names = chosen_groups(run, groups);
  if (!names.ok()) return names.status();
  auto timeout_ms = timeout_of(run);
  if (!timeout_ms.ok()) return timeout_ms.status();
  Reset reset(run, client, groups, *timeout_ms);
  GroupOffsets offsets;
  for (const auto& name : *names) {
    auto may_reset = is_inactive(run, groups, name);
    if (!may_reset.ok()) return may_reset.status();
    offsets[name] = {};
    if (!*may_reset) continue;
    auto found = reset.offsets_for(name);
    if (!found.ok()) return found.status();
    if (run.options.has("execute") && !found->empty())
      if (auto s = groups.commit(name, {}, *found); !s.ok()) return s;
    offsets[name] = *std::move(found);
  }
  if (run.prints_json) {
    run.out << reset_json(offsets);
  } else if (run.options.has("export")) {
    run.out << reset_csv(offsets, run.options.values("group").size() != 1);
  } else {
    run.out << reset_text(offsets);
  }
  return absl::OkStatus();
}

}  // namespace moldau::cli
