// Registration of brokers, ISR changes and producer ids. Topics: controller_topics.cpp; settings:
// controller_configs.cpp.
#include "replication/metadata/controller.h"

#include <algorithm>
#include <limits>

namespace moldau {
namespace {

bool contains(const std::vector<int32_t>& ids, int32_t id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool is_active(const BrokerImage* broker) {
  return broker != nullptr && !broker->fenced && !broker->in_controlled_shutdown;
}

}  // namespace

void Controller::set_defaults(int32_t partitions, int16_t replication_factor) {
  options_.default_partitions = partitions;
  options_.default_replication_factor = replication_factor;
}

absl::Status Controller::apply(std::span<const MetadataRecord> records, int64_t last_offset,
                               int32_t epoch) {
  absl::Status status = image_.apply(records);
  image_.set_position(last_offset, epoch);
  return status;
}

Decision<AllocateProducerIdsResponse> Controller::allocate_producer_ids(
    const AllocateProducerIdsRequest& request) const {
  Decision<AllocateProducerIdsResponse> decision;
  const BrokerImage* broker = image_.broker(request.broker_id);
  if (broker == nullptr || broker->epoch != request.broker_epoch) {
    decision.response.error_code = code(ErrorCode::kStaleBrokerEpoch);
    return decision;
  }
  const int64_t first = image_.next_producer_id();
  if (first > std::numeric_limits<int64_t>::max() - kProducerIdBlockSize) {
    decision.response.error_code = code(ErrorCode::kUnknownServerError);
    return decision;
  }
  ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first + kProducerIdBlockSize;
  decision.records.emplace_back(record);
  decision.response.producer_id_start = first;
  decision.response.producer_id_len = kProducerIdBlockSize;
  return decision;
}

ErrorCode Controller::check_registration(const BrokerRegistrationRequest& request) const {
  if (request.cluster_id != options_.cluster_id) return ErrorCode::kInconsistentClusterId;
  if (request.is_migrating_zk_broker) return ErrorCode::kBrokerIdNotRegistered;
  if (request.log_dirs.empty()) return ErrorCode::kInvalidRequest;
  std::set<Uuid> directories;
  for (const Uuid& id : request.log_dirs) {
    if (is_reserved(id) || !directories.insert(id).second) return ErrorCode::kInvalidRequest;
  }
  for (const auto& [id, broker] : image_.brokers()) {
    if (id == request.broker_id) continue;
    for (const Uuid& directory : broker.log_dirs) {
      if (directories.contains(directory)) return ErrorCode::kInvalidRequest;
    }
  }
  for (const auto& [name, level] : image_.features()) {
    // A cluster that Apache Kafka began may have finalized what this node does not do (yet): that
    // must not keep it from its own data.
    if (request.broker_id == options_.node_id && name != kMetadataVersionFeature) continue;
    const auto it =
        std::ranges::find(request.features, name, &BrokerRegistrationRequest::Feature::name);
    if (it == request.features.end() || level < it->min_supported_version ||
        level > it->max_supported_version) {
      return ErrorCode::kUnsupportedVersion;
    }
  }
  // Another incarnation is refused while the session of the known one lives. Of our own id there is
  // no other: the lock on the data directory is ours.
  const BrokerImage* known = image_.broker(request.broker_id);
  if (known != nullptr && known->incarnation_id != request.incarnation_id && !known->fenced &&
      request.broker_id != options_.node_id) {
    return ErrorCode::kDuplicateBrokerRegistration;
  }
  return ErrorCode::kNone;
}

Decision<BrokerRegistrationResponse> Controller::register_broker(
    const BrokerRegistrationRequest& request) const {
  Decision<BrokerRegistrationResponse> decision;
  const ErrorCode error = check_registration(request);
  decision.response.error_code = code(error);
  if (error != ErrorCode::kNone) return decision;

  const BrokerImage* known = image_.broker(request.broker_id);
  const bool same = known != nullptr && known->incarnation_id == request.incarnation_id;
  RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  record.broker_epoch = same ? known->epoch : next_offset_;
  for (const auto& l : request.listeners) {
    record.end_points.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const auto& f : request.features) {
    record.features.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  record.rack = request.rack;
  record.fenced = same ? known->fenced : true;
  record.in_controlled_shutdown = same && known->in_controlled_shutdown;
  record.log_dirs = request.log_dirs;
  decision.response.broker_epoch = record.broker_epoch;
  decision.records.emplace_back(std::move(record));
  return decision;
}

ErrorCode Controller::check_broker_epoch(int32_t broker_id, int64_t broker_epoch) const {
  const BrokerImage* broker = image_.broker(broker_id);
  if (broker == nullptr) return ErrorCode::kBrokerIdNotRegistered;
  return broker->epoch == broker_epoch ? ErrorCode::kNone : ErrorCode::kStaleBrokerEpoch;
}

Decision<ErrorCode> Controller::unfence_broker(int32_t broker_id, int64_t broker_epoch) const {
  Decision<ErrorCode> decision;
  decision.atomic = false;
  decision.response = check_broker_epoch(broker_id, broker_epoch);
  if (decision.response != ErrorCode::kNone || !image_.broker(broker_id)->fenced) return decision;

  BrokerRegistrationChangeRecord unfence;
  unfence.broker_id = broker_id;
  unfence.broker_epoch = broker_epoch;
  unfence.fenced = -1;
  decision.records.emplace_back(std::move(unfence));
  for (const auto& [name, topic] : image_.topics()) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionImage& partition = topic->partitions[i];
      const bool leads_or_may = partition.leader == kNoLeader || partition.leader == broker_id;
      const bool is_eligible = partition.isr.empty() && contains(partition.elr, broker_id);
      if (!leads_or_may || (!contains(partition.isr, broker_id) && !is_eligible)) continue;
      PartitionChangeRecord change;
      change.partition_id = static_cast<int32_t>(i);
      change.topic_id = topic->id;
      change.leader = broker_id;
      if (is_eligible) {  // KIP-966: nobody is in sync, but this one has all that was committed.
        change.isr = {broker_id};
        change.eligible_leader_replicas = partition.elr;
        std::erase(*change.eligible_leader_replicas, broker_id);
        change.last_known_elr.emplace();
      }
      decision.records.emplace_back(std::move(change));
    }
  }
  return decision;
}

Decision<ErrorCode> Controller::begin_controlled_shutdown(int32_t broker_id,
                                                          int64_t broker_epoch) const {
  Decision<ErrorCode> decision;
  decision.atomic = false;
  decision.response = check_broker_epoch(broker_id, broker_epoch);
  if (decision.response != ErrorCode::kNone || image_.broker(broker_id)->in_controlled_shutdown) {
    return decision;
  }
  BrokerRegistrationChangeRecord leaving;
  leaving.broker_id = broker_id;
  leaving.broker_epoch = broker_epoch;
  leaving.in_controlled_shutdown = 1;
  decision.records.emplace_back(std::move(leaving));
  for (const auto& [name, topic] : image_.topics()) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionImage& partition = topic->partitions[i];
      if (!contains(partition.isr, broker_id) || partition.isr.size() == 1) continue;
      PartitionChangeRecord change;
      change.partition_id = static_cast<int32_t>(i);
      change.topic_id = topic->id;
      change.isr.emplace();
      for (int32_t id : partition.isr) {
        if (id != broker_id) change.isr->push_back(id);
      }
      if (partition.leader == broker_id) {
        const auto next = std::ranges::find_if(
            *change.isr, [&](int32_t id) { return is_active(image_.broker(id)); });
        if (next == change.isr->end()) continue;  // Nobody to lead: stay until the end.
        change.leader = *next;
      }
      decision.records.emplace_back(std::move(change));
    }
  }
  return decision;
}

