#include "broker/cli/group_text.h"

#include <algorithm>
#include <tuple>

#include "broker/cli/json.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

// In characters of UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// A cell of a line and the least width of its column.
struct Cell {
  std::string text;
  size_t width = 0;
};

// Cells with a space between; the last is filled up like the others if it has a width.
std::string line_of(const std::vector<Cell>& cells) {
  std::string line;
  for (const auto& cell : cells) {
    if (!line.empty()) line += ' ';
    line += cell.text;
    const size_t width = width_of(cell.text);
    if (width < cell.width) line.append(cell.width - width, ' ');
  }
  return line;
}

constexpr size_t kNameWidth = 15;

template <class Range, class Projection>
size_t widest(const Range& range, size_t least, Projection text_of) {
  for (const auto& one : range) least = std::max(least, width_of(text_of(one)));
  return least;
}

template <class Number>
std::string or_dash(const std::optional<Number>& number) {
  return number ? absl::StrCat(*number) : "-";
}

std::optional<int64_t> offset_of(const OffsetRow& row) {
  return row.committed.offset < 0 ? std::nullopt : std::optional(row.committed.offset);
}

std::optional<int64_t> lag_of(const OffsetRow& row) {
  if (row.committed.offset < 0 || !row.log_end_offset) return std::nullopt;
  return *row.log_end_offset - row.committed.offset;
}

std::optional<int32_t> epoch_of(const OffsetRow& row) {
  return row.committed.leader_epoch < 0 ? std::nullopt : std::optional(row.committed.leader_epoch);
}

// "a:0,1;b:2"
std::string print(const TopicPartitionSet& partitions) {
  std::map<std::string, std::vector<int32_t>> by_topic;
  for (const auto& partition : partitions) by_topic[partition.topic].push_back(partition.partition);
  std::vector<std::string> topics;
  for (const auto& [topic, indexes] : by_topic)
    topics.push_back(absl::StrCat(topic, ":", absl::StrJoin(indexes, ",")));
  return topics.empty() ? "-" : absl::StrJoin(topics, ";");
}

std::string address_of(const GroupDescription& group) {
  return absl::StrCat(group.coordinator.host, ":", group.coordinator.port);
}

std::string number_or_null(const std::optional<int64_t>& number) {
  return number ? absl::StrCat(*number) : "null";
}

std::string text_or_null(const std::string& text) {
  return text == "-" ? "null" : json_string(text);
}

std::string partitions_json(const TopicPartitionSet& partitions) {
  std::vector<std::string> objects;
  for (const auto& partition : partitions)
    objects.push_back(JsonObject()
                          .text("topic", partition.topic)
                          .number("partition", partition.partition)
                          .done());
  return json_array(objects);
}

