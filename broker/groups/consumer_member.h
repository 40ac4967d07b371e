// A member of a consumer group (KIP-848), as its records say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/groups/topic_partitions.h"
#include "protocol/records/consumer_group_current_member_assignment.h"
#include "protocol/records/consumer_group_member_metadata.h"
#include "protocol/uuid.h"

namespace moldau {

// By topic and partition: the epoch of the member when it was given the partition. No topic is
// without partitions.
using OwnedPartitions = std::map<Uuid, std::map<int32_t, int32_t>>;

TopicPartitions without_epochs(const OwnedPartitions& owned);

// What a member has been told to own (record type 8).
struct CurrentAssignment {
  enum class State : int8_t {
    kStable = 0,                // Owns what the target of its epoch says.
    kUnrevokedPartitions = 1,   // Has to give up partitions before it may move on.
    kUnreleasedPartitions = 2,  // Waits for partitions that others still own.
    kUnknown = 127,             // Written by a newer coordinator.
  };

  int32_t epoch = 0;
  int32_t previous_epoch = -1;
  State state = State::kStable;
  OwnedPartitions assigned;
  OwnedPartitions pending_revocation;

  bool operator==(const CurrentAssignment&) const = default;
  bool is_reconciled_to(int32_t target_epoch) const {
    return state == State::kStable && epoch == target_epoch;
  }
};

// What a member says of itself (record type 5).
struct MemberMetadata {
  struct Protocol {
    std::string name;
    std::string metadata;  // Bytes of the embedded consumer protocol.
    bool operator==(const Protocol&) const = default;
  };
  struct Classic {
    int32_t session_timeout_ms = 0;
    std::vector<Protocol> protocols;
    bool operator==(const Classic&) const = default;
  };

  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topics;  // Sorted, each once.
  std::string regex;                           // "" is none.
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> assignor;
  std::optional<Classic> classic;  // Set: the member speaks the classic protocol.

  bool operator==(const MemberMetadata&) const = default;
};

struct ConsumerMember {
  MemberMetadata metadata;
  CurrentAssignment current;

  bool is_classic() const { return metadata.classic.has_value(); }
};

MemberMetadata from_record(const ConsumerGroupMemberMetadataValue& value);
CurrentAssignment from_record(const ConsumerGroupCurrentMemberAssignmentValue& value);
// Bytes of the value point into `metadata`.
ConsumerGroupMemberMetadataValue to_record(const MemberMetadata& metadata);
ConsumerGroupCurrentMemberAssignmentValue to_record(const CurrentAssignment& current);

}  // namespace moldau
