// kafka-consumer-groups: lists, describes and deletes groups of consumers and their offsets.
// --reset-offsets is in reset_offsets.cpp.
#include <algorithm>
#include <limits>
#include <ostream>
#include <set>

#include "broker/cli/group_text.h"
#include "broker/cli/groups_tool.h"
#include "broker/cli/java_errors.h"
#include "broker/cli/json.h"
#include "broker/cli/reset_text.h"
#include "broker/config/definitions.h"
#include "broker/groups/topic_regex.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

constexpr int kDefaultTimeoutMs = 30'000;

// Values of --state and --type, as the broker writes them.
absl::StatusOr<std::vector<std::string>> parse_names(const ToolRun& run, const char* option,
                                                     const std::vector<std::string>& known) {
  const std::string text = run.options.value(option).value_or("");
  std::vector<std::string> names;
  for (const auto& part : split_list(text)) {
    const auto found = std::ranges::find_if(known, [&](const std::string& name) {
      return absl::AsciiStrToLower(name) == absl::AsciiStrToLower(part);
    });
    if (found == known.end())
      return wrong_usage(absl::StrCat("Invalid ", option, "s list '", text, "'. Valid ", option,
                                      "s are: ", absl::StrJoin(known, ", ")));
    names.push_back(*found);
  }
  return names;
}

// Groups of consumers, and those that nobody has joined.
absl::StatusOr<std::vector<GroupListing>> list_groups(GroupClient& groups,
                                                      const std::vector<std::string>& states = {},
                                                      const std::vector<std::string>& types = {}) {
  auto listings = groups.list(states, types);
  if (!listings.ok()) return listings.status();
  std::erase_if(*listings, [](const GroupListing& group) {
    return !group.protocol_type.empty() && group.protocol_type != "consumer";
  });
  return listings;
}

absl::Status list(ToolRun& run, Client&, GroupClient& groups) {
  auto states = parse_names(run, "state",
                            {"PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty",
                             "Assigning", "Reconciling"});
  if (!states.ok()) return states.status();
  auto types = parse_names(run, "type", {"Classic", "Consumer"});
  if (!types.ok()) return types.status();
  auto listings = list_groups(groups, *states, *types);
  if (!listings.ok()) return listings.status();
  const ListColumns columns{.has_type = run.options.has("type"),
                            .has_state = run.options.has("state")};
  run.out << (run.prints_json ? list_json(*listings) : list_text(*listings, columns));
  return absl::OkStatus();
}

// What is said of a state before the table; false: there is no table to show.
absl::StatusOr<bool> announce(ToolRun& run, const GroupDescription& group, size_t rows) {
  static const std::vector<std::string> kBusy = {"PreparingRebalance", "CompletingRebalance",
                                                 "Assigning", "Reconciling"};
  if (group.state == "Dead") {
    complain(run, absl::StrCat("Consumer group '", group.group, "' does not exist."));
    return false;
  }
  if (group.state == "Empty") {
    run.err << "\nConsumer group '" << group.group << "' has no active members.\n";
  } else if (std::ranges::find(kBusy, group.state) != kBusy.end()) {
    run.err << "\nWarning: Consumer group '" << group.group << "' is rebalancing.\n";
  } else if (group.state != "Stable") {
    return absl::InternalError(
        absl::StrCat("Expected a valid consumer group state, but found '", group.state, "'."));
  }
  return rows > 0;
}

absl::StatusOr<std::vector<OffsetRow>> rows_of(const GroupDescription& group, Client& client,
                                               GroupClient& groups, int timeout_ms) {
  auto committed = groups.committed(group.group);
  if (!committed.ok()) return committed.status();
  TopicPartitionSet partitions;
  for (const auto& [partition, offset] : *committed) partitions.insert(partition);
  for (const auto& member : group.members)
    partitions.insert(member.assigned.begin(), member.assigned.end());
  constexpr int64_t kLatest = -1;
  auto ends = log_offsets(client, partitions, kLatest, timeout_ms);
  if (!ends.ok()) return ends.status();
  return offset_rows(group, *committed, *ends);
}

