#include "broker/broker.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <spdlog/spdlog.h>

#include "broker/apis.h"
#include "broker/coordinator_log.h"
#include "broker/runtime/fan_out.h"
#include "broker/runtime/random_uuid.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// The configuration has checked that it is one of these, in lower or upper case.
MigrationPolicy parse_migration_policy(const std::string& text) {
  const std::string policy = absl::AsciiStrToLower(text);
  if (policy == "upgrade") return MigrationPolicy::kUpgrade;
  if (policy == "downgrade") return MigrationPolicy::kDowngrade;
  return policy == "bidirectional" ? MigrationPolicy::kBidirectional : MigrationPolicy::kDisabled;
}

int shard_count(const Config& config) {
  const int wanted = config.get<"moldau.shards">();
  return wanted > 0 ? wanted : Shards::default_count();
}

// What has gone wrong with a disk is said once where it happens; everything here only has to say
// it.
void log_failure(const absl::Status& status) { spdlog::error("{}", std::string(status.message())); }

void log_recovery(const TopicPartition& tp, const RecoveryReport& report) {
  for (const auto& note : report.notes) spdlog::warn("Recovered {}: {}", tp.to_string(), note);
}

}  // namespace

Broker::Broker(Config config, std::unique_ptr<Disk> disk)
    : config_(std::move(config)),
      disk_(std::move(disk)),
      config_validator_(config_),
      apis_(served_apis()) {}

Broker::~Broker() {
  if (is_stopped_ || !shards_) return;
  if (network_) network_->release_addresses();
  shards_->stop();
}

absl::StatusOr<std::unique_ptr<Broker>> Broker::open(Config config, std::unique_ptr<Disk> disk) {
  std::unique_ptr<Broker> broker(new Broker(std::move(config), std::move(disk)));
  broker->node_id_ = broker->config_.get<"node.id">();
  auto listeners = parse_listeners(broker->config_);
  if (!listeners.ok()) return listeners.status();
  broker->listeners_ = *std::move(listeners);
  if (auto status = broker->open_directories(); !status.ok()) return status;
  broker->shards_ = std::make_unique<Shards>(shard_count(broker->config_));
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  broker->disk_pool_ = std::make_unique<DiskPool>(std::clamp(cores, 4, 32));
  if (auto status = broker->open_metadata(); !status.ok()) return status;
  broker->build_services();
  return broker;
}

absl::Status Broker::open_directories() {
  std::string new_cluster_id = config_.find<"moldau.cluster.id">().value_or("");
  if (new_cluster_id.empty()) new_cluster_id = to_string(random_uuid());
  for (const auto& path : config_.get<"log.dirs">()) {
    auto directory = LogDirectory::open(*disk_, {.path = path,
                                                 .node_id = node_id_,
                                                 .new_cluster_id = new_cluster_id,
                                                 .new_directory_id = random_uuid()});
    if (!directory.ok()) return directory.status();
    const std::string& id = (*directory)->meta().cluster_id;
    if (!cluster_id_.empty() && id != cluster_id_)
      return absl::FailedPreconditionError(
          absl::StrCat(path, " belongs to cluster ", id, " and ", directories_[0].directory->path(),
                       " to cluster ", cluster_id_, ": take one of them out of log.dirs"));
    cluster_id_ = new_cluster_id = id;
    const auto report = [](bool is_full, const std::string& line) {
      spdlog::log(is_full ? spdlog::level::err : spdlog::level::info, line);
    };
    auto reserve = std::make_unique<SpaceReserve>(
        *disk_, path, config_.get<"moldau.reserved.disk.bytes">(), report);
    if (const auto& replayed = (*directory)->replayed_journal(); replayed.bytes > 0)
      spdlog::info("Put {} bytes from the journal of {} into {} files", replayed.bytes, path,
                   replayed.files);
    auto flusher = make_threaded_flusher(
        4,
        JournalOptions{.disk = disk_.get(),
                       .directory = path,
                       .size_bytes = static_cast<uint64_t>(config_.get<"moldau.journal.bytes">())});
    directories_.push_back({*std::move(directory), std::move(flusher), std::move(reserve)});
  }
  return absl::OkStatus();
}

