// kafka-get-offsets: topic:partition:offset lines.
#include <algorithm>
#include <map>
#include <ostream>

#include "broker/cli/json.h"
#include "broker/cli/offset_selection.h"
#include "broker/cli/tool.h"
#include "protocol/messages/list_offsets.h"

#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

// What to ask of one node.
using RequestsByLeader = std::map<int32_t, ListOffsetsRequest>;

ListOffsetsRequest::Topic& topic_of(ListOffsetsRequest& request, const std::string& name) {
  if (request.topics.empty() || request.topics.back().name != name)
    request.topics.push_back({.name = name, .partitions = {}});
  return request.topics.back();
}

absl::StatusOr<RequestsByLeader> requests(ToolRun& run, const MetadataResponse& metadata,
                                          int64_t timestamp) {
  auto selection =
      PartitionSelection::parse(run.options.value("topic"), run.options.value("partitions"),
                                run.options.value("topic-partitions"));
  if (!selection.ok()) return selection.status();
  RequestsByLeader by_leader;
  bool has_any = false;
  for (const auto& topic : metadata.topics) {
    if (topic.is_internal && run.options.has("exclude-internal-topics")) continue;
    for (const auto& partition : topic.partitions) {
      if (!selection->has(*topic.name, partition.partition_index)) continue;
      has_any = true;
      if (partition.leader_id < 0) {
        run.err << "Skip getting offsets for topic-partition " << *topic.name << ":"
                << partition.partition_index << ": it has no leader\n";
        continue;
      }
      ListOffsetsRequest& request = by_leader[partition.leader_id];
      request.replica_id = -1;
      request.timeout_ms = 30'000;
      topic_of(request, *topic.name)
          .partitions.push_back(
              {.partition_index = partition.partition_index, .timestamp = timestamp});
    }
  }
  if (!has_any)
    return absl::NotFoundError("Could not match any topic-partitions with the specified filters");
  return by_leader;
}

struct Line {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = -1;
  auto operator<=>(const Line&) const = default;
};

void collect(const ListOffsetsResponse& response, ToolRun& run, std::vector<Line>& lines) {
  for (const auto& topic : response.topics)
    for (const auto& partition : topic.partitions) {
      const absl::Status status = to_status(partition.error_code);
      const int64_t offset =
          partition.old_style_offsets.empty() ? partition.offset : partition.old_style_offsets[0];
      if (!status.ok()) {
        run.err << "Skip getting offsets for topic-partition " << topic.name << ":"
                << partition.partition_index << " due to error: " << status.message() << '\n';
      } else if (offset >= 0) {
        lines.push_back({topic.name, partition.partition_index, offset});
      }
    }
}

std::string print(const ToolRun& run, const std::vector<Line>& lines) {
  if (!run.prints_json) {
    std::string text;
    for (const auto& line : lines)
      absl::StrAppend(&text, line.topic, ":", line.partition, ":", line.offset, "\n");
    return text;
  }
  std::vector<std::string> objects;
  for (const auto& line : lines)
    objects.push_back(JsonObject()
                          .text("topic", line.topic)
                          .number("partition", line.partition)
                          .number("offset", line.offset)
                          .done());
  return json_array(objects) + "\n";
}

}  // namespace

const std::vector<OptionSpec>& get_offsets_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"topic", kValue, "topics as a regular expression; without it all"},
      {"partitions", kValue, "partitions, with commas between; without it all"},
      {"topic-partitions", kValue, "topic:partition patterns, such as a:0-2,b:5-,:3"},
      {"time", kValue, "a timestamp in ms, or -1/latest, -2/earliest, -3/max-timestamp"},
      {"exclude-internal-topics", kFlag, "leaves out the broker's own topics"},
      {"broker-list", kValue, ""},
  }));
  return *kOptions;
}

absl::Status run_get_offsets(ToolRun& run) {
  auto timestamp = parse_offset_time(run.options.value("time").value_or("latest"));
  if (!timestamp.ok()) return timestamp.status();
  auto client = run.connect();
  if (!client.ok()) return client.status();
  auto metadata = (*client)->metadata(nullptr);
  if (!metadata.ok()) return metadata.status();
  auto by_leader = requests(run, *metadata, *timestamp);
  if (!by_leader.ok()) return by_leader.status();
  std::vector<Line> lines;
  for (const auto& [leader, request] : *by_leader) {
    auto reply = (*client)->call<ListOffsetsResponse>(request, leader);
    if (!reply.ok()) return reply.status();
    collect(reply->message, run, lines);
  }
  std::ranges::sort(lines);
  run.out << print(run, lines);
  return absl::OkStatus();
}

}  // namespace moldau::cli
