// What the log says about one consumer group: the fold of its records (types 3 to 8 and 16).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/groups/consumer_member.h"
#include "broker/groups/topic_partitions.h"

namespace moldau {

class ConsumerGroupState {
 public:
  struct ResolvedRegex {
    std::vector<std::string> topics;  // Sorted.
    int64_t version = 0;              // Offset of the metadata that it was resolved against.
    int64_t resolved_at_ms = 0;       // Wall clock.
  };
  using Members = std::map<std::string, ConsumerMember>;

  // A record of this group. Of other types it changes nothing.
  void apply(const CoordinatorRecord& record);

  int32_t epoch() const { return epoch_; }
  int64_t metadata_hash() const { return metadata_hash_; }
  int32_t assignment_epoch() const { return assignment_epoch_; }
  // Type 4 is no longer written, and removed where it is found (Kafka 4.1).
  bool has_partition_metadata() const { return has_partition_metadata_; }
  const Members& members() const { return members_; }
  const std::map<std::string, ResolvedRegex>& regexes() const { return regexes_; }
  const std::map<std::string, TopicPartitions>& targets() const { return targets_; }

  const ConsumerMember* member(const std::string& id) const;  // nullptr if there is none.
  const TopicPartitions& target(const std::string& member_id) const;
  // Of the member with that instance id; nullptr if there is none (KIP-345).
  const std::string* static_member(const std::optional<std::string>& instance_id) const;
  // Who owns the partition, until it has said that it gave it up; nullptr: it is free.
  const std::string* owner(const Uuid& topic, int32_t partition) const;

  // By name and by regular expression as it was resolved; sorted.
  std::vector<std::string> topics_of(const ConsumerMember& member) const;
  std::set<std::string> subscribed_topics() const;
  bool is_subscribed_to(const std::string& topic) const;
  bool is_in_use(const std::string& regex) const;
  size_t classic_members() const;

 private:
  void set_metadata(const std::string& id, const std::optional<std::string>& value);
  void set_current(const std::string& id, const std::optional<std::string>& value);
  void set_target(const std::string& id, const std::optional<std::string>& value);
  void set_regex(const std::string& regex, const std::optional<std::string>& value);
  void own(const std::string& id, const OwnedPartitions& partitions);
  void disown(const std::string& id, const OwnedPartitions& partitions);

  int32_t epoch_ = 0;
  int64_t metadata_hash_ = 0;
  int32_t assignment_epoch_ = 0;
  bool has_partition_metadata_ = false;
  Members members_;
  std::map<std::string, std::string> static_members_;  // By instance id.
  std::map<std::string, TopicPartitions> targets_;     // By member.
  std::map<std::string, ResolvedRegex> regexes_;
  std::map<std::pair<Uuid, int32_t>, std::string> owners_;
};

}  // namespace moldau
