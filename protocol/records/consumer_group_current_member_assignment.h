// ConsumerGroupCurrentMemberAssignment records (key type 8): what a member of a consumer group
// owns now.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupCurrentMemberAssignmentKey {
  static constexpr Api kApi{.key = 8,
                            .name = "ConsumerGroupCurrentMemberAssignmentKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;
  std::string member_id;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
  }
};

struct ConsumerGroupCurrentMemberAssignmentValue {
  static constexpr Api kApi{.key = 8,
                            .name = "ConsumerGroupCurrentMemberAssignmentValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions;
    // Kafka reads an absent field as empty and writes null when it means null.
    std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
      field("assignment_epochs", assignment_epochs, {.tag = 0}, std::vector<int32_t>{});
    }
  };

  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions;
  std::vector<TopicPartitions> partitions_pending_revocation;

  void describe(auto& field) {
    field("member_epoch", member_epoch);
    field("previous_member_epoch", previous_member_epoch);
    field("state", state);
    field("assigned_partitions", assigned_partitions);
    field("partitions_pending_revocation", partitions_pending_revocation);
  }
};

}  // namespace moldau
