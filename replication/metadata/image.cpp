#include "replication/metadata/image.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

absl::Status missing(const char* record, const char* what, const std::string& which) {
  return absl::FailedPreconditionError(
      absl::StrCat(record, " is about ", what, " ", which, ", which is not there"));
}

BrokerImage broker_of(const RegisterBrokerRecord& r) {
  BrokerImage broker{.id = r.broker_id,
                     .epoch = r.broker_epoch,
                     .incarnation_id = r.incarnation_id,
                     .rack = r.rack,
                     .fenced = r.fenced,
                     .in_controlled_shutdown = r.in_controlled_shutdown,
                     .is_migrating_zk_broker = r.is_migrating_zk_broker,
                     .log_dirs = r.log_dirs,
                     .cordoned_log_dirs = r.cordoned_log_dirs};
  for (const auto& e : r.end_points) {
    broker.endpoints.push_back({e.name, e.host, e.port, e.security_protocol});
  }
  for (const auto& f : r.features) {
    broker.features.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  return broker;
}

RegisterBrokerRecord record_of(const BrokerImage& broker) {
  RegisterBrokerRecord r;
  r.broker_id = broker.id;
  r.is_migrating_zk_broker = broker.is_migrating_zk_broker;
  r.incarnation_id = broker.incarnation_id;
  r.broker_epoch = broker.epoch;
  for (const auto& e : broker.endpoints) {
    r.end_points.push_back({e.name, e.host, e.port, e.security_protocol});
  }
  for (const auto& f : broker.features) {
    r.features.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  r.rack = broker.rack;
  r.fenced = broker.fenced;
  r.in_controlled_shutdown = broker.in_controlled_shutdown;
  r.log_dirs = broker.log_dirs;
  r.cordoned_log_dirs = broker.cordoned_log_dirs;
  return r;
}

PartitionImage partition_of(const PartitionRecord& r) {
  return {.leader = r.leader,
          .leader_epoch = r.leader_epoch,
          .partition_epoch = r.partition_epoch,
          .replicas = r.replicas,
          .isr = r.isr,
          .elr = r.eligible_leader_replicas.value_or(std::vector<int32_t>{}),
          .last_known_elr = r.last_known_elr.value_or(std::vector<int32_t>{}),
          .adding = r.adding_replicas,
          .removing = r.removing_replicas,
          .directories = r.directories,
          .leader_recovery_state = r.leader_recovery_state};
}

PartitionRecord record_of(const Uuid& topic_id, int32_t number, const PartitionImage& p) {
  PartitionRecord r;
  r.partition_id = number;
  r.topic_id = topic_id;
  r.replicas = p.replicas;
  r.isr = p.isr;
  r.removing_replicas = p.removing;
  r.adding_replicas = p.adding;
  r.leader = p.leader;
  r.leader_recovery_state = p.leader_recovery_state;
  r.leader_epoch = p.leader_epoch;
  r.partition_epoch = p.partition_epoch;
  r.directories = p.directories;
  if (!p.elr.empty()) r.eligible_leader_replicas = p.elr;
  if (!p.last_known_elr.empty()) r.last_known_elr = p.last_known_elr;
  return r;
}

// A change of the leader begins a new leader epoch, even if it is the same broker again.
void change_partition(PartitionImage& p, const PartitionChangeRecord& r) {
  if (r.isr) p.isr = *r.isr;
  if (r.leader != -2) {
    p.leader = r.leader;
    ++p.leader_epoch;
  }
  if (r.replicas) p.replicas = *r.replicas;
  if (r.removing_replicas) p.removing = *r.removing_replicas;
  if (r.adding_replicas) p.adding = *r.adding_replicas;
  if (r.leader_recovery_state != -1) p.leader_recovery_state = r.leader_recovery_state;
  if (r.directories) p.directories = *r.directories;
  if (r.eligible_leader_replicas) p.elr = *r.eligible_leader_replicas;
  if (r.last_known_elr) p.last_known_elr = *r.last_known_elr;
  ++p.partition_epoch;
}

std::string credential_key(const std::string& name, int8_t mechanism) {
  return absl::StrCat(mechanism, "/", name);
}
std::string quota_key(const ClientQuotaRecord& r) {
  std::string key = absl::StrCat(r.key, "\n");
  for (const auto& e : r.entity) {
    absl::StrAppend(&key, e.entity_type, "=", e.entity_name ? 1 : 0, e.entity_name.value_or(""),
                    "\n");
  }
  return key;
}
std::string bytes_of(const Uuid& id) { return {id.begin(), id.end()}; }

}  // namespace

const BrokerImage::Endpoint* BrokerImage::endpoint(std::string_view listener_name) const {
  const auto it = std::ranges::find(endpoints, listener_name, &Endpoint::name);
  return it == endpoints.end() ? nullptr : &*it;
}

// One call of apply(): topics that change are copied once and put in place at the end.
class ClusterImage::Fold {
 public:
  explicit Fold(ClusterImage& image) : image_(image) {}

  absl::Status finish() {
    for (auto& [id, topic] : open_) {
      if (topic == nullptr) continue;
      image_.topics_.change()[topic->name] = topic;
      image_.topics_by_id_.change()[id] = topic;
    }
    return std::move(status_);
  }

  void operator()(const TopicRecord& r) {
    auto topic = std::make_shared<TopicImage>();
    topic->name = r.name;
    topic->id = r.topic_id;
    open_[r.topic_id] = std::move(topic);
  }
  void operator()(const PartitionRecord& r) {
    TopicImage* topic = open("PartitionRecord", r.topic_id);
    if (topic == nullptr) return;
    if (r.partition_id < 0) return note(missing("PartitionRecord", "partition", "-1"));
    const auto index = static_cast<size_t>(r.partition_id);
    if (index >= topic->partitions.size()) topic->partitions.resize(index + 1);
    topic->partitions[index] = partition_of(r);
  }
  void operator()(const PartitionChangeRecord& r) {
    TopicImage* topic = open("PartitionChangeRecord", r.topic_id);
    if (topic == nullptr) return;
    const auto index = static_cast<size_t>(r.partition_id);
    if (r.partition_id < 0 || index >= topic->partitions.size()) {
      return note(missing("PartitionChangeRecord", "partition",
                          absl::StrCat(topic->name, "-", r.partition_id)));
    }
    change_partition(topic->partitions[index], r);
  }
  void operator()(const RemoveTopicRecord& r) {
    TopicImage* topic = open("RemoveTopicRecord", r.topic_id);
    if (topic == nullptr) return;
    // By now another topic may have the name: one created in the same batch is still open.
    const auto named = image_.topics_->find(topic->name);
    if (named != image_.topics_->end() && named->second->id == r.topic_id) {
      image_.topics_.change().erase(topic->name);
    }
    image_.configs_.change().erase({ConfigResourceType::kTopic, topic->name});
    image_.topics_by_id_.change().erase(r.topic_id);
    open_[r.topic_id] = nullptr;
  }
  void operator()(const ClearElrRecord& r) {
    std::vector<Uuid> ids;
    for (const auto& [name, topic] : *image_.topics_) {
      if (r.topic_name.empty() || name == r.topic_name) ids.push_back(topic->id);
    }
    if (ids.empty() && !r.topic_name.empty()) {
      return note(missing("ClearElrRecord", "topic", r.topic_name));
    }
    for (const Uuid& id : ids) {
      TopicImage* topic = open("ClearElrRecord", id);
      if (topic == nullptr) continue;
      for (auto& partition : topic->partitions) {
        partition.elr.clear();
        partition.last_known_elr.clear();
      }
    }
  }
  void operator()(const ConfigRecord& r) {
    const ConfigResource resource{static_cast<ConfigResourceType>(r.resource_type),
                                  r.resource_name};
    auto& all = image_.configs_.change();
    if (r.value) {
      all[resource][r.name] = *r.value;
    } else if (auto it = all.find(resource); it != all.end()) {
      it->second.erase(r.name);
      if (it->second.empty()) all.erase(it);
    }
  }
  void operator()(const FeatureLevelRecord& r) {
    if (r.feature_level == 0) {
      image_.features_.change().erase(r.name);
    } else {
      image_.features_.change()[r.name] = r.feature_level;
    }
  }
  void operator()(const ProducerIdsRecord& r) { image_.next_producer_id_ = r.next_producer_id; }

  void operator()(const RegisterBrokerRecord& r) {
    image_.brokers_.change()[r.broker_id] = broker_of(r);
  }
  void operator()(const UnregisterBrokerRecord& r) {
    if (find("UnregisterBrokerRecord", r.broker_id, r.broker_epoch) == nullptr) return;
    image_.brokers_.change().erase(r.broker_id);
  }
  void operator()(const FenceBrokerRecord& r) {
    if (BrokerImage* broker = find("FenceBrokerRecord", r.id, r.epoch)) broker->fenced = true;
  }
  void operator()(const UnfenceBrokerRecord& r) {
    if (BrokerImage* broker = find("UnfenceBrokerRecord", r.id, r.epoch)) broker->fenced = false;
  }
  void operator()(const BrokerRegistrationChangeRecord& r) {
    BrokerImage* broker = find("BrokerRegistrationChangeRecord", r.broker_id, r.broker_epoch);
    if (broker == nullptr) return;
    if (r.fenced != 0) broker->fenced = r.fenced == 1;
    if (r.in_controlled_shutdown != 0) broker->in_controlled_shutdown = true;
    if (!r.log_dirs.empty()) broker->log_dirs = r.log_dirs;
    if (r.cordoned_log_dirs) broker->cordoned_log_dirs = r.cordoned_log_dirs;
  }

  void operator()(const DelegationTokenRecord& r) { keep(r, r.token_id); }
  void operator()(const RemoveDelegationTokenRecord& r) {
    forget<DelegationTokenRecord>(r.token_id);
  }
  void operator()(const UserScramCredentialRecord& r) {
    keep(r, credential_key(r.name, r.mechanism));
  }
  void operator()(const RemoveUserScramCredentialRecord& r) {
    forget<UserScramCredentialRecord>(credential_key(r.name, r.mechanism));
  }
  void operator()(const AccessControlEntryRecord& r) { keep(r, bytes_of(r.id)); }
  void operator()(const RemoveAccessControlEntryRecord& r) {
    forget<AccessControlEntryRecord>(bytes_of(r.id));
  }
  void operator()(const ClientQuotaRecord& r) {
    if (r.remove) {
      forget<ClientQuotaRecord>(quota_key(r));
    } else {
      keep(r, quota_key(r));
    }
  }
  void operator()(const RegisterControllerRecord& r) { keep(r, absl::StrCat(r.controller_id)); }
  void operator()(const UnregisterControllerRecord& r) {
    forget<RegisterControllerRecord>(absl::StrCat(r.controller_id));
  }

  // These say something about the log, not about the cluster.
  void operator()(const NoOpRecord&) {}
  void operator()(const BeginTransactionRecord&) {}
  void operator()(const EndTransactionRecord&) {}
  void operator()(const AbortTransactionRecord&) {}

 private:
  void note(absl::Status status) { status_.Update(std::move(status)); }

  // The topic, ours to change; nullptr, and noted, if it is not there.
  TopicImage* open(const char* record, const Uuid& id) {
    if (auto it = open_.find(id); it != open_.end()) {
      if (it->second == nullptr) note(missing(record, "topic", to_string(id)));
      return it->second.get();
    }
    const auto it = image_.topics_by_id_->find(id);
    if (it == image_.topics_by_id_->end()) {
      note(missing(record, "topic", to_string(id)));
      return nullptr;
    }
    return (open_[id] = std::make_shared<TopicImage>(*it->second)).get();
  }
  BrokerImage* find(const char* record, int32_t id, int64_t epoch) {
    auto& brokers = image_.brokers_.change();
    const auto it = brokers.find(id);
    if (it != brokers.end() && it->second.epoch == epoch) return &it->second;
    note(missing(record, "broker", absl::StrCat(id, " with epoch ", epoch)));
    return nullptr;
  }
  template <class R>
  void keep(const R& record, const std::string& about) {
    image_.kept_.change()[{R::kApi.key, about}] =
        std::make_shared<const std::string>(encode_metadata_record(record));
  }
  template <class R>
  void forget(const std::string& about) {
    image_.kept_.change().erase({R::kApi.key, about});
  }

  ClusterImage& image_;
  std::map<Uuid, std::shared_ptr<TopicImage>> open_;  // nullptr: removed.
  absl::Status status_;
};

TopicPointer ClusterImage::topic(std::string_view name) const {
  const auto it = topics_->find(name);
  return it == topics_->end() ? nullptr : it->second;
}

TopicPointer ClusterImage::topic(const Uuid& id) const {
  const auto it = topics_by_id_->find(id);
  return it == topics_by_id_->end() ? nullptr : it->second;
}

const PartitionImage* ClusterImage::partition(std::string_view topic_name,
                                              int32_t partition) const {
  const auto it = topics_->find(topic_name);
  if (it == topics_->end() || partition < 0) return nullptr;
  const auto& partitions = it->second->partitions;
  const auto index = static_cast<size_t>(partition);
  return index < partitions.size() ? &partitions[index] : nullptr;
}

const BrokerImage* ClusterImage::broker(int32_t id) const {
  const auto it = brokers_->find(id);
  return it == brokers_->end() ? nullptr : &it->second;
}

const Configs& ClusterImage::configs(const ConfigResource& resource) const {
  static const Configs kNone;
  const auto it = configs_->find(resource);
  return it == configs_->end() ? kNone : it->second;
}

int16_t ClusterImage::feature(const std::string& name) const {
  const auto it = features_->find(name);
  return it == features_->end() ? int16_t{0} : it->second;
}

absl::Status ClusterImage::apply(std::span<const MetadataRecord> records) {
  Fold fold(*this);
  for (const auto& record : records) std::visit(fold, record);
  return fold.finish();
}

std::vector<MetadataRecord> ClusterImage::to_records() const {
  std::vector<MetadataRecord> out;
  const auto add_kept = [&](int16_t type) {
    for (auto it = kept_->lower_bound({type, ""}); it != kept_->end() && it->first.first == type;
         ++it) {
      out.push_back(*decode_metadata_record(as_bytes(*it->second)));
    }
  };
  const auto add_feature = [&](const std::string& name, int16_t level) {
    FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    out.emplace_back(std::move(record));
  };
  // Readers take the versions of everything after it from metadata.version.
  const std::string metadata_version = kMetadataVersionFeature;
  if (feature(metadata_version) != 0) add_feature(metadata_version, feature(metadata_version));
  for (const auto& [name, level] : *features_) {
    if (name != metadata_version) add_feature(name, level);
  }
  add_kept(RegisterControllerRecord::kApi.key);
  for (const auto& [id, broker] : *brokers_) out.emplace_back(record_of(broker));
  for (const auto& [name, topic] : *topics_) {
    TopicRecord record;
    record.name = name;
    record.topic_id = topic->id;
    out.emplace_back(std::move(record));
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      out.emplace_back(record_of(topic->id, static_cast<int32_t>(i), topic->partitions[i]));
    }
  }
  for (const auto& [resource, configs] : *configs_) {
    for (const auto& [name, value] : configs) {
      ConfigRecord record;
      record.resource_type = static_cast<int8_t>(resource.type);
      record.resource_name = resource.name;
      record.name = name;
      record.value = value;
      out.emplace_back(std::move(record));
    }
  }
  add_kept(ClientQuotaRecord::kApi.key);
  if (next_producer_id_ > 0) {
    ProducerIdsRecord record;
    record.broker_id = -1;
    record.next_producer_id = next_producer_id_;
    out.emplace_back(record);
  }
  add_kept(AccessControlEntryRecord::kApi.key);
  add_kept(UserScramCredentialRecord::kApi.key);
  add_kept(DelegationTokenRecord::kApi.key);
  return out;
}