absl::Status describe_offsets(ToolRun& run, const std::vector<GroupDescription>& descriptions,
                              Client& client, GroupClient& groups) {
  auto timeout_ms = timeout_of(run);
  if (!timeout_ms.ok()) return timeout_ms.status();
  std::vector<std::string> objects;
  for (const auto& group : descriptions) {
    auto rows = rows_of(group, client, groups, *timeout_ms);
    if (!rows.ok()) return rows.status();
    auto has_table = announce(run, group, rows->size());
    if (!has_table.ok()) return has_table.status();
    if (run.prints_json) {
      objects.push_back(offsets_json(group, *rows));
    } else if (*has_table) {
      run.out << offsets_text(group.group, *rows, run.options.has("verbose"));
    }
  }
  if (run.prints_json) run.out << json_array(objects) << '\n';
  return absl::OkStatus();
}

// --members and --state: what is told of each group by its description alone.
absl::Status describe_each(ToolRun& run, const std::vector<GroupDescription>& descriptions) {
  const bool is_verbose = run.options.has("verbose");
  const bool shows_members = run.options.has("members");
  std::vector<std::string> objects;
  for (const auto& group : descriptions) {
    auto has_table = announce(run, group, shows_members ? group.members.size() : 1);
    if (!has_table.ok()) return has_table.status();
    if (run.prints_json) {
      objects.push_back(shows_members ? members_json(group) : state_json(group));
    } else if (shows_members) {  // Its heading is there even without members.
      run.out << members_text(group, is_verbose);
    } else if (*has_table) {
      run.out << state_text(group, is_verbose);
    }
  }
  if (run.prints_json) run.out << json_array(objects) << '\n';
  return absl::OkStatus();
}

absl::Status describe(ToolRun& run, Client& client, GroupClient& groups) {
  auto names = chosen_groups(run, groups);
  if (!names.ok()) return names.status();
  std::vector<GroupDescription> descriptions;
  for (const auto& name : *names) {
    auto description = groups.describe(name);
    if (!description.ok()) return description.status();
    descriptions.push_back(*std::move(description));
  }
  return run.options.has("members") || run.options.has("state")
             ? describe_each(run, descriptions)
             : describe_offsets(run, descriptions, client, groups);
}

std::string quoted(const std::vector<std::string>& names) {
  return absl::StrCat("'", absl::StrJoin(names, "', '"), "'");
}

absl::Status remove(ToolRun& run, Client&, GroupClient& groups) {
  auto names = chosen_groups(run, groups);
  if (!names.ok()) return names.status();
  std::vector<std::string> removed, failures;
  for (const auto& name : *names) {
    auto error = groups.remove(name);
    if (error.ok() && *error == ErrorCode::kNone) {
      removed.push_back(name);
    } else {
      failures.push_back(
          absl::StrCat("* Group '", name, "' could not be deleted due to: ",
                       error.ok() ? java_error(*error) : std::string(error.status().message())));
    }
  }
  if (failures.empty()) {
    run.out << "Deletion of requested consumer groups (" << (removed.empty() ? "" : quoted(removed))
            << ") was successful.\n";
    return absl::OkStatus();
  }
  complain(run, "Deletion of some consumer groups failed:");
  for (const auto& failure : failures) run.out << failure << '\n';
  if (!removed.empty())
    run.out << "\nThese consumer groups were deleted successfully: " << quoted(removed) << '\n';
  return already_reported();
}

// The partitions of --topic; for a topic that is not there, a result in place of them.
absl::StatusOr<TopicPartitionSet> partitions_to_forget(const ToolRun& run, Client& client,
                                                       PartitionResults& results) {
  TopicPartitionSet partitions;
  for (const auto& text : run.options.values("topic")) {
    auto argument = parse_topic_argument(text);
    if (!argument.ok()) return wrong_usage(std::string(argument.status().message()));
    for (const int32_t index : argument->partitions) partitions.insert({argument->topic, index});
    if (!argument->partitions.empty()) continue;
    auto all = partitions_of(client, {argument->topic});
    if (all.ok()) {
      partitions.insert(all->begin(), all->end());
    } else if (absl::IsNotFound(all.status())) {
      results[{argument->topic, -1}] =
          absl::StrCat("Error: ", java_error(ErrorCode::kUnknownTopicOrPartition));
    } else {
      return all.status();
    }
  }
  return partitions;
}

