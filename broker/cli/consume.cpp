// kafka-console-consumer: prints the records of a topic, of all its partitions or, with --group, of
// those that the group assigns.
#include <algorithm>
#include <chrono>
#include <map>
#include <ostream>
#include <set>

#include "broker/cli/group_member.h"
#include "broker/cli/partition_reader.h"
#include "broker/cli/record_text.h"
#include "broker/cli/tool.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

constexpr int64_t kLatest = -1, kEarliest = -2;
constexpr int32_t kPollMs = 500;
constexpr int64_t kLongestJoinMs = 310'000;  // Others have five minutes to join with us.

using Properties = std::vector<std::pair<std::string, std::string>>;

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<Properties> pairs_of(const ToolRun& run, std::initializer_list<const char*> names) {
  Properties properties;
  for (const char* name : names) {
    auto pairs = parse_pairs(run.options.values(name));
    if (!pairs.ok()) return pairs.status();
    properties.insert(properties.end(), pairs->begin(), pairs->end());
  }
  return properties;
}

// Those of files first: what comes later goes.
absl::StatusOr<Properties> consumer_properties(const ToolRun& run) {
  auto given = pairs_of(run, {"consumer-property", "command-property"});
  if (!given.ok()) return given.status();
  Properties properties = run.client_properties;
  properties.insert(properties.end(), given->begin(), given->end());
  return properties;
}

void apply_consumer_properties(PartitionReader::Options& options, const Properties& properties) {
  for (const auto& [name, value] : properties) {
    if (name == "isolation.level") options.read_committed = value == "read_committed";
    if (name == "auto.offset.reset")
      options.start_timestamp = value == "earliest" ? kEarliest : kLatest;
  }
}

std::optional<std::string> value_of(const Properties& properties, const std::string& key) {
  std::optional<std::string> last;
  for (const auto& [name, value] : properties)
    if (name == key) last = value;
  return last;
}

absl::Status apply_offset(PartitionReader::Options& options, const std::string& text) {
  int64_t number = 0;
  if (text == "earliest") {
    options.start_timestamp = kEarliest;
  } else if (text == "latest") {
    options.start_timestamp = kLatest;
  } else if (absl::SimpleAtoi(text, &number) && number >= 0) {
    options.offset = number;
  } else {
    return wrong_usage(absl::StrCat("The provided offset value '", text,
                                    "' is incorrect. Valid values are 'earliest', 'latest', or a "
                                    "non-negative long."));
  }
  return absl::OkStatus();
}

absl::Status choose_topics(PartitionReader::Options& options, const ToolRun& run) {
  const auto topic = run.options.value("topic");
  auto include = run.options.value("include");
  if (!include) include = run.options.value("whitelist");
  if (topic.has_value() == include.has_value())
    return wrong_usage("Exactly one of the following arguments is required: [topic], [include]");
  if (topic) {
    options.topics = {*topic};
    return absl::OkStatus();
  }
  auto filter = topic_filter(include);
  if (!filter.ok()) return filter.status();
  options.includes = *std::move(filter);
  return absl::OkStatus();
}

absl::StatusOr<PartitionReader::Options> reader_options(const ToolRun& run) {
  PartitionReader::Options options;
  if (auto s = choose_topics(options, run); !s.ok()) return s;
  auto properties = consumer_properties(run);
  if (!properties.ok()) return properties.status();
  apply_consumer_properties(options, *properties);
  if (run.options.value("isolation-level") == "read_committed") options.read_committed = true;

  auto partition = run.options.integer("partition");
  if (!partition.ok()) return partition.status();
  if (*partition && options.topics.empty())
    return wrong_usage("The topic is required when partition is specified.");
  if (*partition) options.partition = static_cast<int32_t>(**partition);
  const auto offset = run.options.value("offset");
  const bool from_beginning = run.options.has("from-beginning");
  if (offset && !*partition)
    return wrong_usage("The partition is required when offset is specified.");
  if (offset && from_beginning)
    return wrong_usage("from-beginning and offset cannot be specified together.");
  if (from_beginning) options.start_timestamp = kEarliest;
  if (offset)
    if (auto s = apply_offset(options, *offset); !s.ok()) return s;
  return options;
}