// Kafka's writer puts quotes around what holds a character up to the comma, and around what is too
// long for it to look.
std::string csv_text(const std::string& text) {
  constexpr size_t kLongest = 24;
  const bool is_plain = width_of(text) <= kLongest &&
                        std::ranges::all_of(text, [](char c) { return c > ',' || c < 0; });
  if (is_plain) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// What --members adds with --verbose.
std::vector<std::string> epochs_of(const GroupDescription& group,
                                   const GroupDescription::Member& member) {
  return {or_dash(member.epoch), print(member.assigned), or_dash(group.assignment_epoch),
          print(member.target)};
}

// Whether members of both protocols are in it (KIP-848).
bool is_migrating(const GroupDescription& group) {
  const auto has = [&](bool upgraded) {
    return std::ranges::any_of(
        group.members, [&](const auto& m) { return m.is_upgraded && *m.is_upgraded == upgraded; });
  };
  return has(false) && has(true);
}

// The columns of --members, one way for heading and lines.
class MemberLines {
 public:
  MemberLines(const GroupDescription& group, bool is_verbose)
      : is_verbose_(is_verbose), shows_upgrade_(is_migrating(group)) {
    using Member = GroupDescription::Member;
    const auto& members = group.members;
    group_ = members.empty() ? kNameWidth : std::max(kNameWidth, width_of(group.group));
    id_ = widest(members, kNameWidth, [](const Member& m) { return m.id; });
    instance_ = widest(members, 17, [](const Member& m) { return m.instance_id.value_or(""); });
    host_ = widest(members, kNameWidth, [](const Member& m) { return m.host; });
    client_ = widest(members, kNameWidth, [](const Member& m) { return m.client_id; });
    current_ = widest(members, 20, [](const Member& m) { return print(m.assigned); });
    target_ = widest(members, 20, [](const Member& m) { return print(m.target); });
    shows_instance_ = std::ranges::any_of(
        members, [](const Member& m) { return !m.instance_id.value_or("").empty(); });
  }

  std::string print_line(const std::string& group, const std::string& id,
                         const std::string& instance, const std::string& host,
                         const std::string& client, const std::string& partitions,
                         const std::vector<std::string>& epochs,
                         const std::string& upgraded) const {
    std::vector<Cell> cells{{group, group_}, {id, id_}};
    if (shows_instance_) cells.push_back({instance, instance_});
    cells.push_back({host, host_});
    cells.push_back({client, client_});
    cells.push_back({partitions, kNameWidth});
    if (!is_verbose_) return line_of(cells) + " \n";
    const size_t widths[] = {kNameWidth, current_, kNameWidth, target_};
    for (size_t i = 0; i < epochs.size(); ++i) cells.push_back({epochs[i], widths[i]});
    if (shows_upgrade_) cells.push_back({upgraded});
    return line_of(cells) + "\n";
  }

 private:
  bool is_verbose_;
  bool shows_upgrade_;
  bool shows_instance_ = false;
  size_t group_ = 0, id_ = 0, instance_ = 0, host_ = 0, client_ = 0, current_ = 0, target_ = 0;
};

}  // namespace

std::string list_text(const std::vector<GroupListing>& groups, const ListColumns& columns) {
  std::string text;
  const bool has_columns = columns.has_type || columns.has_state;
  const size_t width =
      10 + widest(groups, kNameWidth, [](const GroupListing& group) { return group.group; });
  const auto add = [&](const std::string& name, const std::string& type, const std::string& state) {
    std::vector<Cell> cells{{name, has_columns ? width : 0}};
    if (columns.has_type) cells.push_back({type, 20});
    if (columns.has_state) cells.push_back({state, 20});
    absl::StrAppend(&text, line_of(cells), "\n");
  };
  if (has_columns) add("GROUP", "TYPE", "STATE");
  for (const auto& group : groups)
    add(group.group, group.type.empty() ? "Unknown" : group.type,
        group.state.empty() ? "Unknown" : group.state);
  return text;
}

std::string list_json(const std::vector<GroupListing>& groups) {
  std::vector<std::string> objects;
  for (const auto& group : groups)
    objects.push_back(JsonObject()
                          .text("group", group.group)
                          .text("type", group.type)
                          .text("state", group.state)
                          .done());
  return json_array(objects) + "\n";
}

std::vector<OffsetRow> offset_rows(const GroupDescription& group, const CommittedOffsets& committed,
                                   const PartitionOffsets& log_end_offsets) {
  std::vector<OffsetRow> rows;
  const auto add = [&](const TopicPartition& partition) -> OffsetRow& {
    OffsetRow row{.partition = partition};
    if (const auto found = committed.find(partition); found != committed.end())
      row.committed = found->second;
    if (const auto found = log_end_offsets.find(partition); found != log_end_offsets.end())
      row.log_end_offset = found->second;
    return rows.emplace_back(std::move(row));
  };
  std::vector<GroupDescription::Member> members = group.members;
  std::ranges::stable_sort(members, std::greater(),
                           [](const auto& member) { return member.assigned.size(); });
  TopicPartitionSet assigned;
  for (const auto& member : members)
    for (const auto& partition : member.assigned) {
      OffsetRow& row = add(partition);
      row.consumer_id = member.id;
      row.host = member.host;
      row.client_id = member.client_id;
      assigned.insert(partition);
    }
  for (const auto& [partition, offset] : committed)
    if (!assigned.contains(partition)) add(partition);
  return rows;
}