// What is said above the table of partitions.
void announce_removal(ToolRun& run, const std::string& group, const GroupClient::Removal& removal) {
  const auto failed = std::ranges::find_if(
      removal.partitions, [](const auto& entry) { return entry.second != ErrorCode::kNone; });
  if (removal.error != ErrorCode::kNone) {
    complain(run, default_message(removal.error));
  } else if (failed != removal.partitions.end()) {
    complain(run, "Encountered some partition-level error, see the follow-up details.");
  } else {
    run.out << "Request succeeded for deleting offsets from group " << group << ".\n";
  }
}

absl::Status remove_offsets(ToolRun& run, Client& client, GroupClient& groups) {
  const std::string group = *run.options.value("group");
  PartitionResults results;
  auto partitions = partitions_to_forget(run, client, results);
  if (!partitions.ok()) return partitions.status();
  auto removal = groups.remove_offsets(group, *partitions);
  if (!removal.ok()) return removal.status();
  for (const auto& [partition, error] : removal->partitions)
    results[partition] =
        error == ErrorCode::kNone ? "Successful" : absl::StrCat("Error: ", java_error(error));
  announce_removal(run, group, *removal);
  run.out << results_text(results);
  const bool all_went =
      std::ranges::all_of(results, [](const auto& entry) { return entry.second == "Successful"; });
  return all_went && removal->error == ErrorCode::kNone ? absl::OkStatus() : already_reported();
}

// Without a broker. Consumers subscribe by RE2 expressions (KIP-848).
absl::Status validate_regex(ToolRun& run) {
  const std::string pattern = *run.options.value("validate-regex");
  const absl::Status status = check_topic_regex(pattern);
  run.out << "The regular expression `" << pattern << "` is "
          << (status.ok() ? "valid" : "invalid: " + std::string(status.message())) << ".\n";
  return absl::OkStatus();
}

struct Action {
  const char* name;
  absl::Status (*carry_out)(ToolRun&, Client&, GroupClient&);  // Null: needs no broker.
};
constexpr Action kActions[] = {{"list", list},
                               {"describe", describe},
                               {"delete", remove},
                               {"reset-offsets", reset_offsets},
                               {"delete-offsets", remove_offsets},
                               {"validate-regex", nullptr}};

absl::StatusOr<Action> action_of(const ToolRun& run) {
  std::vector<Action> given;
  std::vector<std::string> names;
  for (const auto& action : kActions) {
    names.push_back(absl::StrCat("--", action.name));
    if (run.options.has(action.name)) given.push_back(action);
  }
  if (given.size() == 1) return given[0];
  return wrong_usage(
      absl::StrCat("Command must include exactly one action: ", absl::StrJoin(names, ", ")));
}

absl::Status cannot_be_used(const std::string& option, const std::string& other) {
  return wrong_usage(
      absl::StrCat("Option \"[", option, "]\" can't be used with option \"[", other, "]\""));
}

// Which options go with which action.
absl::Status check(const ToolRun& run, const std::string& action) {
  const Options& options = run.options;
  const bool names_groups = options.has("group") || options.has("all-groups");
  if (options.has("group") && options.has("all-groups"))
    return cannot_be_used("group", "all-groups");
  if (options.has("group") && action == "list") return cannot_be_used("group", action);
  if (options.has("topic") && (action == "list" || action == "describe"))
    return cannot_be_used("topic", action);
  if ((action == "describe" || action == "delete") && !names_groups)
    return wrong_usage(
        absl::StrCat("Option [", action, "] takes one of these options: [all-groups], [group]"));
  if (action == "delete" && options.has("topic"))
    return wrong_usage("--delete is for whole groups; --delete-offsets takes a --topic.");
  if (action == "delete-offsets" && (!options.has("group") || !options.has("topic")))
    return wrong_usage("Option [delete-offsets] takes the following options: [group], [topic]");
  for (const char* option : {"members", "offsets", "verbose", "state", "type"}) {
    const bool is_for_list = option == std::string("state") || option == std::string("type");
    const bool fits = (action == "describe" && option != std::string("type")) ||
                      (action == "list" && is_for_list);
    if (options.has(option) && !fits)
      return wrong_usage(absl::StrCat("Option(s) [", option,
                                      "] are unavailable given other options on the command line"));
  }
  if (options.has("members") + options.has("offsets") + options.has("state") > 1)
    return wrong_usage(
        "Option [describe] takes at most one of these options: [members], [offsets], [state]");
  if (action == "describe" && options.value("state"))
    return wrong_usage("Option [describe] does not take a value for [state]");
  return action == "reset-offsets" ? check_reset(run) : absl::OkStatus();
}

}  // namespace

