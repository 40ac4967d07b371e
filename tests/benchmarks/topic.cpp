#include "tests/benchmarks/topic.h"

#include <algorithm>
#include <memory>

#include "broker/cli/client.h"
#include "protocol/messages/list_offsets.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

absl::StatusOr<std::unique_ptr<cli::Client>> connect(const Options& options) {
  auto servers = cli::parse_servers(options.bootstrap);
  if (!servers.ok()) return servers.status();
  return cli::Client::connect({.servers = *servers, .client_id = "moldau-load"});
}

absl::StatusOr<int32_t> common_leader(const MetadataResponse& metadata, int partitions) {
  int32_t leader = -1;
  int found = 0;
  for (const auto& topic : metadata.topics) {
    if (auto status = cli::to_status(topic.error_code); !status.ok()) return status;
    for (const auto& partition : topic.partitions) {
      if (partition.partition_index >= partitions) continue;
      ++found;
      if (partition.leader_id < 0) return absl::FailedPreconditionError("a leader is missing");
      if (leader >= 0 && leader != partition.leader_id)
        return absl::FailedPreconditionError("several brokers lead the topic; use one");
      leader = partition.leader_id;
    }
  }
  if (found < partitions)
    return absl::FailedPreconditionError(absl::StrCat("only ", found, " partitions are there"));
  return leader;
}

absl::StatusOr<int32_t> leader_id(cli::Client& client, const Options& options) {
  const std::vector<std::string> names = {options.topic};
  auto metadata = client.metadata(&names);
  if (!metadata.ok()) return metadata.status();
  return common_leader(*metadata, options.partitions);
}

}  // namespace

absl::StatusOr<Leader> find_leader(const Options& options) {
  auto client = connect(options);
  if (!client.ok()) return client.status();
  auto leader = leader_id(**client, options);
  if (!leader.ok()) return leader.status();
  for (const auto& broker : (*client)->last_metadata().brokers)
    if (broker.node_id == *leader) return Leader{.host = broker.host, .port = broker.port};
  return absl::FailedPreconditionError("the leader is not among the brokers");
}

absl::StatusOr<std::vector<int64_t>> start_offsets(const Options& options) {
  constexpr int64_t kLatestOffset = -1, kEarliestOffset = -2;
  auto client = connect(options);
  if (!client.ok()) return client.status();
  auto leader = leader_id(**client, options);
  if (!leader.ok()) return leader.status();

  ListOffsetsRequest request{.replica_id = -1};
  auto& topic = request.topics.emplace_back();
  topic.name = options.topic;
  for (int i = 0; i < options.partitions; ++i)
    topic.partitions.push_back(
        {.partition_index = i, .timestamp = options.from_latest ? kLatestOffset : kEarliestOffset});
  auto reply = (*client)->call<ListOffsetsResponse>(request, *leader);
  if (!reply.ok()) return reply.status();

  std::vector<int64_t> offsets(static_cast<size_t>(options.partitions), -1);
  for (const auto& answered : (*reply)->topics)
    for (const auto& partition : answered.partitions) {
      if (auto status = cli::to_status(partition.error_code); !status.ok()) return status;
      offsets.at(static_cast<size_t>(partition.partition_index)) = partition.offset;
    }
  if (std::ranges::find(offsets, -1) != offsets.end())
    return absl::FailedPreconditionError("not every partition's offset was given");
  return offsets;
}

}  // namespace moldau::bench