std::string offsets_text(const std::string& group, const std::vector<OffsetRow>& rows,
                         bool is_verbose) {
  const size_t group_width = std::max(kNameWidth, width_of(group));
  const size_t topic_width =
      widest(rows, kNameWidth, [](const OffsetRow& row) { return row.partition.topic; });
  const size_t id_width =
      widest(rows, kNameWidth, [](const OffsetRow& row) { return row.consumer_id; });
  const size_t host_width = widest(rows, kNameWidth, [](const OffsetRow& row) { return row.host; });
  std::string text;
  const auto add = [&](const std::string& name, const std::string& topic,
                       const std::string& partition, const std::string& epoch,
                       const std::string& offset, const std::string& end, const std::string& lag,
                       const std::string& id, const std::string& host, const std::string& client) {
    std::vector<Cell> cells{{name, group_width}, {topic, topic_width}, {partition, 10}};
    if (is_verbose) cells.push_back({epoch, 15});
    for (const auto& number : {offset, end, lag}) cells.push_back({number, 15});
    cells.push_back({id, id_width});
    cells.push_back({host, host_width});
    cells.push_back({client});
    absl::StrAppend(&text, "\n", line_of(cells));
  };
  add("GROUP", "TOPIC", "PARTITION", "LEADER-EPOCH", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG",
      "CONSUMER-ID", "HOST", "CLIENT-ID");
  for (const auto& row : rows)
    add(group, row.partition.topic, absl::StrCat(row.partition.partition), or_dash(epoch_of(row)),
        or_dash(offset_of(row)), or_dash(row.log_end_offset), or_dash(lag_of(row)), row.consumer_id,
        row.host, row.client_id);
  return text + "\n";
}

std::string offsets_json(const GroupDescription& group, const std::vector<OffsetRow>& rows) {
  std::vector<std::string> partitions;
  for (const auto& row : rows)
    partitions.push_back(JsonObject()
                             .text("topic", row.partition.topic)
                             .number("partition", row.partition.partition)
                             .raw("leader_epoch", number_or_null(epoch_of(row)))
                             .raw("current_offset", number_or_null(offset_of(row)))
                             .raw("log_end_offset", number_or_null(row.log_end_offset))
                             .raw("lag", number_or_null(lag_of(row)))
                             .raw("consumer_id", text_or_null(row.consumer_id))
                             .raw("host", text_or_null(row.host))
                             .raw("client_id", text_or_null(row.client_id))
                             .done());
  return JsonObject()
      .text("group", group.group)
      .text("state", group.state)
      .raw("partitions", json_array(partitions))
      .done();
}

std::string members_text(const GroupDescription& group, bool is_verbose) {
  const MemberLines lines(group, is_verbose);
  std::string text = "\n";
  text += lines.print_line(
      "GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS",
      {"CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"}, "UPGRADED");
  for (const auto& member : group.members) {
    const std::string upgraded =
        !member.is_upgraded ? "-" : (*member.is_upgraded ? "true" : "false");
    text += lines.print_line(group.group, member.id, member.instance_id.value_or(""), member.host,
                             member.client_id, absl::StrCat(member.assigned.size()),
                             epochs_of(group, member), upgraded);
  }
  return text;
}

std::string members_json(const GroupDescription& group) {
  std::vector<std::string> members;
  for (const auto& member : group.members) {
    JsonObject object;
    object.text("consumer_id", member.id)
        .raw("group_instance_id", text_or_null(member.instance_id.value_or("-")))
        .text("host", member.host)
        .text("client_id", member.client_id)
        .raw("epoch", number_or_null(member.epoch))
        .raw("assignment", partitions_json(member.assigned))
        .raw("target_assignment", partitions_json(member.target));
    if (member.is_upgraded) object.boolean("is_upgraded", *member.is_upgraded);
    members.push_back(object.done());
  }
  return JsonObject()
      .text("group", group.group)
      .text("state", group.state)
      .raw("assignment_epoch", number_or_null(group.assignment_epoch))
      .raw("members", json_array(members))
      .done();
}