absl::StatusOr<RecordText> record_text(const ToolRun& run) {
  auto properties = pairs_of(run, {"property", "formatter-property"});
  if (!properties.ok()) return properties.status();
  for (const char* side : {"key", "value"})
    if (const auto name = run.options.value(absl::StrCat(side, "-deserializer")))
      properties->emplace_back(absl::StrCat(side, ".deserializer"), *name);
  auto format = RecordText::from_properties(*properties);
  if (!format.ok()) return wrong_usage(std::string(format.status().message()));
  const std::string formatter = run.options.value("formatter").value_or("DefaultMessageFormatter");
  if (absl::EndsWith(formatter, "NoOpMessageFormatter")) {
    format->prints_value = false;
    format->line_separator = "";
  } else if (!absl::EndsWith(formatter, "DefaultMessageFormatter")) {
    return absl::UnimplementedError(absl::StrCat("there is no formatter ", formatter));
  }
  return format;
}

// When to stop: after so many records, or when none came for so long.
struct Limits {
  int64_t max_messages = INT64_MAX;
  int64_t timeout_ms = INT64_MAX;
};

absl::StatusOr<Limits> limits_of(const ToolRun& run) {
  Limits limits;
  auto max_messages = run.options.integer("max-messages");
  if (!max_messages.ok()) return max_messages.status();
  auto timeout_ms = run.options.integer("timeout-ms");
  if (!timeout_ms.ok()) return timeout_ms.status();
  if (*max_messages && **max_messages >= 0) limits.max_messages = **max_messages;
  if (*timeout_ms && **timeout_ms >= 0) limits.timeout_ms = **timeout_ms;
  return limits;
}

// What there is to read: all partitions, or those that a group assigns us.
struct Source {
  PartitionReader& reader;
  GroupMember* member = nullptr;  // Not of a group.

