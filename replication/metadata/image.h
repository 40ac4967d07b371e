// The cluster as its metadata log says: the fold of all records up to an offset.
//
// An image is a value and cheap to copy: its maps are shared until one of the copies changes.
// Records that this code has no use for yet (access rules, quotas, credentials, delegation tokens,
// controllers) are kept as they came, so that a snapshot of the image loses nothing.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/uuid.h"
#include "replication/metadata/record.h"

#include "absl/status/status.h"

namespace moldau {

inline constexpr int32_t kNoLeader = -1;
inline constexpr const char* kMetadataVersionFeature = "metadata.version";
inline constexpr const char* kGroupVersionFeature = "group.version";  // 1: KIP-848 is on.

enum class ConfigResourceType : int8_t {
  kUnknown = 0,
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,  // KIP-714
  kGroup = 32,          // KIP-848
};

struct ConfigResource {
  ConfigResourceType type = ConfigResourceType::kTopic;
  std::string name;  // "" with kBroker: the cluster-wide default of brokers.

  auto operator<=>(const ConfigResource&) const = default;
};

struct PartitionImage {
  int32_t leader = kNoLeader;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;             // Eligible leader replicas (KIP-966).
  std::vector<int32_t> last_known_elr;  // KIP-966.
  std::vector<int32_t> adding, removing;
  std::vector<Uuid> directories;     // Of each replica, in the order of `replicas` (KIP-858).
  int8_t leader_recovery_state = 0;  // 0 recovered, 1 recovering (KIP-704).

  bool operator==(const PartitionImage&) const = default;
};

struct TopicImage {
  std::string name;
  Uuid id{};
  std::vector<PartitionImage> partitions;  // The index is the partition's number.

  bool operator==(const TopicImage&) const = default;
};

struct BrokerImage {
  struct Endpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;  // 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.

    bool operator==(const Endpoint&) const = default;
  };
  struct Feature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;

    bool operator==(const Feature&) const = default;
  };

  int32_t id = -1;
  int64_t epoch = -1;  // The offset of its registration record.
  Uuid incarnation_id{};
  std::vector<Endpoint> endpoints;
  std::vector<Feature> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  bool operator==(const BrokerImage&) const = default;
  const Endpoint* endpoint(std::string_view listener_name) const;  // nullptr if none.
};

using TopicPointer = std::shared_ptr<const TopicImage>;
using TopicsByName = std::map<std::string, TopicPointer, std::less<>>;
using Configs = std::map<std::string, std::string, std::less<>>;

// A value that is shared between copies until one of them is about to change. Copies may be used by
// different threads; one copy may not.
template <class T>
class CopyOnWrite {
 public:
  CopyOnWrite() : node_(new Node) {}
  CopyOnWrite(const CopyOnWrite& other) : node_(other.node_) {
    node_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  CopyOnWrite& operator=(const CopyOnWrite& other) {
    if (this == &other) return *this;
    CopyOnWrite copy(other);
    std::swap(node_, copy.node_);
    return *this;
  }
  ~CopyOnWrite() { release(); }

  const T& operator*() const { return node_->value; }
  const T* operator->() const { return &node_->value; }
  T& change() {
    if (node_->holders.load(std::memory_order_acquire) > 1) {
      Node* own = new Node{node_->value};
      release();
      node_ = own;
    }
    return node_->value;
  }

 private:
  struct Node {
    T value{};
    std::atomic<int> holders = 1;
  };
  void release() {
    if (node_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node_;
  }
  Node* node_;
};

class ClusterImage {
 public:
  TopicPointer topic(std::string_view name) const;  // nullptr if there is none.
  TopicPointer topic(const Uuid& id) const;
  const TopicsByName& topics() const { return *topics_; }
  // nullptr if there is no such topic or partition.
  const PartitionImage* partition(std::string_view topic, int32_t partition) const;
  const std::map<int32_t, BrokerImage>& brokers() const { return *brokers_; }
  const BrokerImage* broker(int32_t id) const;
  // What was set on the resource itself; an empty map if nothing was.
  const Configs& configs(const ConfigResource& resource) const;
  const std::map<ConfigResource, Configs>& all_configs() const { return *configs_; }
  const std::map<std::string, int16_t>& features() const { return *features_; }
  int16_t feature(const std::string& name) const;  // 0: not finalized.
  int64_t next_producer_id() const { return next_producer_id_; }

  // Of the last record applied; -1 before the first.
  int64_t offset() const { return offset_; }
  int32_t epoch() const { return epoch_; }
  void set_position(int64_t offset, int32_t epoch) {
    offset_ = offset;
    epoch_ = epoch;
  }

  // The fold. Records about a topic, partition or broker that is not there change nothing, and the
  // first of them is what the status tells: the log and this code disagree, the caller decides.
  // Records of one batch belong in one call: a topic is copied once a call.
  absl::Status apply(std::span<const MetadataRecord> records);
  absl::Status apply(const MetadataRecord& record) { return apply({&record, 1}); }

  // The records from which apply() makes this image again: what a snapshot holds. Bytes in them
  // borrow from the image.
  std::vector<MetadataRecord> to_records() const;

  // Same contents; positions are not compared.
  bool same_state(const ClusterImage& other) const;

 private:
  // A record kept as it came: its type and what it is about, and its encoding.
  using KeptKey = std::pair<int16_t, std::string>;
  using Kept = std::map<KeptKey, std::shared_ptr<const std::string>>;
  class Fold;

  CopyOnWrite<TopicsByName> topics_;
  CopyOnWrite<std::map<Uuid, TopicPointer>> topics_by_id_;
  CopyOnWrite<std::map<int32_t, BrokerImage>> brokers_;
  CopyOnWrite<std::map<ConfigResource, Configs>> configs_;
  CopyOnWrite<std::map<std::string, int16_t>> features_;
  CopyOnWrite<Kept> kept_;
  int64_t next_producer_id_ = 0;
  int64_t offset_ = -1;
  int32_t epoch_ = -1;
};

// What changed from one image to the next.
struct MetadataDelta {
  struct Topic {
    TopicPointer before;  // nullptr: created.
    TopicPointer after;   // nullptr: deleted.
  };
  std::map<Uuid, Topic> topics;
  std::set<ConfigResource> configs;
  std::set<int32_t> brokers;
  bool features = false;

  bool empty() const { return topics.empty() && configs.empty() && brokers.empty() && !features; }
};

// What `records` changed between the images before and after them.
MetadataDelta delta_of(const ClusterImage& before, std::span<const MetadataRecord> records,
                       const ClusterImage& after);
// Everything in `image`, as created: for whoever starts from it.
MetadataDelta delta_from_nothing(const ClusterImage& image);

}  // namespace moldau
