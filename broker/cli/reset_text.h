// What --reset-offsets is told on the command line and in files: points in time, partitions, plans.
// Without any network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/cli/group_text.h"

#include "absl/status/statusor.h"

namespace moldau::cli {

// "2026-11-23T10:00:00.000", UTC unless it ends with Z, +01, +0100 or +01:00; the seconds may have
// no fraction. Milliseconds since 1970.
absl::StatusOr<int64_t> parse_datetime(const std::string& text);

// "P1DT2H3M4.5S" (ISO 8601, days at most, as java.time.Duration), perhaps with signs. Milliseconds.
absl::StatusOr<int64_t> parse_duration(const std::string& text);

// "t:0,1": the partitions of a topic; "t" alone: all of them, which is no partition here.
struct TopicArgument {
  std::string topic;
  std::vector<int32_t> partitions;
};
absl::StatusOr<TopicArgument> parse_topic_argument(const std::string& text);

// Lines of CSV: topic,partition,offset if there is one group to reset, else (or if the lines have
// four parts) group,topic,partition,offset.
absl::StatusOr<GroupOffsets> parse_reset_plan(const std::string& csv,
                                              const std::vector<std::string>& groups);

}  // namespace moldau::cli
