// The two halves of kafka-consumer-groups: what it shows and deletes (groups.cpp), and
// --reset-offsets (reset_offsets.cpp).
#pragma once

#include "broker/cli/group_client.h"
#include "broker/cli/tool.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

// The names of --group, or all there are for --all-groups.
absl::StatusOr<std::vector<std::string>> chosen_groups(const ToolRun& run, GroupClient& groups);

absl::StatusOr<int> timeout_of(const ToolRun& run);

// A complaint that does not end the run: "\nError: ..." on stdout, as Kafka's tool has it.
void complain(ToolRun& run, const std::string& what);

// Checks the options of --reset-offsets that can be checked without a broker, and warns if nothing
// will be done.
absl::Status check_reset(const ToolRun& run);
absl::Status reset_offsets(ToolRun& run, Client& client, GroupClient& groups);

}  // namespace moldau::cli
