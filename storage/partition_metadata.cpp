#include "storage/partition_metadata.h"

#include "storage/checkpoint_file.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace moldau {

namespace {
constexpr std::string_view kTopicId = "topic_id: ";
}

std::string partition_metadata_text(const Uuid& topic_id) {
  // Kafka ends the file without a newline.
  return absl::StrCat("version: 0\ntopic_id: ", to_string(topic_id));
}

absl::StatusOr<Uuid> parse_partition_metadata(std::string_view text) {
  bool is_version_0 = false;
  std::optional<Uuid> id;
  for (const auto raw : split(text, '\n')) {
    const auto line = without_spaces_around(raw);
    if (line == "version: 0") is_version_0 = true;
    if (line.starts_with(kTopicId)) id = parse_uuid(line.substr(kTopicId.size()));
  }
  if (!is_version_0 || !id) return absl::DataLossError("partition.metadata can not be read");
  return *id;
}

}  // namespace moldau