void complain(ToolRun& run, const std::string& what) { run.out << "\nError: " << what << '\n'; }

absl::StatusOr<int> timeout_of(const ToolRun& run) {
  auto timeout_ms = run.options.integer("timeout");
  if (!timeout_ms.ok()) return wrong_usage(std::string(timeout_ms.status().message()));
  return static_cast<int>(std::clamp<int64_t>(timeout_ms->value_or(kDefaultTimeoutMs), 1,
                                              std::numeric_limits<int32_t>::max()));
}

absl::StatusOr<std::vector<std::string>> chosen_groups(const ToolRun& run, GroupClient& groups) {
  std::set<std::string> names;
  for (const auto& name : run.options.values("group")) names.insert(name);
  if (run.options.has("all-groups")) {
    auto listings = list_groups(groups);
    if (!listings.ok()) return listings.status();
    for (const auto& listing : *listings) names.insert(listing.group);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

const std::vector<OptionSpec>& groups_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"list", kFlag, "prints the names of the groups"},
      {"describe", kFlag, "prints the partitions of groups, with offsets and lags"},
      {"delete", kFlag, "deletes groups that have no members"},
      {"delete-offsets", kFlag, "deletes what a group committed for topics"},
      {"reset-offsets", kFlag, "sets what groups without members committed"},
      {"group", kValue, "a group; may be given several times"},
      {"all-groups", kFlag, "all groups there are"},
      {"topic", kValue, "with --reset-offsets, --delete-offsets: a topic, or topic:0,1"},
      {"all-topics", kFlag, "with --reset-offsets: whatever the group has committed for"},
      {"offsets", kFlag, "with --describe: offsets and lags, the default"},
      {"members", kFlag, "with --describe: the members"},
      {"state", kOptionalValue,
       "with --describe: state and coordinator; with --list: a column, or states to look for"},
      {"type", kOptionalValue, "with --list: a column, or types to look for (classic,consumer)"},
      {"verbose", kFlag, "with --describe: epochs and assignments as well"},
      {"to-earliest", kFlag, "to the first offset there is"},
      {"to-latest", kFlag, "to the end"},
      {"to-current", kFlag, "to what is committed now"},
      {"to-offset", kValue, "to this offset"},
      {"to-datetime", kValue, "to a time: YYYY-MM-DDThh:mm:ss.sss, UTC unless it has a zone"},
      {"by-duration", kValue, "to so long ago: PnDTnHnMnS"},
      {"shift-by", kValue, "from what is committed, by so many, perhaps below 0"},
      {"from-file", kValue, "to what a CSV file says, such as --export writes"},
      {"dry-run", kFlag, "only shows the new offsets"},
      {"execute", kFlag, "commits them"},
      {"export", kFlag, "prints them as CSV"},
      {"validate-regex", kValue, "says whether consumers may subscribe by this expression"},
      {"timeout", kValue, "ms to wait for an answer (30000)"},
  }));
  return *kOptions;
}

absl::Status run_groups(ToolRun& run) {
  auto action = action_of(run);
  if (!action.ok()) return action.status();
  if (auto s = check(run, action->name); !s.ok()) return s;
  if (action->carry_out == nullptr) return validate_regex(run);
  auto timeout_ms = timeout_of(run);
  if (!timeout_ms.ok()) return timeout_ms.status();
  auto client = run.connect();
  if (!client.ok()) return client.status();
  GroupClient groups(**client, *timeout_ms);
  return action->carry_out(run, **client, groups);
}

}  // namespace moldau::cli
