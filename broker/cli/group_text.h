// How kafka-consumer-groups prints: the tables that scripts read, column by column as Kafka's tool
// has them, and JSON. Without any network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/cli/group_client.h"

namespace moldau::cli {

struct ListColumns {
  bool has_type = false;
  bool has_state = false;
};
// Names alone, or with a heading and columns if any is asked for.
std::string list_text(const std::vector<GroupListing>& groups, const ListColumns& columns);
std::string list_json(const std::vector<GroupListing>& groups);

// A line of --describe: a partition that a member has or that something was committed for.
struct OffsetRow {
  TopicPartition partition;
  CommittedOffset committed;              // -1: nothing was.
  std::optional<int64_t> log_end_offset;  // Not set: not known.
  std::string consumer_id = "-";
  std::string host = "-";
  std::string client_id = "-";
};
// First what members have, those with most first, then the rest; each part by topic and partition.
std::vector<OffsetRow> offset_rows(const GroupDescription& group, const CommittedOffsets& committed,
                                   const PartitionOffsets& log_end_offsets);
std::string offsets_text(const std::string& group, const std::vector<OffsetRow>& rows,
                         bool is_verbose);
std::string offsets_json(const GroupDescription& group, const std::vector<OffsetRow>& rows);

std::string members_text(const GroupDescription& group, bool is_verbose);
std::string members_json(const GroupDescription& group);

std::string state_text(const GroupDescription& group, bool is_verbose);
std::string state_json(const GroupDescription& group);

// New offsets by group, of --reset-offsets; as CSV with a column for the group only if there are
// several asked for.
using GroupOffsets = std::map<std::string, PartitionOffsets>;
std::string reset_text(const GroupOffsets& offsets);
std::string reset_csv(const GroupOffsets& offsets, bool has_group_column);
std::string reset_json(const GroupOffsets& offsets);

// --delete-offsets: what became of each partition; one below 0 stands for a whole topic.
using PartitionResults = std::map<TopicPartition, std::string>;
std::string results_text(const PartitionResults& results);

}  // namespace moldau::cli