std::string state_text(const GroupDescription& group, bool is_verbose) {
  const std::string coordinator = absl::StrCat(address_of(group), "  (", group.coordinator_id, ")");
  const size_t group_width = std::max(kNameWidth, width_of(group.group));
  const size_t coordinator_width = std::max<size_t>(25, width_of(coordinator));
  std::string text;
  const auto add = [&](const std::string& name, const std::string& address,
                       const std::string& assignor, const std::string& state,
                       const std::string& epoch, const std::string& assignment_epoch,
                       const std::string& members) {
    std::vector<Cell> cells{
        {name, group_width}, {address, coordinator_width}, {assignor, 20}, {state, 20}};
    if (is_verbose) cells.push_back({epoch, 15});
    if (is_verbose) cells.push_back({assignment_epoch, 25});
    cells.push_back({members});
    absl::StrAppend(&text, "\n", line_of(cells));
  };
  add("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "GROUP-EPOCH",
      "TARGET-ASSIGNMENT-EPOCH", "#MEMBERS");
  add(group.group, coordinator, group.assignor.empty() ? "-" : group.assignor, group.state,
      or_dash(group.epoch), or_dash(group.assignment_epoch), absl::StrCat(group.members.size()));
  return text + "\n";
}

std::string state_json(const GroupDescription& group) {
  return JsonObject()
      .text("group", group.group)
      .text("type", group.type)
      .text("state", group.state)
      .text("assignor", group.assignor)
      .text("coordinator", address_of(group))
      .number("coordinator_id", group.coordinator_id)
      .raw("epoch", number_or_null(group.epoch))
      .raw("assignment_epoch", number_or_null(group.assignment_epoch))
      .number("members", static_cast<int64_t>(group.members.size()))
      .done();
}

std::string reset_text(const GroupOffsets& offsets) {
  size_t group_width = kNameWidth, topic_width = kNameWidth;
  for (const auto& [group, partitions] : offsets) {
    group_width = std::max(group_width, width_of(group));
    topic_width =
        widest(partitions, topic_width, [](const auto& entry) { return entry.first.topic; });
  }
  std::string text;
  const auto add = [&](const std::string& group, const std::string& topic,
                       const std::string& partition, const std::string& offset) {
    absl::StrAppend(
        &text, "\n",
        line_of({{group, group_width}, {topic, topic_width}, {partition, 10}, {offset}}));
  };
  if (!offsets.empty()) add("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET");
  for (const auto& [group, partitions] : offsets)
    for (const auto& [partition, offset] : partitions)
      add(group, partition.topic, absl::StrCat(partition.partition), absl::StrCat(offset));
  return text + "\n";
}

std::string reset_csv(const GroupOffsets& offsets, bool has_group_column) {
  std::string text;
  for (const auto& [group, partitions] : offsets)
    for (const auto& [partition, offset] : partitions)
      absl::StrAppend(&text, has_group_column ? csv_text(group) + "," : "",
                      csv_text(partition.topic), ",", partition.partition, ",", offset, "\n");
  return text + "\n";
}

std::string reset_json(const GroupOffsets& offsets) {
  std::vector<std::string> objects;
  for (const auto& [group, partitions] : offsets)
    for (const auto& [partition, offset] : partitions)
      objects.push_back(JsonObject()
                            .text("group", group)
                            .text("topic", partition.topic)
                            .number("partition", partition.partition)
                            .number("new_offset", offset)
                            .done());
  return json_array(objects) + "\n";
}

std::string results_text(const PartitionResults& results) {
  const size_t width =
      widest(results, kNameWidth, [](const auto& entry) { return entry.first.topic; });
  // Kafka's order is that of topic and partition written together: t1, t10, t2.
  std::map<std::string, std::string> lines;
  for (const auto& [partition, result] : results) {
    const std::string number = partition.partition < 0 ? "-" : absl::StrCat(partition.partition);
    lines[absl::StrCat(partition.topic, partition.partition, "\n", number)] =
        line_of({{partition.topic, width}, {number, 10}, {result, 15}});
  }
  std::string text = "\n" + line_of({{"TOPIC", width}, {"PARTITION", 10}, {"STATUS", 15}});
  for (const auto& [key, line] : lines) absl::StrAppend(&text, "\n", line);
  return text + "\n";
}

}  // namespace moldau::cli
