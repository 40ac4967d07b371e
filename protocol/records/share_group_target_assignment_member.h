// ShareGroupTargetAssignmentMember records (key type 13): what a member of a share group shall
// own.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupTargetAssignmentMemberKey {
  static constexpr Api kApi{.key = 13,
                            .name = "ShareGroupTargetAssignmentMemberKey",
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

struct ShareGroupTargetAssignmentMemberValue {
  static constexpr Api kApi{.key = 13,
                            .name = "ShareGroupTargetAssignmentMemberValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TopicPartition {
    Uuid topic_id{};
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("topic_id", topic_id);
      field("partitions", partitions);
    }
  };

  std::vector<TopicPartition> topic_partitions;

  void describe(auto& field) { field("topic_partitions", topic_partitions); }
};

}  // namespace moldau
