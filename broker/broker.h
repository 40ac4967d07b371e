// One broker: owns everything, in the order in which it is built. Handlers reach the rest through
// it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "broker/config/config.h"
#include "broker/config/effective.h"
#include "broker/config/listeners.h"
#include "broker/config_validator.h"
#include "broker/fetch_sessions.h"
#include "broker/group_coordinator.h"
#include "broker/housekeeping.h"
#include "broker/network/api_table.h"
#include "broker/network/network.h"
#include "broker/partitions.h"
#include "broker/producer_ids.h"
#include "broker/runtime/disk_pool.h"
#include "broker/runtime/shard.h"
#include "replication/metadata_log.h"
#include "storage/disk.h"
#include "storage/table.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

class Broker {
 public:
  // Opens the data directories and the metadata log. FailedPrecondition and InvalidArgument say
  // what is wrong with the configuration or with a directory, and what to do.
  static absl::StatusOr<std::unique_ptr<Broker>> open(Config config, std::unique_ptr<Disk> disk);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Opens all partitions and listens. Returns when clients are served. From a thread of its own.
  absl::Status start();
  // Drains the connections, closes every log and marks the directories clean. Once, after start().
  void stop();

  const Config& config() const { return config_; }
  int32_t node_id() const { return node_id_; }
  const std::string& cluster_id() const { return cluster_id_; }
  const std::vector<ListenerConfig>& listeners() const { return listeners_; }

  std::shared_ptr<const ClusterImage> image() const { return metadata_->image(); }
  DynamicBrokerConfigs dynamic_configs(const ClusterImage& image) const {
    return dynamic_broker_configs(image, node_id_);
  }
  MetadataLog& metadata() { return *metadata_; }
  Shards& shards() { return *shards_; }
  DiskPool& disk_pool() { return *disk_pool_; }
  Disk& disk() { return *disk_; }
  Partitions& partitions() { return *partitions_; }
  Housekeeping& housekeeping() { return *housekeeping_; }
  ProducerIds& producer_ids() { return *producer_ids_; }
  GroupCoordinator& groups() { return *groups_; }
  AppendRounds& append_rounds(const Shard& shard) {
    return append_rounds_[static_cast<size_t>(shard.index())];
  }
  FetchSessions& fetch_sessions(const Shard& shard) {
    return fetch_sessions_[static_cast<size_t>(shard.index())];
  }

  // A log says something else than its index did, or can't be read: the operator has to know.
  void report_read_error(const absl::Status& status);

 private:
  explicit Broker(Config config, std::unique_ptr<Disk> disk);

  absl::Status open_directories();
  const DataDirectory& metadata_directory() const;
  absl::Status open_metadata();
  void build_services();
  GroupCore::Limits group_limits() const;
  GroupCoordinator::Options group_options() const;
  absl::Status open_network();
  asio::awaitable<absl::Status> bring_up();
  asio::awaitable<void> metadata_changed(std::shared_ptr<const ClusterImage> image,
                                         std::shared_ptr<const MetadataDelta> changed);
  asio::awaitable<absl::Status> join_cluster();
  asio::awaitable<void> create_configured_topics();
  asio::awaitable<bool> close_logs();
  template <class T>
  T run(asio::awaitable<T> work);

  Config config_;
  std::unique_ptr<Disk> disk_;
  int32_t node_id_ = -1;
  std::string cluster_id_;
  std::vector<ListenerConfig> listeners_;
  TableConfigValidator config_validator_;
  int64_t broker_epoch_ = -1;

  // Destroyed from the last to the first; stop() has ended all threads before.
  std::unique_ptr<Shards> shards_;
  std::unique_ptr<DiskPool> disk_pool_;
  std::vector<DataDirectory> directories_;
  std::unique_ptr<MetadataLog> metadata_;
  std::unique_ptr<Table> table_;  // What coordinators fold out of their logs.
  std::unique_ptr<Partitions> partitions_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::vector<FetchSessions> fetch_sessions_;  // One a shard.
  std::vector<AppendRounds> append_rounds_;    // One a shard.
  ApiTable apis_;
  std::unique_ptr<Network> network_;
  bool is_stopped_ = false;
};

}  // namespace moldau
