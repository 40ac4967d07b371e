// DescribeLogDirs (KIP-113): the data directories, how large each partition in them is, and how
// much space is left (KIP-827).
#include <algorithm>
#include <map>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partitions.h"

namespace moldau {
namespace {

bool is_wanted(const DescribeLogDirsRequest& request, const TopicPartition& tp) {
  if (!request.topics) return true;
  return std::ranges::any_of(*request.topics, [&](const auto& topic) {
    return topic.topic == tp.topic &&
           std::ranges::find(topic.partitions, tp.partition) != topic.partitions.end();
  });
}

struct Sized {
  TopicPartition name;
  size_t directory = 0;
  uint64_t bytes = 0;
};

asio::awaitable<std::vector<Sized>> sizes_of(Broker& broker,
                                             const DescribeLogDirsRequest& request) {
  std::vector<Sized> sizes;
  for (int i = 0; i < broker.shards().size(); ++i) {
    Shard& shard = broker.shards()[i];
    const auto collect = [&] {
      for (const auto& found : broker.partitions().on_shard(shard))
        if (is_wanted(request, found.name))
          sizes.push_back({found.name, found.directory, found.replica->log().size_bytes()});
    };
    co_await on(shard, collect);
  }
  co_return sizes;
}

}  // namespace

asio::awaitable<DescribeLogDirsResponse> handle_describe_log_dirs(RequestContext& ctx,
                                                                  DescribeLogDirsRequest& request) {
  auto& partitions = ctx.broker.partitions();
  const auto sizes = co_await sizes_of(ctx.broker, request);
  DescribeLogDirsResponse response;
  for (size_t i = 0; i < partitions.directories().size(); ++i) {
    const std::string& path = partitions.directories()[i].directory->path();
    auto& result = response.results.emplace_back();
    result.log_dir = path;
    if (const auto space = ctx.broker.disk().space(path); space.ok()) {
      result.total_bytes = static_cast<int64_t>(space->total_bytes);
      result.usable_bytes = static_cast<int64_t>(space->usable_bytes);
    }
    std::map<std::string, std::vector<DescribeLogDirsResponse::Partition>> by_topic;
    for (const auto& sized : sizes)
      if (sized.directory == i)
        by_topic[sized.name.topic].push_back({.partition_index = sized.name.partition,
                                              .partition_size = static_cast<int64_t>(sized.bytes)});
    for (auto& [name, found] : by_topic)
      result.topics.push_back({.name = name, .partitions = std::move(found)});
  }
  co_return response;
}

}  // namespace moldau
