// The controller's decisions: what records a request leads to, and what to answer.
//
// It decides over the image as of the last record appended and changes nothing but by apply(). The
// checks, their order, their error codes and their texts are those of Kafka's KRaft controller.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "replication/metadata/image.h"

namespace moldau {

inline constexpr int32_t kProducerIdBlockSize = 1000;
// What one request of a user may lead to (a guard against one request filling the log).
inline constexpr size_t kMaxRecordsPerUserOperation = 10'000;

// The table of settings, from whoever owns it.
class ConfigValidator {
 public:
  virtual ~ConfigValidator() = default;

  // nullopt if `configs` may become all the overrides of `resource`, else the text for the client
  // ("Unknown topic config name: x", "Invalid value abc for configuration retention.ms: ...").
  virtual std::optional<std::string> error(const ConfigResource& resource,
                                           const Configs& configs) const = 0;
  // Whether values are lists, which may be appended to and subtracted from.
  virtual bool is_list(ConfigResourceType type, std::string_view name) const = 0;
  // The value while no override is set; nullopt if it has none or the name is not known.
  virtual std::optional<std::string> default_value(ConfigResourceType type,
                                                   std::string_view name) const = 0;
  // All settings of a topic with these overrides, as CreateTopics v5+ answers them (KIP-525).
  virtual std::vector<CreateTopicsResponse::Config> describe_topic(
      const Configs& overrides) const = 0;
};

template <class R>
struct Decision {
  using Response = R;
  std::vector<MetadataRecord> records;
  R response;
  bool atomic = true;  // All of the records are one batch in the log.
};

// What is wrong with the name of a topic, in Kafka's words; nullopt if nothing.
std::optional<std::string> topic_name_error(std::string_view name);
// '.' and '_' are one character in names of metrics: names that differ only there collide.
bool topic_names_collide(std::string_view a, std::string_view b);

class Controller {
 public:
  struct Options {
    std::string cluster_id;
    int32_t node_id = -1;
    int32_t default_partitions = 1;            // num.partitions
    int16_t default_replication_factor = 1;    // default.replication.factor
    const ConfigValidator* configs = nullptr;  // Not owned; outlives the controller.
    std::function<Uuid()> new_uuid;            // Random, never a reserved one.
  };
  explicit Controller(Options options) : options_(std::move(options)) {}

  const ClusterImage& image() const { return image_; }
  const Options& options() const { return options_; }
  // num.partitions and default.replication.factor are read at each decision: they may change.
  void set_defaults(int32_t partitions, int16_t replication_factor);

  // The image restarts from a snapshot.
  void load(ClusterImage image) { image_ = std::move(image); }
  // The one change to the image, on the way in and on replay alike.
  absl::Status apply(std::span<const MetadataRecord> records, int64_t last_offset, int32_t epoch);
  // Where the next record will be: a broker's epoch is the offset of its registration.
  void set_next_offset(int64_t offset) { next_offset_ = offset; }
  int64_t next_offset() const { return next_offset_; }

  // Decisions on requests. Results are in the order of the request, one for each distinct name:
  // what is named twice is refused once. What is not authorized is for the caller to answer, and
  // not passed here.
  Decision<CreateTopicsResponse> create_topics(const CreateTopicsRequest& request) const;
  // v0-v5 fill topic_names, v6 topics; both are honoured.
  Decision<DeleteTopicsResponse> delete_topics(const DeleteTopicsRequest& request) const;
  Decision<CreatePartitionsResponse> create_partitions(
      const CreatePartitionsRequest& request) const;
  Decision<IncrementalAlterConfigsResponse> incremental_alter_configs(
      const IncrementalAlterConfigsRequest& request) const;
  Decision<AlterConfigsResponse> alter_configs(const AlterConfigsRequest& request) const;
  Decision<AllocateProducerIdsResponse> allocate_producer_ids(
      const AllocateProducerIdsRequest& request) const;
  Decision<BrokerRegistrationResponse> register_broker(
      const BrokerRegistrationRequest& request) const;
  // The ISR a leader proposes, checked in the order of replication rules (KIP-497, KIP-841).
  Decision<AlterPartitionResponse> alter_partition(const AlterPartitionRequest& request) const;

  // The broker has applied the log past its registration: it may lead. It becomes the leader, in a
  // new epoch, of every partition that it is in sync with and that has no other leader; a leader of
  // an earlier incarnation of itself is none.
  Decision<ErrorCode> unfence_broker(int32_t broker_id, int64_t broker_epoch) const;
  Decision<ErrorCode> begin_controlled_shutdown(int32_t broker_id, int64_t broker_epoch) const;

 private:
  struct Placement;
  std::vector<int32_t> active_among(const std::vector<int32_t>& brokers) const;
  Placement place(int32_t partitions, int32_t first_partition, int16_t replication_factor) const;
  Placement place_as_asked(const CreateTopicsRequest::Topic& topic) const;
  Placement place_topic(const CreateTopicsRequest::Topic& topic) const;
  std::optional<std::string> assignment_error(const std::vector<int32_t>& brokers,
                                              size_t expected_replicas) const;
  std::optional<std::string> name_collision(
      const std::string& name, const std::map<std::string, std::string>& in_request) const;
  PartitionRecord new_partition(const Uuid& topic_id, int32_t number,
                                const std::vector<int32_t>& replicas) const;
  CreateTopicsResponse::Topic create_topic(const CreateTopicsRequest::Topic& topic,
                                           std::map<std::string, std::string>& names,
                                           std::vector<MetadataRecord>& records) const;
  CreatePartitionsResponse::Topic add_partitions(const CreatePartitionsRequest::Topic& asked,
                                                 std::vector<MetadataRecord>& records) const;
  ErrorCode check_registration(const BrokerRegistrationRequest& request) const;
  ErrorCode check_broker_epoch(int32_t broker_id, int64_t broker_epoch) const;
  ErrorCode check_isr_change(const AlterPartitionRequest& request,
                             const AlterPartitionRequest::Partition& change,
                             const PartitionImage& partition,
                             const std::vector<int32_t>& isr) const;
  AlterPartitionResponse::Partition alter_one(const AlterPartitionRequest& request,
                                              const TopicImage* topic,
                                              const AlterPartitionRequest::Partition& change,
                                              std::vector<MetadataRecord>& records) const;

  Options options_;
  ClusterImage image_;
  int64_t next_offset_ = 0;
};

}  // namespace moldau
