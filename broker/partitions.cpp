#include "broker/partitions.h"

#include <algorithm>
#include <optional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "broker/runtime/fan_out.h"
#include "broker/runtime/random_uuid.h"

namespace moldau {
namespace {

constexpr size_t kChangeAtOnce = 16;
// Logs that a thread of the pool opens or closes before it looks for other work, and replicas that
// a shard takes over before it does.
constexpr size_t kLogsInOneGo = 32;
// From so many logs on, one sync of the whole file system costs less than one of each file.
constexpr int kWorthSyncingEverything = 16;

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
    for (const auto& partition : *found) on_disk_.emplace(partition, i);
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
  std::vector<Work> opened, changed;
  std::vector<std::pair<TopicPointer, int32_t>> gone;
  std::set<std::string> reconfigured;
  for (const auto& [id, topic] : delta->topics) {
    plan(topic, opened, changed);
    if (topic.after) continue;
    for (size_t i = 0; i < topic.before->partitions.size(); ++i)
      gone.emplace_back(topic.before, static_cast<int32_t>(i));
  }
  for (const auto& [topic, partition] : gone) co_await remove(topic, partition);
  co_await open(image, std::move(opened));
  const auto carry_out = [this, &changed, &image](size_t i) { return change(image, changed[i]); };
  co_await in_parallel(shards_[0], changed.size(), kChangeAtOnce, carry_out);

