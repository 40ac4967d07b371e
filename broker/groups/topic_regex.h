// Subscription by a regular expression (KIP-848): RE2 syntax, evaluated here and not in the client.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replication/metadata/image.h"

#include "absl/status/status.h"

namespace moldau {

// InvalidArgument if the pattern is not an expression, or needs too much memory to be one. The
// message is fit for the client (INVALID_REGULAR_EXPRESSION).
absl::Status check_topic_regex(std::string_view pattern);

// The names of the topics that the pattern matches as a whole, sorted. As in Kafka, internal topics
// are no exception: who does not want them writes a pattern that leaves them out. Empty if the
// pattern is not an expression.
std::vector<std::string> topics_matching(std::string_view pattern, const ClusterImage& image);

}  // namespace moldau