  absl::Status begin(int64_t timeout_ms) {
    return member != nullptr ? absl::OkStatus()
                             : reader.begin(std::min<int64_t>(timeout_ms, 60'000));
  }
  absl::Status keep_up(int64_t timeout_ms) {
    if (member == nullptr) return absl::OkStatus();
    auto assignment = member->keep_up(std::min<int64_t>(timeout_ms, kLongestJoinMs));
    if (!assignment.ok()) return assignment.status();
    if (*assignment) reader.assign((*assignment)->all, (*assignment)->starts);
    return absl::OkStatus();
  }
  absl::Status end() { return member != nullptr ? member->leave() : absl::OkStatus(); }
};

absl::Status print_records(ToolRun& run, Source source, const RecordText& format,
                           const Limits& limits) {
  int64_t count = 0;
  int64_t last_record_ms = now_ms();
  const PartitionReader::Visit print = [&](const Record& record, const RecordPlace& place) {
    run.out << (run.prints_json ? record_json(record, place) : format.print(record, place));
    last_record_ms = now_ms();
    return ++count < limits.max_messages && !is_interrupted();
  };
  absl::Status status = source.begin(limits.timeout_ms);
  while (status.ok() && !is_interrupted() && count < limits.max_messages) {
    const int64_t left = limits.timeout_ms - (now_ms() - last_record_ms);
    if (left <= 0) break;
    status = source.keep_up(left);
    if (!status.ok() || is_interrupted()) break;
    status = source.reader.read(print, static_cast<int32_t>(std::min<int64_t>(left, kPollMs)));
    run.out.flush();
    if (!run.out) break;
  }
  const absl::Status ended = source.end();
  run.err << "Processed a total of " << count << " messages\n";
  if (is_interrupted()) status = absl::OkStatus();
  return status.ok() ? ended : status;
}

// The one group of --group and of the properties; none without any.
absl::StatusOr<std::optional<std::string>> group_of(const ToolRun& run,
                                                    const Properties& properties) {
  std::set<std::string> names;
  if (const auto name = run.options.value("group")) names.insert(*name);
  for (const auto& [name, value] : properties)
    if (name == "group.id") names.insert(value);
  if (names.size() > 1)
    return wrong_usage("The group ids of --group and of the consumer's properties do not match: '" +
                       absl::StrJoin(names, "', '") + "'");
  if (!names.empty() && run.options.has("partition"))
    return wrong_usage("Options group and partition cannot be specified together.");
  return names.empty() ? std::nullopt : std::optional(*names.begin());
}

absl::StatusOr<GroupMember::Options> member_options(const std::string& group,
                                                    const Properties& properties,
                                                    const PartitionReader::Options& reader) {
  GroupMember::Options options{
      .group = group, .topics = reader.topics, .includes = reader.includes};
  const std::map<std::string, int32_t*> numbers = {
      {"session.timeout.ms", &options.session_timeout_ms},
      {"heartbeat.interval.ms", &options.heartbeat_interval_ms},
      {"max.poll.interval.ms", &options.max_poll_interval_ms},
      {"auto.commit.interval.ms", &options.auto_commit_interval_ms}};
  for (const auto& [name, value] : properties) {
    const auto number = numbers.find(name);
    if (number != numbers.end() && !absl::SimpleAtoi(value, number->second))
      return wrong_usage(absl::StrCat("\"", value, "\" is no number for ", name));
    if (name == "group.instance.id") options.instance_id = value;
    if (name == "group.remote.assignor") options.assignor = value;
    if (name == "enable.auto.commit") options.auto_commit = value == "true";
  }
  return options;
}

// As the property group.protocol says; else the classic one.
absl::StatusOr<std::unique_ptr<GroupMember>> member_of(Client& client, const std::string& group,
                                                       const Properties& properties,
                                                       const PartitionReader::Options& reads,
                                                       const PartitionReader& reader) {
  auto options = member_options(group, properties, reads);
  if (!options.ok()) return options.status();
  const auto positions = [&reader] { return reader.positions(); };
  const std::string protocol = value_of(properties, "group.protocol").value_or("classic");
  if (absl::EqualsIgnoreCase(protocol, "consumer"))
    return GroupMember::consumer(client, *std::move(options), positions);
  if (absl::EqualsIgnoreCase(protocol, "classic"))
    return GroupMember::classic(client, *std::move(options), positions);
  return wrong_usage(absl::StrCat("group.protocol is classic or consumer, not ", protocol));
}

}  // namespace

const std::vector<OptionSpec>& consume_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"topic", kValue, "the topic"},
      {"include", kValue, "topics as a regular expression, in place of --topic"},
      {"whitelist", kValue, ""},
      {"from-beginning", kFlag, "from the first record there is, not from now on"},
      {"partition", kValue, "only this partition"},
      {"offset", kValue, "with --partition: a number, earliest or latest"},
      {"max-messages", kValue, "ends after so many"},
      {"timeout-ms", kValue, "ends when no record came for so long"},
      {"isolation-level", kValue, "read_uncommitted or read_committed"},
      {"property", kValue,
       "print.key, print.value, print.timestamp, print.partition, print.offset, print.headers, "
       "key.separator, line.separator, headers.separator, null.literal"},
      {"formatter-property", kValue, "newer name of --property"},
      {"consumer-property", kValue, "isolation.level, auto.offset.reset, ..."},
      {"command-property", kValue, "newer name of --consumer-property"},
      {"consumer.config", kValue, "older name of --command-config"},
      {"key-deserializer", kValue, "LongDeserializer and the like; without it, text"},
      {"value-deserializer", kValue, "the same for values"},
      {"formatter", kValue, "DefaultMessageFormatter or NoOpMessageFormatter"},
      {"formatter-config", kValue, ""},
      {"group", kValue, "reads as a member of this group, which remembers how far"},
      {"broker-list", kValue, ""},
      {"skip-message-on-error", kFlag, ""},
      {"enable-systest-events", kFlag, ""},
      {"new-consumer", kFlag, ""},
  }));
  return *kOptions;
}

absl::Status run_consume(ToolRun& run) {
  auto options = reader_options(run);
  if (!options.ok()) return options.status();
  auto format = record_text(run);
  if (!format.ok()) return format.status();
  auto limits = limits_of(run);
  if (!limits.ok()) return limits.status();
  auto properties = consumer_properties(run);
  if (!properties.ok()) return properties.status();
  auto group = group_of(run, *properties);
  if (!group.ok()) return group.status();
  auto client = run.connect(value_of(*properties, "client.id").value_or("console-consumer"));
  if (!client.ok()) return client.status();
  catch_interrupts();
  PartitionReader reader(**client, *options);
  std::unique_ptr<GroupMember> member;
  if (*group) {
    auto made = member_of(**client, **group, *properties, *options, reader);
    if (!made.ok()) return made.status();
    member = *std::move(made);
  }
  return print_records(run, {.reader = reader, .member = member.get()}, *format, *limits);
}

}  // namespace moldau::cli
