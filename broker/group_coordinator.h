// The coordinators of groups on this broker: one core (groups/group_core.h) for each partition of
// __consumer_offsets that this broker leads, on the shard of the partition.
//
// A group belongs to the partition that its name hashes to, and its coordinator is the leader of
// that partition. The topic is created when a group is asked for first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinator_log.h"
#include "broker/groups/group_core.h"
#include "broker/replicated_core.h"
#include "broker/runtime/shard.h"
#include "protocol/error_code.h"
#include "protocol/topic_partition.h"
#include "replication/metadata/image.h"
#include "replication/metadata_log.h"
#include "storage/table.h"

namespace moldau {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

class GroupCoordinator {
 public:
  struct Options {
    int32_t node_id = -1;
    int32_t topic_partitions = 50;         // offsets.topic.num.partitions
    int16_t topic_replication_factor = 3;  // offsets.topic.replication.factor; at most the brokers.
    int32_t topic_segment_bytes = 100 << 20;        // offsets.topic.segment.bytes
    std::chrono::milliseconds load_patience{5000};  // Of the one who causes the topic's creation.
    GroupCore::Limits limits;
    ReplicatedCoreOptions core;
  };
  // `table` is shared by all partitions. Everything given outlives the shards' coroutines.
  GroupCoordinator(Shards& shards, MetadataLog& metadata, Table& table, Options options);

  // This broker leads a partition from now on, in the epoch of `log`; it does so no more. Both on
  // the shard of the partition. Other topics than __consumer_offsets are left alone. Loading goes
  // on behind the call.
  void lead(Shard& shard, const TopicPartition& partition, std::shared_ptr<CoordinatorLog> log);
  void resign(Shard& shard, const TopicPartition& partition);

  // Drops, in the background, what was committed for the topics that `changed` has deleted. Any
  // executor.
  void forget_deleted(const MetadataDelta& changed);

  // True once all that this broker coordinates is loaded; false if it is not at the deadline.
  asio::awaitable<bool> loaded(Clock::Time deadline);
  // Ends every term. What is asked for later is answered NOT_COORDINATOR.
  asio::awaitable<void> stop();

  struct Coordinator {
    ErrorCode error = ErrorCode::kNone;  // kNone or COORDINATOR_NOT_AVAILABLE
    int32_t node_id = -1;
    std::string host;
    uint16_t port = 0;
  };
  // The broker that coordinates `group`, as it is reached through a listener.
  asio::awaitable<Coordinator> find(std::string group, std::string listener_name);

  // Asks the core that has the group of the event. Errors are those of ReplicatedCore::submit.
  template <class E>
  asio::awaitable<Submitted<typename E::Reply>> submit(E event) {
    Place place = co_await locate(group_of(event));
    if (place.error == ErrorCode::kNone && place.leader != options_.node_id)
      place.error = ErrorCode::kNotCoordinator;
    if (place.error != ErrorCode::kNone)
      co_return Submitted<typename E::Reply>{.error = place.error};
    Shard& shard = shards_.of(place.topic_id, place.partition);
    auto ask = [this, &shard, partition = place.partition, event = std::move(event)]() mutable {
      return submit_here(shard, partition, std::move(event));
    };
    auto answer = co_await on(shard, std::move(ask));
    co_return answer;
  }

  struct Listed {
    ErrorCode error = ErrorCode::kNone;  // COORDINATOR_LOAD_IN_PROGRESS
    std::vector<ListGroupsResponse::Group> groups;
  };
  // Of all cores on this broker.
  asio::awaitable<Listed> list(ListGroups event);

 private:
  using RunningCore = ReplicatedCore<GroupCore>;
  using Cores = std::map<int32_t, std::shared_ptr<RunningCore>>;  // By partition.
  struct Place {
    ErrorCode error = ErrorCode::kNone;
    Uuid topic_id{};
    int32_t partition = -1;
    int32_t leader = -1;
  };

  template <class E>
  asio::awaitable<Submitted<typename E::Reply>> submit_here(Shard& shard, int32_t partition,
                                                            E event) {
    auto core = core_of(shard, partition);
    if (!core) co_return Submitted<typename E::Reply>{.error = ErrorCode::kNotCoordinator};
    auto answer = co_await core->submit(std::move(event));
    co_return answer;
  }

  asio::awaitable<Listed> list_here(Shard& shard, ListGroups event);
  asio::awaitable<Place> locate(std::string group);
  asio::awaitable<ErrorCode> create_topic();
  CreateTopicsRequest topic_request(const ClusterImage& image) const;
  asio::awaitable<void> forget(Shard& shard, ForgetTopics topics);
  Cores& cores_of(Shard& shard) { return cores_[static_cast<size_t>(shard.index())]; }
  std::shared_ptr<RunningCore> core_of(Shard& shard, int32_t partition);

  Shards& shards_;
  MetadataLog& metadata_;
  Table& table_;
  const Options options_;
  std::vector<Cores> cores_;  // Each one its shard's own.
};

}  // namespace moldau
