// Which partitions and which point in time kafka-get-offsets is asked for: without any network.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau::cli {

// "latest" or -1, "earliest" -2, "max-timestamp" -3, "earliest-local" -4, "latest-tiered" -5,
// "earliest-pending-upload" -6, or a timestamp in ms.
absl::StatusOr<int64_t> parse_offset_time(const std::string& text);

class PartitionSelection {
 public:
  // `topic` and `partitions` together, or `topic_partitions`: patterns with commas between, each
  // topic[:partitions], partitions being 3, 2-5 (5 left out), 2- or -5. Topics are regular
  // expressions of whole names; an empty one is any.
  static absl::StatusOr<PartitionSelection> parse(
      const std::optional<std::string>& topic, const std::optional<std::string>& partitions,
      const std::optional<std::string>& topic_partitions);
  bool has(const std::string& topic, int32_t partition) const;

 private:
  struct Pattern {
    std::function<bool(const std::string&)> has_topic;
    int32_t from = 0;
    int32_t to = INT32_MAX;  // Not included.
  };
  static absl::StatusOr<Pattern> parse_pattern(const std::string& text);

  std::vector<Pattern> patterns_;  // Any of them.
};

}  // namespace moldau::cli