bool ClusterImage::same_state(const ClusterImage& other) const {
  const auto same_topic = [](const auto& a, const auto& b) {
    return a.first == b.first && *a.second == *b.second;
  };
  return std::ranges::equal(*topics_, *other.topics_, same_topic) &&
         std::ranges::equal(*topics_by_id_, *other.topics_by_id_, same_topic) &&
         *brokers_ == *other.brokers_ && *configs_ == *other.configs_ &&
         *features_ == *other.features_ && std::ranges::equal(*kept_, *other.kept_, same_topic) &&
         next_producer_id_ == other.next_producer_id_;
}

MetadataDelta delta_of(const ClusterImage& before, std::span<const MetadataRecord> records,
                       const ClusterImage& after) {
  MetadataDelta delta;
  const auto touch = [&](const Uuid& id) { delta.topics.try_emplace(id); };
  for (const auto& record : records) {
    std::visit(
        [&](const auto& r) {
          using R = std::decay_t<decltype(r)>;
          if constexpr (std::is_same_v<R, ConfigRecord>) {
            delta.configs.insert(
                {static_cast<ConfigResourceType>(r.resource_type), r.resource_name});
          } else if constexpr (std::is_same_v<R, ClearElrRecord>) {
            for (const auto& [name, topic] : after.topics()) {
              if (r.topic_name.empty() || r.topic_name == name) touch(topic->id);
            }
          } else if constexpr (std::is_same_v<R, FeatureLevelRecord>) {
            delta.features = true;
          } else if constexpr (requires { r.topic_id; }) {
            touch(r.topic_id);
          } else if constexpr (requires {
                                 r.broker_epoch;
                                 r.broker_id;
                               } &&
                               !std::is_same_v<R, ProducerIdsRecord>) {
            delta.brokers.insert(r.broker_id);
          } else if constexpr (std::is_same_v<R, FenceBrokerRecord> ||
                               std::is_same_v<R, UnfenceBrokerRecord>) {
            delta.brokers.insert(r.id);
          }
        },
        record);
  }
  for (auto it = delta.topics.begin(); it != delta.topics.end();) {
    it->second = {before.topic(it->first), after.topic(it->first)};
    it = it->second.before == it->second.after ? delta.topics.erase(it) : std::next(it);
  }
  return delta;
}

MetadataDelta delta_from_nothing(const ClusterImage& image) {
  MetadataDelta delta;
  for (const auto& [name, topic] : image.topics()) delta.topics[topic->id] = {nullptr, topic};
  for (const auto& [resource, configs] : image.all_configs()) delta.configs.insert(resource);
  for (const auto& [id, broker] : image.brokers()) delta.brokers.insert(id);
  delta.features = !image.features().empty();
  return delta;
}

}  // namespace moldau
