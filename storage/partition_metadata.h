// The file partition.metadata, which binds a directory to a topic id:
//
//   version: 0\n  topic_id: <base64url>\n
#pragma once

#include <string>
#include <string_view>

#include "protocol/uuid.h"

#include "absl/status/statusor.h"

namespace moldau {

std::string partition_metadata_text(const Uuid& topic_id);
absl::StatusOr<Uuid> parse_partition_metadata(std::string_view text);

}  // namespace moldau