ErrorCode Controller::check_isr_change(const AlterPartitionRequest& request,
                                       const AlterPartitionRequest::Partition& change,
                                       const PartitionImage& partition,
                                       const std::vector<int32_t>& isr) const {
  // Whoever knows more than us has heard it from another controller.
  if (change.leader_epoch > partition.leader_epoch ||
      change.partition_epoch > partition.partition_epoch) {
    return ErrorCode::kNotController;
  }
  if (change.leader_epoch < partition.leader_epoch) return ErrorCode::kFencedLeaderEpoch;
  if (request.broker_id != partition.leader) return ErrorCode::kInvalidRequest;
  if (change.partition_epoch < partition.partition_epoch) return ErrorCode::kInvalidUpdateVersion;
  if (!contains(isr, partition.leader)) return ErrorCode::kInvalidRequest;
  std::set<int32_t> members;
  for (int32_t id : isr) {
    if (!contains(partition.replicas, id) || !members.insert(id).second) {
      return ErrorCode::kInvalidRequest;
    }
  }
  constexpr int8_t kRecovered = 0, kRecovering = 1;
  if (change.leader_recovery_state == kRecovering &&
      (partition.leader_recovery_state == kRecovered || isr.size() > 1)) {
    return ErrorCode::kInvalidRequest;
  }
  for (int32_t id : isr) {
    if (!is_active(image_.broker(id))) return ErrorCode::kIneligibleReplica;
  }
  for (const auto& member : change.new_isr_with_epochs) {
    if (member.broker_epoch != -1 &&
        member.broker_epoch != image_.broker(member.broker_id)->epoch) {
      return ErrorCode::kIneligibleReplica;
    }
  }
  return ErrorCode::kNone;
}

