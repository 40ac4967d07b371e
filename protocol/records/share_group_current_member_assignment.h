// ShareGroupCurrentMemberAssignment records (key type 14): what a member of a share group owns
// now.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupCurrentMemberAssignmentKey {
  static constexpr Api kApi{.key = 14,
                            .name = "ShareGroupCurrentMemberAssignmentKey",
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

struct ShareGroupCurrentMemberAssignmentValue {
  static constexpr Api kApi{.key = 14,
                            .name = "ShareGroupCurrentMemberAssignmentValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TopicPartitions {
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions;

  void describe(auto& field) {
    field("member_epoch", member_epoch);
    field("previous_member_epoch", previous_member_epoch);
    field("state", state);
    field("assigned_partitions", assigned_partitions);
  }
};

}  // namespace moldau
