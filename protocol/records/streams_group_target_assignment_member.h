// StreamsGroupTargetAssignmentMember records (key type 21): the tasks that a member of a streams
// group shall own.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupTargetAssignmentMemberKey {
  static constexpr Api kApi{.key = 21,
                            .name = "StreamsGroupTargetAssignmentMemberKey",
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

struct StreamsGroupTargetAssignmentMemberValue {
  static constexpr Api kApi{.key = 21,
                            .name = "StreamsGroupTargetAssignmentMemberValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TaskIds {
    std::string subtopology_id;
    std::vector<int32_t> partitions;

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("partitions", partitions);
    }
  };

  std::vector<TaskIds> active_tasks;
  std::vector<TaskIds> standby_tasks;
  std::vector<TaskIds> warmup_tasks;

  void describe(auto& field) {
    field("active_tasks", active_tasks);
    field("standby_tasks", standby_tasks);
    field("warmup_tasks", warmup_tasks);
  }
};

}  // namespace moldau