AlterPartitionResponse::Partition Controller::alter_one(
    const AlterPartitionRequest& request, const TopicImage* topic,
    const AlterPartitionRequest::Partition& change, std::vector<MetadataRecord>& records) const {
  AlterPartitionResponse::Partition result;
  result.partition_index = change.partition_index;
  if (topic == nullptr) {
    result.error_code = code(ErrorCode::kUnknownTopicId);
    return result;
  }
  const auto index = static_cast<size_t>(change.partition_index);
  if (change.partition_index < 0 || index >= topic->partitions.size()) {
    result.error_code = code(ErrorCode::kUnknownTopicOrPartition);
    return result;
  }
  std::vector<int32_t> isr = change.new_isr;
  for (const auto& member : change.new_isr_with_epochs) isr.push_back(member.broker_id);
  const PartitionImage& partition = topic->partitions[index];
  const ErrorCode error = check_isr_change(request, change, partition, isr);
  result.error_code = code(error);
  if (error != ErrorCode::kNone) return result;

  result.leader_id = partition.leader;
  result.leader_epoch = partition.leader_epoch;
  result.isr = isr;
  result.leader_recovery_state = change.leader_recovery_state;
  result.partition_epoch = partition.partition_epoch;
  PartitionChangeRecord record;
  record.partition_id = change.partition_index;
  record.topic_id = topic->id;
  if (isr != partition.isr) record.isr = isr;
  if (change.leader_recovery_state != partition.leader_recovery_state) {
    record.leader_recovery_state = change.leader_recovery_state;
  }
  if (!record.isr && record.leader_recovery_state == -1) return result;
  ++result.partition_epoch;
  records.emplace_back(std::move(record));
  return result;
}

Decision<AlterPartitionResponse> Controller::alter_partition(
    const AlterPartitionRequest& request) const {
  Decision<AlterPartitionResponse> decision;
  decision.atomic = false;
  const BrokerImage* broker = image_.broker(request.broker_id);
  if (broker == nullptr || broker->epoch != request.broker_epoch) {
    decision.response.error_code = code(ErrorCode::kStaleBrokerEpoch);
    return decision;
  }
  for (const auto& t : request.topics) {
    const TopicPointer topic =
        t.topic_id == kZeroUuid ? image_.topic(t.topic_name) : image_.topic(t.topic_id);
    auto& answer = decision.response.topics.emplace_back();
    answer.topic_name = t.topic_name;
    answer.topic_id = t.topic_id;
    for (const auto& change : t.partitions) {
      answer.partitions.push_back(alter_one(request, topic.get(), change, decision.records));
    }
  }
  return decision;
}

}  // namespace moldau
