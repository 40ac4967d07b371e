#include "broker/group_coordinator.h"

#include <algorithm>
#include <chrono>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "broker/groups/java_string.h"
#include "protocol/big_endian.h"

namespace moldau {
namespace {

std::string table_prefix(int32_t partition) {
  std::string prefix = "g";
  append_big_endian(prefix, partition);
  return prefix;
}

CreateTopicsRequest::Config config(std::string key, std::string value) {
  CreateTopicsRequest::Config out;
  out.name = std::move(key);
  out.value = std::move(value);
  return out;
}

ForgetTopics deleted_topics(const MetadataDelta& changed) {
  ForgetTopics deleted;
  for (const auto& [id, topic] : changed.topics)
    if (topic.before && !topic.after) deleted.topics.push_back({topic.before->name, id});
  return deleted;
}

}  // namespace

GroupCoordinator::GroupCoordinator(Shards& shards, MetadataLog& metadata, Table& table,
                                   Options options)
    : shards_(shards),
      metadata_(metadata),
      table_(table),
      options_(std::move(options)),
      cores_(static_cast<size_t>(shards.size())) {}

std::shared_ptr<GroupCoordinator::RunningCore> GroupCoordinator::core_of(Shard& shard,
                                                                         int32_t partition) {
  const auto& cores = cores_of(shard);
  const auto it = cores.find(partition);
  return it == cores.end() ? nullptr : it->second;
}

// --- Which partitions are ours
// ----------------------------------------------------------------------

void GroupCoordinator::lead(Shard& shard, const TopicPartition& partition,
                            std::shared_ptr<CoordinatorLog> log) {
  if (partition.topic != kOffsetsTopic) return;
  const auto present = core_of(shard, partition.partition);
  if (present && !present->is_stopped() && present->leader_epoch() == log->leader_epoch()) return;
  resign(shard, partition);
  auto make = [limits = options_.limits](FoldedState& state) {
    return std::make_unique<GroupCore>(state, limits);
  };
  ReplicatedCoreOptions core_options = options_.core;
  if (options_.core.note)
    core_options.note = [note = options_.core.note, partition](const std::string& line) {
      note(partition.to_string() + ": " + line);
    };
  auto core = std::make_shared<RunningCore>(shard.executor(), shard.clock(), std::move(log), table_,
                                            table_prefix(partition.partition), std::move(make),
                                            std::move(core_options));
  core->start();
  cores_of(shard).emplace(partition.partition, std::move(core));
}

void GroupCoordinator::resign(Shard& shard, const TopicPartition& partition) {
  if (partition.topic != kOffsetsTopic) return;
  auto& cores = cores_of(shard);
  const auto it = cores.find(partition.partition);
  if (it == cores.end()) return;
  it->second->stop();
  cores.erase(it);
}

void GroupCoordinator::forget_deleted(const MetadataDelta& changed) {
  ForgetTopics deleted = deleted_topics(changed);
  if (deleted.topics.empty()) return;
  deleted.deleted_ms = shards_[0].clock().wall_ms();
  for (int i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    asio::co_spawn(shard.executor(), forget(shard, deleted), asio::detached);
  }
}

// What was committed for topics that are gone goes in the background. What a crash leaves behind
// stays until it expires.
asio::awaitable<void> GroupCoordinator::forget(Shard& shard, ForgetTopics topics) {
  const Cores cores = cores_of(shard);
  for (const auto& [partition, core] : cores) {
    const bool is_ready = co_await core->loaded(shard.clock().now() + options_.load_patience);
    bool is_done = !is_ready;
    while (!is_done) {
      auto answer = co_await core->submit(topics);
      is_done = answer.error != ErrorCode::kNone || answer.reply.is_done;
    }
  }
}

asio::awaitable<bool> GroupCoordinator::loaded(Clock::Time deadline) {
  for (int i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    auto wait = [this, &shard, deadline]() -> asio::awaitable<bool> {
      const Cores cores = cores_of(shard);
      for (const auto& [partition, core] : cores) {
        const bool is_ready = co_await core->loaded(deadline);
        if (!is_ready && !core->is_stopped()) co_return false;
      }
      co_return true;
    };
    const bool is_ready = co_await on(shard, std::move(wait));
    if (!is_ready) co_return false;
  }
  co_return true;
}

asio::awaitable<GroupCoordinator::Listed> GroupCoordinator::list(ListGroups event) {
  Listed all;
  for (int i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    auto ask = [this, &shard, &event] { return list_here(shard, event); };
    auto listed = co_await on(shard, std::move(ask));
    if (listed.error != ErrorCode::kNone) co_return listed;
    std::ranges::move(listed.groups, std::back_inserter(all.groups));
  }
  co_return all;
}

asio::awaitable<GroupCoordinator::Listed> GroupCoordinator::list_here(Shard& shard,
                                                                      ListGroups event) {
  Listed all;
  const Cores cores = cores_of(shard);
  for (const auto& [partition, core] : cores) {
    auto answer = co_await core->submit(event);
    if (answer.error == ErrorCode::kNotCoordinator) continue;  // Gone meanwhile.
    if (answer.error != ErrorCode::kNone) co_return Listed{.error = answer.error, .groups = {}};
    std::ranges::move(answer.reply, std::back_inserter(all.groups));
  }
  co_return all;
}

asio::awaitable<void> GroupCoordinator::stop() {
  for (int i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    auto end = [this, &shard] {
      for (auto& [partition, core] : std::exchange(cores_of(shard), {})) core->stop();
    };
    co_await on(shard, std::move(end));
  }
}

// --- Where a group is
// -------------------------------------------------------------------------------

asio::awaitable<GroupCoordinator::Place> GroupCoordinator::locate(std::string group) {
  auto topic = metadata_.image()->topic(kOffsetsTopic);
  if (!topic) {
    const ErrorCode error = co_await create_topic();
    topic = metadata_.image()->topic(kOffsetsTopic);
    if (error != ErrorCode::kNone || !topic)
      co_return Place{.error = ErrorCode::kCoordinatorNotAvailable};
  }
  Place place{.topic_id = topic->id};
  place.partition = coordinator_partition(group, static_cast<int32_t>(topic->partitions.size()));
  place.leader = topic->partitions[static_cast<size_t>(place.partition)].leader;
  if (place.leader < 0) place.error = ErrorCode::kCoordinatorNotAvailable;
  co_return place;
}

CreateTopicsRequest GroupCoordinator::topic_request(const ClusterImage& image) const {
  const auto alive = std::ranges::count_if(image.brokers(),
                                           [](const auto& entry) { return !entry.second.fenced; });
  CreateTopicsRequest::Topic topic;
  topic.name = kOffsetsTopic;
  topic.num_partitions = options_.topic_partitions;
  topic.replication_factor = static_cast<int16_t>(
      std::min<int64_t>(options_.topic_replication_factor, std::max<int64_t>(alive, 1)));
  topic.configs.push_back(config("cleanup.policy", "compact"));
  topic.configs.push_back(config("compression.type", "producer"));
  topic.configs.push_back(config("segment.bytes", std::to_string(options_.topic_segment_bytes)));
  CreateTopicsRequest request;
  request.topics.push_back(std::move(topic));
  return request;
}

asio::awaitable<ErrorCode> GroupCoordinator::create_topic() {
  auto decide = [this](Controller& controller, int64_t) {
    return controller.create_topics(topic_request(controller.image()));
  };
  const auto deadline = shards_[0].clock().now() + options_.load_patience;
  auto created = co_await metadata_.propose(std::move(decide), deadline);
  if (!created.ok()) co_return ErrorCode::kCoordinatorNotAvailable;
  const auto error = static_cast<ErrorCode>(created->topics.at(0).error_code);
  if (error != ErrorCode::kNone && error != ErrorCode::kTopicAlreadyExists) co_return error;
  co_await loaded(deadline);
  co_return ErrorCode::kNone;
}

asio::awaitable<GroupCoordinator::Coordinator> GroupCoordinator::find(std::string group,
                                                                      std::string listener_name) {
  const Place place = co_await locate(std::move(group));
  if (place.error != ErrorCode::kNone) co_return Coordinator{.error = place.error};
  const auto image = metadata_.image();
  const BrokerImage* broker = image->broker(place.leader);
  const auto* endpoint = broker ? broker->endpoint(listener_name) : nullptr;
  if (!endpoint) co_return Coordinator{.error = ErrorCode::kCoordinatorNotAvailable};
  co_return Coordinator{.node_id = place.leader, .host = endpoint->host, .port = endpoint->port};
}

}  // namespace moldau