// The directory that holds the metadata log.
const DataDirectory& Broker::metadata_directory() const {
  const auto wanted = config_.find<"metadata.log.dir">();
  const auto is_it = [&](const DataDirectory& d) { return d.directory->path() == wanted; };
  const auto found = std::ranges::find_if(directories_, is_it);
  return found == directories_.end() ? directories_.front() : *found;
}

absl::Status Broker::open_metadata() {
  const DataDirectory& directory = metadata_directory();
  MetadataLog::Options options;
  options.directory = directory.directory->path();
  options.directory_id = directory.directory->meta().directory_id;
  options.controller = {.cluster_id = cluster_id_,
                        .node_id = node_id_,
                        .default_partitions = config_.get<"num.partitions">(),
                        .default_replication_factor =
                            static_cast<int16_t>(config_.get<"default.replication.factor">()),
                        .configs = &config_validator_,
                        .new_uuid = random_uuid};
  options.segment_bytes = config_.get<"metadata.log.segment.bytes">();
  options.segment_ms = config_.get<"metadata.log.segment.ms">();
  options.max_bytes_between_snapshots =
      config_.get<"metadata.log.max.record.bytes.between.snapshots">();
  options.max_snapshot_interval_ms = config_.get<"metadata.log.max.snapshot.interval.ms">();
  options.max_retention_bytes = config_.get<"metadata.max.retention.bytes">();
  options.max_retention_ms = config_.get<"metadata.max.retention.ms">();
  Shard& home = (*shards_)[0];
  options.clock = &home.clock();
  options.blocking = disk_pool_->executor();
  auto metadata =
      MetadataLog::open(home.executor(), *disk_, *directory.flusher, std::move(options));
  if (!metadata.ok()) return metadata.status();
  metadata_ = *std::move(metadata);
  for (const auto& note : metadata_->notes()) spdlog::warn("Cluster metadata: {}", note);

  // Inside the metadata log's directory: Apache Kafka takes any other directory here for a
  // partition.
  auto table =
      open_rocksdb_table(directory.directory->path() + "/__cluster_metadata-0/coordinators");
  if (!table.ok()) return table.status();
  table_ = *std::move(table);
  return absl::OkStatus();
}

