// The partitions of which this broker has a replica: each owned by one shard, brought into being,
// changed and removed as the cluster metadata says.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "broker/config/config.h"
#include "broker/config/effective.h"
#include "broker/runtime/disk_pool.h"
#include "broker/runtime/shard.h"
#include "replication/metadata/image.h"
#include "replication/replica.h"
#include "storage/flusher.h"
#include "storage/log_directory.h"
#include "storage/space_reserve.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace moldau {

// One entry of log.dirs, with what makes its bytes durable and keeps it from filling up.
struct DataDirectory {
  std::unique_ptr<LogDirectory> directory;
  std::unique_ptr<Flusher> flusher;
  std::unique_ptr<SpaceReserve> reserve;
};

bool has_partition(const TopicImage& topic, int32_t partition);
bool is_internal_topic(std::string_view name);  // Those that coordinators keep their state in.
bool is_alive(const ClusterImage& image, int32_t broker_id);
DynamicBrokerConfigs dynamic_broker_configs(const ClusterImage& image, int32_t broker_id);
TopicConfig topic_config(const Config& config, const ClusterImage& image, int32_t broker_id,
                         const std::string& topic);

class Partitions {
 public:
  struct Options {
    int32_t node_id = -1;
    const Config* config = nullptr;
    // On the partition's shard: this broker leads it from now on, in the replica's epoch; it does
    // so no more.
    std::function<void(Shard&, const TopicPartition&, std::shared_ptr<Replica>)> on_leading;
    std::function<void(Shard&, const TopicPartition&)> on_resigned;
    // What opening a log found, when it was not in order.
    std::function<void(const TopicPartition&, const RecoveryReport&)> on_recovered;
    // On any thread: a disk failed, or a log can't be opened.
    std::function<void(const absl::Status&)> on_failure;
  };
  // What is given outlives the object. `directories` are open.
  Partitions(Shards& shards, DiskPool& pool, Disk& disk, std::vector<DataDirectory>& directories,
             Options options);

  struct Found {
    TopicPartition name;
    Uuid topic_id{};
    size_t directory = 0;  // In directories().
    std::shared_ptr<Replica> replica;
  };
  // The replica of a partition; null if there is none. On the shard that owns it, and only there.
  std::shared_ptr<Replica> find(const Shard& shard, const Uuid& topic_id, int32_t partition) const;
  // The same with what is known of it; valid until the caller lets others run.
  const Found* find_entry(const Shard& shard, const Uuid& topic_id, int32_t partition) const;

  // Makes the replicas what `image` says, and returns when new partitions can be written to and
  // deleted ones answer nobody. On the home shard, one call at a time.
  asio::awaitable<void> apply(std::shared_ptr<const ClusterImage> image,
                              std::shared_ptr<const MetadataDelta> delta);

  // The clean end: no replica answers any more, and what there is of each is on disk and durable.
  // False if something could not be written, which is reported. On the home shard, after everything
  // that uses replicas has ended.
  asio::awaitable<bool> close();

  // The partitions of one shard, on that shard, in no particular order.
  std::vector<Found> on_shard(const Shard& shard) const;

  // Partitions found in the data directories that the metadata does not know, after the first
  // apply().
  const std::map<TopicPartition, size_t>& strays() const { return on_disk_; }
  const std::vector<DataDirectory>& directories() const { return directories_; }
  Shards& shards() { return shards_; }
  DiskPool& pool() { return pool_; }
  Disk& disk() { return disk_; }

 private:
  using Key = std::pair<Uuid, int32_t>;
  using OfShard = absl::flat_hash_map<Key, Found>;
  struct Work {
    TopicPointer topic;
    int32_t partition = 0;
  };

  struct Opening;

  void plan(const MetadataDelta::Topic& change, std::vector<Work>& opened,
            std::vector<Work>& changed) const;
  asio::awaitable<void> open(std::shared_ptr<const ClusterImage> image, std::vector<Work> work);
  asio::awaitable<void> make_durable(std::vector<Opening>& openings);
  void place(Opening& opening);
  template <class F>
  asio::awaitable<void> on_pool(size_t count, F f);
  asio::awaitable<bool> sync_everything(size_t directory, const std::vector<Found>& closed);
  asio::awaitable<void> change(std::shared_ptr<const ClusterImage> image, Work work);
  asio::awaitable<void> remove(TopicPointer topic, int32_t partition);
  asio::awaitable<void> reconfigure(std::shared_ptr<const ClusterImage> image, TopicPointer topic);
  void follow(Shard& shard, const Found& found, const PartitionImage& partition) const;
  size_t directory_for(const TopicPartition& tp);
  void report(const absl::Status& status) const;

  Shards& shards_;
  DiskPool& pool_;
  Disk& disk_;
  std::vector<DataDirectory>& directories_;
  Options options_;
  std::vector<OfShard> by_shard_;             // Each touched on its own shard only.
  std::map<TopicPartition, size_t> on_disk_;  // Not opened yet; of the home shard.
  std::vector<size_t> opened_in_;             // Partitions by directory; of the home shard.
};

}  // namespace moldau
