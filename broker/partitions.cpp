#include "broker/partitions.h"

#include <algorithm>
#include <optional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "broker/runtime/fan_out.h"
#include "broker/runtime/random_uuid.h"

namespace moldau {
namespace {

constexpr size_t kOpenAtOnce = 16;

}  // namespace

bool has_partition(const TopicImage& topic, int32_t partition) {
  return partition >= 0 && static_cast<size_t>(partition) < topic.partitions.size();
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

bool is_alive(const ClusterImage& image, int32_t broker_id) {
  const auto* broker = image.broker(broker_id);
  return broker && !broker->fenced;
}

DynamicBrokerConfigs dynamic_broker_configs(const ClusterImage& image, int32_t broker_id) {
  return {.broker = image.configs({ConfigResourceType::kBroker, std::to_string(broker_id)}),
          .cluster_default = image.configs({ConfigResourceType::kBroker, ""})};
}

TopicConfig topic_config(const Config& config, const ClusterImage& image, int32_t broker_id,
                         const std::string& topic) {
  return effective_topic_config(config, dynamic_broker_configs(image, broker_id),
                                image.configs({ConfigResourceType::kTopic, topic}));
}

Partitions::Partitions(Shards& shards, DiskPool& pool, Disk& disk,
                       std::vector<DataDirectory>& directories, Options options)
    : shards_(shards),
      pool_(pool),
      disk_(disk),
      directories_(directories),
      options_(std::move(options)),
      by_shard_(static_cast<size_t>(shards.size())),
      opened_in_(directories.size()) {
  for (size_t i = 0; i < directories_.size(); ++i) {
    const auto found = directories_[i].directory->find_partitions();
    if (!found.ok()) {
      report(found.status());
      continue;
    }
    for (const auto& partition : *found) on_disk_.emplace(partition.topic_partition, i);
  }
}

void Partitions::report(const absl::Status& status) const { options_.on_failure(status); }

const Partitions::Found* Partitions::find_entry(const Shard& shard, const Uuid& topic_id,
                                                int32_t partition) const {
  const OfShard& mine = by_shard_[static_cast<size_t>(shard.index())];
  const auto found = mine.find(Key{topic_id, partition});
  return found == mine.end() ? nullptr : &found->second;
}

std::shared_ptr<Replica> Partitions::find(const Shard& shard, const Uuid& topic_id,
                                          int32_t partition) const {
  const Found* found = find_entry(shard, topic_id, partition);
  return found ? found->replica : nullptr;
}

std::vector<Partitions::Found> Partitions::on_shard(const Shard& shard) const {
  std::vector<Found> all;
  for (const auto& [key, found] : by_shard_[static_cast<size_t>(shard.index())])
    all.push_back(found);
  return all;
}

size_t Partitions::directory_for(const TopicPartition& tp) {
  const auto found = on_disk_.find(tp);
  if (found != on_disk_.end()) {
    const size_t directory = found->second;
    on_disk_.erase(found);
    return directory;
  }
  return static_cast<size_t>(std::ranges::min_element(opened_in_) - opened_in_.begin());
}

asio::awaitable<void> Partitions::apply(std::shared_ptr<const ClusterImage> image,
                                        std::shared_ptr<const MetadataDelta> delta) {
  std::vector<Work> work;
  std::vector<std::pair<TopicPointer, int32_t>> gone;
  std::set<std::string> reconfigured;
  for (const auto& [id, topic] : delta->topics) {
    plan(topic, work);
    if (topic.after) continue;
    for (size_t i = 0; i < topic.before->partitions.size(); ++i)
      gone.emplace_back(topic.before, static_cast<int32_t>(i));
  }
  for (const auto& [topic, partition] : gone) co_await remove(topic, partition);

  Shard& home = shards_[0];
  const auto carry_out = [this, &work, &image](size_t i) -> asio::awaitable<void> {
    return work[i].is_new ? create(image, work[i]) : change(image, work[i]);
  };
  co_await in_parallel(home, work.size(), kOpenAtOnce, carry_out);

  bool is_broker_config = false;
  for (const auto& resource : delta->configs) {
    if (resource.type == ConfigResourceType::kBroker) is_broker_config = true;
    if (resource.type == ConfigResourceType::kTopic) reconfigured.insert(resource.name);
  }
  for (const auto& [name, topic] : image->topics())
    if (is_broker_config || reconfigured.contains(name)) co_await reconfigure(image, topic);
}

// New partitions are those beyond the ones that the topic had before.
void Partitions::plan(const MetadataDelta::Topic& change, std::vector<Work>& work) const {
  if (!change.after) return;
  const size_t before = change.before ? change.before->partitions.size() : 0;
  for (size_t i = 0; i < change.after->partitions.size(); ++i) {
    const bool is_new = i >= before;
    const auto& replicas = change.after->partitions[i].replicas;
    if (std::ranges::find(replicas, options_.node_id) == replicas.end()) continue;
    if (is_new || change.after->partitions[i] != change.before->partitions[i])
      work.push_back({change.after, static_cast<int32_t>(i), is_new});
  }
}

asio::awaitable<void> Partitions::create(std::shared_ptr<const ClusterImage> image, Work work) {
  const TopicPartition tp{work.topic->name, work.partition};
  const size_t index = directory_for(tp);
  LogDirectory& directory = *directories_[index].directory;
  const TopicConfig config =
      topic_config(*options_.config, *image, options_.node_id, work.topic->name);
  Shard& shard = shards_.of(work.topic->id, work.partition);
  const auto open = [&] {
    return directory.open_log(tp, work.topic->id, config.log, shard.clock().wall_ms());
  };
  auto log = co_await pool_.run(open);
  if (!log.ok()) {
    report(log.status());
    co_return;
  }
  if (!(*log)->recovery_report().notes.empty())
    options_.on_recovered(tp, (*log)->recovery_report());
  ++opened_in_[index];

  const auto place = [&] {
    Replica::Options options{
        .broker_id = options_.node_id,
        .high_watermark = directory.checkpointed_high_watermark(tp),
        .min_insync_replicas = config.min_insync_replicas,
        .durability = {.flush_messages = config.flush_messages, .flush_ms = config.flush_ms},
        .clock = &shard.clock(),
        .blocking = pool_.executor(),
        .on_storage_failure = [this](const absl::Status& status) { report(status); }};
    Found found{tp, work.topic->id, index};
    found.replica = std::make_shared<Replica>(shard.executor(), *std::move(log),
                                              *directories_[index].flusher, std::move(options));
    by_shard_[static_cast<size_t>(shard.index())][Key{work.topic->id, work.partition}] = found;
    follow(shard, found, work.topic->partitions[static_cast<size_t>(work.partition)]);
  };
  co_await on(shard, place);
}

void Partitions::follow(Shard& shard, const Found& found, const PartitionImage& partition) const {
  Replica& replica = *found.replica;
  if (partition.leader != options_.node_id) {
    if (replica.is_leader()) options_.on_resigned(shard, found.name);
    return replica.resign();
  }
  const bool is_new_term = !replica.is_leader() || replica.leader_epoch() != partition.leader_epoch;
  if (const auto status = replica.become_leader(partition); !status.ok()) return report(status);
  if (is_new_term) options_.on_leading(shard, found.name, found.replica);
}

asio::awaitable<void> Partitions::change(std::shared_ptr<const ClusterImage>, Work work) {
  Shard& shard = shards_.of(work.topic->id, work.partition);
  const auto carry_out = [&] {
    const OfShard& mine = by_shard_[static_cast<size_t>(shard.index())];
    const auto found = mine.find(Key{work.topic->id, work.partition});
    if (found == mine.end()) return;  // Its log could not be opened, which was reported.
    follow(shard, found->second, work.topic->partitions[static_cast<size_t>(work.partition)]);
  };
  co_await on(shard, carry_out);
}

asio::awaitable<void> Partitions::remove(TopicPointer topic, int32_t partition) {
  Shard& shard = shards_.of(topic->id, partition);
  std::optional<Found> removed;
  const auto take_away = [&]() -> asio::awaitable<void> {
    OfShard& mine = by_shard_[static_cast<size_t>(shard.index())];
    const auto found = mine.find(Key{topic->id, partition});
    if (found == mine.end()) co_return;
    removed = std::move(found->second);
    mine.erase(found);
    options_.on_resigned(shard, removed->name);
    co_await removed->replica->abandon();
    removed->replica.reset();
  };
  co_await on(shard, take_away);
  if (!removed) co_return;
  --opened_in_[removed->directory];

  LogDirectory& directory = *directories_[removed->directory].directory;
  Flusher& flusher = *directories_[removed->directory].flusher;
  const auto rename = [&]() -> absl::StatusOr<std::string> {
    const std::string path = join_path(directory.path(), removed->name.to_string());
    if (auto status = flusher.settle(path); !status.ok()) return status;
    return directory.mark_for_deletion(removed->name, random_uuid());
  };
  auto renamed = co_await pool_.run(rename);
  if (!renamed.ok()) {
    report(renamed.status());
    co_return;
  }
  // Readers under way keep their files open; nobody has to wait for the bytes to be gone.
  const auto erase = [this, path = *renamed]() -> asio::awaitable<void> {
    const auto remove_files = [this, path] { return disk_.remove_directory(path); };
    const auto status = co_await pool_.run(remove_files);
    if (!status.ok()) report(status);
  };
  asio::co_spawn(shards_[0].executor(), erase, asio::detached);
}

asio::awaitable<void> Partitions::reconfigure(std::shared_ptr<const ClusterImage> image,
                                              TopicPointer topic) {
  const TopicConfig config = topic_config(*options_.config, *image, options_.node_id, topic->name);
  for (size_t i = 0; i < topic->partitions.size(); ++i) {
    const auto partition = static_cast<int32_t>(i);
    Shard& shard = shards_.of(topic->id, partition);
    const auto set = [&] {
      const auto replica = find(shard, topic->id, partition);
      if (replica)
        replica->set_config(config.log,
                            {.flush_messages = config.flush_messages, .flush_ms = config.flush_ms},
                            config.min_insync_replicas);
    };
    co_await on(shard, set);
  }
}

}  // namespace moldau