void Broker::build_services() {
  partitions_ = std::make_unique<Partitions>(
      *shards_, *disk_pool_, *disk_, directories_,
      Partitions::Options{
          .node_id = node_id_,
          .config = &config_,
          .on_leading =
              [this](Shard& shard, const TopicPartition& tp, std::shared_ptr<Replica> replica) {
                auto log = make_coordinator_log(std::move(replica), disk_pool_->executor());
                groups_->lead(shard, tp, std::move(log));
              },
          .on_resigned = [this](Shard& shard,
                                const TopicPartition& tp) { groups_->resign(shard, tp); },
          .on_recovered = log_recovery,
          .on_failure = log_failure});
  housekeeping_ = std::make_unique<Housekeeping>(*partitions_, config_, log_failure);
  producer_ids_ = std::make_unique<ProducerIds>(*metadata_, node_id_);
  groups_ = std::make_unique<GroupCoordinator>(*shards_, *metadata_, *table_, group_options());
  const auto sessions =
      static_cast<size_t>(config_.get<"max.incremental.fetch.session.cache.slots">());
  const int shards = shards_->size();
  for (int i = 0; i < shards; ++i) {
    fetch_sessions_.emplace_back(std::max<size_t>(1, sessions / static_cast<size_t>(shards)),
                                 120'000, i + 1, shards);
    append_rounds_.emplace_back((*shards_)[i].executor(), (*shards_)[i].clock());
  }
}

GroupCore::Limits Broker::group_limits() const {
  GroupCore::Limits limits;
  limits.offsets.max_metadata = config_.get<"offset.metadata.max.bytes">();
  limits.offsets_retention_ms = 60'000LL * config_.get<"offsets.retention.minutes">();
  limits.retention_check_interval_ms = config_.get<"offsets.retention.check.interval.ms">();
  limits.classic = {.min_session_timeout_ms = config_.get<"group.min.session.timeout.ms">(),
                    .max_session_timeout_ms = config_.get<"group.max.session.timeout.ms">(),
                    .initial_rebalance_delay_ms = config_.get<"group.initial.rebalance.delay.ms">(),
                    .max_size = config_.get<"group.max.size">()};
  limits.consumer = {
      .session_timeout_ms = config_.get<"group.consumer.session.timeout.ms">(),
      .heartbeat_interval_ms = config_.get<"group.consumer.heartbeat.interval.ms">(),
      .max_size = config_.get<"group.consumer.max.size">(),
      .classic = limits.classic,
      .assignors = config_.get<"group.consumer.assignors">(),
      .regex_refresh_interval_ms = config_.get<"group.consumer.regex.refresh.interval.ms">(),
      .migration = parse_migration_policy(config_.get<"group.consumer.migration.policy">())};
  limits.serves_consumer_protocol =
      std::ranges::count(config_.get<"group.coordinator.rebalance.protocols">(), "consumer") != 0;
  return limits;
}

GroupCoordinator::Options Broker::group_options() const {
  GroupCoordinator::Options options;
  options.node_id = node_id_;
  options.topic_partitions = config_.get<"offsets.topic.num.partitions">();
  options.topic_replication_factor = config_.get<"offsets.topic.replication.factor">();
  options.topic_segment_bytes = config_.get<"offsets.topic.segment.bytes">();
  options.limits = group_limits();
  options.core.commit_timeout =
      std::chrono::milliseconds(config_.get<"offsets.commit.timeout.ms">());
  options.core.load_bytes = static_cast<size_t>(config_.get<"offsets.load.buffer.size">());
  options.core.note = [](const std::string& line) { spdlog::warn("Group coordinator: {}", line); };
  return options;
}

// Takes the addresses before anything is promised: a port that is taken costs nothing then.
absl::Status Broker::open_network() {
  NetworkOptions options;
  for (const auto& listener : listeners_)
    if (!listener.is_controller)
      options.listeners.push_back(
          {.name = listener.name, .host = listener.host, .port = listener.port});
  options.max_request_bytes = config_.get<"socket.request.max.bytes">();
  if (const int64_t queued = config_.get<"queued.max.request.bytes">(); queued > 0)
    options.max_queued_request_bytes = queued;
  options.max_idle = std::chrono::milliseconds(config_.get<"connections.max.idle.ms">());
  options.max_connections = config_.get<"max.connections">();
  options.max_connections_per_ip = config_.get<"max.connections.per.ip">();
  options.send_buffer_bytes = config_.get<"socket.send.buffer.bytes">();
  options.receive_buffer_bytes = config_.get<"socket.receive.buffer.bytes">();
  options.listen_backlog = config_.get<"socket.listen.backlog.size">();
  network_ = std::make_unique<Network>(*shards_, *disk_pool_, *this, apis_, std::move(options));
  if (auto status = network_->open(); !status.ok()) return status;

  const auto bound = network_->listeners();
  size_t i = 0;
  for (auto& listener : listeners_) {
    if (listener.is_controller) continue;
    listener.port = bound[i++].port;
    if (listener.advertised_port == 0) listener.advertised_port = listener.port;
  }
  return absl::OkStatus();
}

template <class T>
T Broker::run(asio::awaitable<T> work) {
  return asio::co_spawn((*shards_)[0].executor(), std::move(work), asio::use_future).get();
}

absl::Status Broker::start() {
  if (auto status = open_network(); !status.ok()) return status;
  shards_->start();
  if (auto status = run(bring_up()); !status.ok()) return status;
  network_->start();
  return absl::OkStatus();
}

void Broker::stop() {
  // Who waits for a rebalance is told to look for the coordinator again: a drain would wait for it.
  run(groups_->stop());
  network_->stop(std::chrono::seconds(10));
  const bool all_well = run(close_logs());
  shards_->stop();
  is_stopped_ = true;
  for (auto& directory : directories_) {
    if (!all_well) break;  // The next start looks through the logs.
    auto status = directory.flusher->close();
    if (status.ok()) status = directory.directory->write_clean_shutdown_marker(broker_epoch_);
    if (!status.ok()) log_failure(status);
  }
}

asio::awaitable<absl::Status> Broker::bring_up() {
  auto status = co_await join_cluster();
  if (!status.ok()) co_return status;
  const auto image = metadata_->image();
  auto everything = std::make_shared<const MetadataDelta>(delta_from_nothing(*image));
  co_await partitions_->apply(image, everything);
  for (const auto& [tp, directory] : partitions_->strays())
    spdlog::warn("{} in {} is a partition that the cluster does not know: it is left alone",
                 tp.to_string(), directories_[directory].directory->path());
  metadata_->subscribe([this](auto now, auto changed) {
    return metadata_changed(std::move(now), std::move(changed));
  });
  co_await create_configured_topics();
  asio::co_spawn((*shards_)[0].executor(), housekeeping_->run_retention(), asio::detached);
  asio::co_spawn((*shards_)[0].executor(), housekeeping_->run_checkpoints(), asio::detached);
  co_return absl::OkStatus();
}

asio::awaitable<void> Broker::metadata_changed(std::shared_ptr<const ClusterImage> image,
                                               std::shared_ptr<const MetadataDelta> changed) {
  co_await partitions_->apply(image, changed);
  groups_->forget_deleted(*changed);
}

// Registers this process as an incarnation of the broker, and takes the lead of its partitions.
asio::awaitable<absl::Status> Broker::join_cluster() {
  BrokerRegistrationRequest request{
      .broker_id = node_id_, .cluster_id = cluster_id_, .incarnation_id = random_uuid()};
  for (const auto& listener : listeners_)
    if (!listener.is_controller)
      request.listeners.push_back({.name = listener.name,
                                   .host = listener.advertised_host,
                                   .port = listener.advertised_port});
  request.features.push_back({.name = kMetadataVersionFeature,
                              .min_supported_version = kMinMetadataVersion,
                              .max_supported_version = kMaxMetadataVersion});
  request.features.push_back({.name = kGroupVersionFeature,
                              .min_supported_version = 0,
                              .max_supported_version = kGroupVersion});
  // A cluster that was Apache Kafka's has features finalized that mean nothing here yet, and that
  // no client is told of; they do not keep the broker out.
  for (const auto& [feature, level] : image()->features())
    if (feature != kMetadataVersionFeature && feature != kGroupVersionFeature)
      request.features.push_back({feature, 0, level});
  request.rack = config_.find<"broker.rack">();
  for (const auto& directory : directories_)
    request.log_dirs.push_back(directory.directory->meta().directory_id);

  const auto register_us = [request](Controller& controller, int64_t) {
    return controller.register_broker(request);
  };
  const auto registered = co_await metadata_->propose(register_us);
  if (!registered.ok()) co_return registered.status();
  if (registered->error_code != 0)
    co_return absl::FailedPreconditionError(
        absl::StrCat("broker ", node_id_,
                     " can not register: ", name(static_cast<ErrorCode>(registered->error_code))));
  broker_epoch_ = registered->broker_epoch;
  const auto unfence_us = [id = node_id_, epoch = broker_epoch_](Controller& controller, int64_t) {
    return controller.unfence_broker(id, epoch);
  };
  const auto unfenced = co_await metadata_->propose(unfence_us);
  co_return unfenced.ok() ? absl::OkStatus() : unfenced.status();
}

asio::awaitable<void> Broker::create_configured_topics() {
  const auto topics = parse_topics_to_create(config_.get<"moldau.create.topics">());
  if (!topics.ok() || topics->empty())
    co_return;  // Faults were refused when the configuration was read.
  CreateTopicsRequest request;
  for (const auto& topic : *topics) {
    if (image()->topic(topic.name)) continue;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication_factor;
    if (!topic.cleanup_policy.empty())
      wanted.configs.push_back({.name = "cleanup.policy", .value = topic.cleanup_policy});
  }
  const auto decide = [request](Controller& controller, int64_t) {
    return controller.create_topics(request);
  };
  const auto response = co_await metadata_->propose(decide);
  if (!response.ok()) co_return log_failure(response.status());
  for (const auto& topic : response->topics)
    if (topic.error_code != 0)
      spdlog::error("Topic {} was not created: {}", topic.name, topic.error_message.value_or(""));
}

// True if everything reached the disk.
asio::awaitable<bool> Broker::close_logs() {
  housekeeping_->stop();
  co_await groups_->stop();
  const bool all_well = co_await partitions_->close();
  co_await housekeeping_->write_checkpoints();
  const auto closed = co_await metadata_->close();
  if (!closed.ok()) log_failure(closed);
  co_return all_well&& closed.ok();
}

void Broker::report_read_error(const absl::Status& status) { log_failure(status); }

}  // namespace moldau