  bool is_broker_config = false;
  for (const auto& resource : delta->configs) {
    if (resource.type == ConfigResourceType::kBroker) is_broker_config = true;
    if (resource.type == ConfigResourceType::kTopic) reconfigured.insert(resource.name);
  }
  for (const auto& [name, topic] : image->topics())
    if (is_broker_config || reconfigured.contains(name)) co_await reconfigure(image, topic);
}

// New partitions are those beyond the ones that the topic had before.
void Partitions::plan(const MetadataDelta::Topic& change, std::vector<Work>& opened,
                      std::vector<Work>& changed) const {
  if (!change.after) return;
  const size_t before = change.before ? change.before->partitions.size() : 0;
  for (size_t i = 0; i < change.after->partitions.size(); ++i) {
    const bool is_new = i >= before;
    const auto& replicas = change.after->partitions[i].replicas;
    if (std::ranges::find(replicas, options_.node_id) == replicas.end()) continue;
    if (is_new || change.after->partitions[i] != change.before->partitions[i])
      (is_new ? opened : changed).push_back({change.after, static_cast<int32_t>(i)});
  }
}

// A partition whose log is being opened.
struct Partitions::Opening {
  Work work;
  TopicPartition name;
  size_t directory = 0;
  const TopicConfig* config = nullptr;
  Shard* shard = nullptr;
  absl::StatusOr<std::unique_ptr<Log>> log;
};

// Runs f(0) to f(count - 1) on all threads of the pool.
template <class F>
asio::awaitable<void> Partitions::on_pool(size_t count, F f) {
  const auto run_some = [this, count, &f](size_t chunk) -> asio::awaitable<void> {
    const auto run = [count, chunk, &f] {
      const size_t end = std::min(count, (chunk + 1) * kLogsInOneGo);
      for (size_t i = chunk * kLogsInOneGo; i < end; ++i) f(i);
    };
    co_await pool_.run(run);
  };
  const size_t chunks = (count + kLogsInOneGo - 1) / kLogsInOneGo;
  co_await in_parallel(shards_[0], chunks, static_cast<size_t>(std::max(1, pool_.threads())),
                       run_some);
}

asio::awaitable<void> Partitions::open(std::shared_ptr<const ClusterImage> image,
                                       std::vector<Work> work) {
  std::map<std::string_view, TopicConfig> configs;
  std::vector<Opening> openings(work.size());
  for (size_t i = 0; i < work.size(); ++i) {
    const std::string& topic = work[i].topic->name;
    auto config = configs.find(topic);
    if (config == configs.end())
      config =
          configs.emplace(topic, topic_config(*options_.config, *image, options_.node_id, topic))
              .first;
    Opening& opening = openings[i];
    opening.name = {topic, work[i].partition};
    opening.directory = directory_for(opening.name);
    opening.config = &config->second;
    opening.shard = &shards_.of(work[i].topic->id, work[i].partition);
    opening.work = std::move(work[i]);
    ++opened_in_[opening.directory];
  }
  const auto open_one = [this, &openings](size_t i) {
    Opening& opening = openings[i];
    opening.log = directories_[opening.directory].directory->open_log(
        opening.name, opening.work.topic->id, opening.config->log,
        opening.shard->clock().wall_ms());
  };
  co_await on_pool(openings.size(), open_one);
  for (const auto& opening : openings) {
    if (!opening.log.ok()) {
      report(opening.log.status());
      --opened_in_[opening.directory];
    } else if (const auto& found = (*opening.log)->recovery_report(); !found.notes.empty()) {
      options_.on_recovered(opening.name, found);
    }
  }
  co_await make_durable(openings);
  for (size_t begin = 0; begin < openings.size(); begin += kLogsInOneGo) {
    const auto place_some = [this, &openings, begin](Shard& shard) -> asio::awaitable<void> {
      const size_t end = std::min(openings.size(), begin + kLogsInOneGo);
      for (size_t i = begin; i < end; ++i)
        if (openings[i].shard == &shard && openings[i].log.ok()) place(openings[i]);
      co_return;
    };
    co_await on_each(shards_[0], shards_.all(), place_some);
    co_await asio::post(shards_[0].executor(), asio::use_awaitable);  // Others have their turn.
  }
}

// After a kill a great many logs may hold records that are in memory only, and a leader neither
// shows nor acknowledges those. Should this fail, each log is synced when it is led, and fails then
// if something of it is lost.
asio::awaitable<void> Partitions::make_durable(std::vector<Opening>& openings) {
  const auto has_to_wait = [](const Opening& opening, size_t directory) {
    return opening.directory == directory && opening.log.ok() &&
           opening.config->flush_messages <= 1 &&
           (*opening.log)->durable_offset() < (*opening.log)->log_end_offset();
  };
  for (size_t i = 0; i < directories_.size(); ++i) {
    const auto waits = [&](const Opening& opening) { return has_to_wait(opening, i); };
    if (std::ranges::count_if(openings, waits) < kWorthSyncingEverything) continue;
    const auto sync = [this, i] { return directories_[i].directory->sync_everything(); };
    const auto status = co_await pool_.run(sync);
    if (!status.ok() && !absl::IsUnimplemented(status)) report(status);
    if (!status.ok()) continue;
    for (auto& opening : openings)
      if (opening.directory == i && opening.log.ok()) (*opening.log)->mark_all_durable();
  }
}

// On the partition's shard.
void Partitions::place(Opening& opening) {
  Shard& shard = *opening.shard;
  const auto& [topic, partition] = opening.work;
  const DataDirectory& directory = directories_[opening.directory];
  Replica::Options options{
      .broker_id = options_.node_id,
      .high_watermark = directory.directory->checkpointed_high_watermark(opening.name),
      .min_insync_replicas = opening.config->min_insync_replicas,
      .durability = {.flush_messages = opening.config->flush_messages,
                     .flush_ms = opening.config->flush_ms},
      .clock = &shard.clock(),
      .on_storage_failure = [this](const absl::Status& status) { report(status); }};
  Found found{opening.name, topic->id, opening.directory};
  found.replica = std::make_shared<Replica>(shard.executor(), *std::move(opening.log),
                                            *directory.flusher, std::move(options));
  by_shard_[static_cast<size_t>(shard.index())][Key{topic->id, partition}] = found;
  follow(shard, found, topic->partitions[static_cast<size_t>(partition)]);
}

// Every log writes what it has, and then one sync of each file system makes all of it durable,
// instead of several of each log, one after the other.
asio::awaitable<bool> Partitions::close() {
  std::vector<std::vector<Found>> of_shard(by_shard_.size());
  const auto end_replicas = [this, &of_shard](Shard& shard) -> asio::awaitable<void> {
    auto& mine = of_shard[static_cast<size_t>(shard.index())];
    mine = on_shard(shard);
    for (size_t i = 0; i < mine.size(); ++i) co_await mine[i].replica->end();
  };
  co_await on_each(shards_[0], shards_.all(), end_replicas);

  bool all_well = true;
  std::vector<Found> closed;
  for (const auto& found : of_shard) {
    for (const auto& one : found) {
      if (!one.replica->is_offline()) {
        closed.push_back(one);
        continue;
      }
      all_well = false;
      report(absl::UnavailableError(one.name.to_string() + " is offline"));
    }
  }
  std::vector<absl::Status> written(closed.size());
  const auto write_out = [&](size_t i) { written[i] = closed[i].replica->log().write_out(); };
  co_await on_pool(closed.size(), write_out);
  for (const auto& status : written) {
    if (status.ok()) continue;
    all_well = false;
    report(status);
  }
  if (!all_well) co_return false;  // The next start looks through the logs.
  for (size_t i = 0; i < directories_.size(); ++i) {
    bool is_synced = co_await sync_everything(i, closed);
    all_well = all_well && is_synced;
  }
  co_return all_well;
}

asio::awaitable<bool> Partitions::sync_everything(size_t directory,
                                                  const std::vector<Found>& closed) {
  std::vector<Log*> logs;
  for (const auto& found : closed)
    if (found.directory == directory && found.replica->log().has_dirty_files())
      logs.push_back(&found.replica->log());
  if (logs.empty()) co_return true;
  const auto sync = [this, directory] {
    return directories_[directory].directory->sync_everything();
  };
  absl::Status status = co_await pool_.run(sync);
  if (status.ok()) {
    for (Log* log : logs) log->mark_all_durable();
    co_return true;
  }
  if (!absl::IsUnimplemented(status)) {
    report(status);
    co_return false;
  }
  std::vector<absl::Status> synced(logs.size());
  const auto sync_one = [&](size_t i) { synced[i] = logs[i]->close(); };
  co_await on_pool(logs.size(), sync_one);
  bool all_well = true;
  for (const auto& one : synced) {
    if (one.ok()) continue;
    all_well = false;
    report(one);
  }
  co_return all_well;
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
    co_await removed->replica->end();
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
