// Errors in the words of Kafka's Java tools, for output that scripts compare.
#pragma once

#include <optional>
#include <string>

#include "protocol/error_code.h"

#include "absl/status/status.h"

namespace moldau::cli {

// "org.apache.kafka.common.errors.GroupIdNotFoundException: Group g not found.": the exception that
// Kafka's clients make of the code, and the broker's text, or ours where it gave none.
std::string java_error(ErrorCode error, const std::optional<std::string>& message = {});

// The same as a status: NotFound for a group or a topic that does not exist, Unavailable for what
// may work later, else InvalidArgument. Ok for kNone.
absl::Status java_status(ErrorCode error, const std::optional<std::string>& message = {});

}  // namespace moldau::cli
