// StreamsGroupCurrentMemberAssignment records (key type 22): the tasks that a member of a streams
// group owns now.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupCurrentMemberAssignmentKey {
  static constexpr Api kApi{.key = 22,
                            .name = "StreamsGroupCurrentMemberAssignmentKey",
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

struct StreamsGroupCurrentMemberAssignmentValue {
  static constexpr Api kApi{.key = 22,
                            .name = "StreamsGroupCurrentMemberAssignmentValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  struct TaskIds {
    std::string subtopology_id;
    std::vector<int32_t> partitions;
    // Kafka reads an absent field as empty and writes null when it means null.
    std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};

    void describe(auto& field) {
      field("subtopology_id", subtopology_id);
      field("partitions", partitions);
      field("assignment_epochs", assignment_epochs, {.tag = 0}, std::vector<int32_t>{});
    }
  };

  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TaskIds> active_tasks;
  std::vector<TaskIds> standby_tasks;
  std::vector<TaskIds> warmup_tasks;
  std::vector<TaskIds> active_tasks_pending_revocation;
  std::vector<TaskIds> standby_tasks_pending_revocation;
  std::vector<TaskIds> warmup_tasks_pending_revocation;

  void describe(auto& field) {
    field("member_epoch", member_epoch);
    field("previous_member_epoch", previous_member_epoch);
    field("state", state);
    field("active_tasks", active_tasks);
    field("standby_tasks", standby_tasks);
    field("warmup_tasks", warmup_tasks);
    field("active_tasks_pending_revocation", active_tasks_pending_revocation);
    field("standby_tasks_pending_revocation", standby_tasks_pending_revocation);
    field("warmup_tasks_pending_revocation", warmup_tasks_pending_revocation);
  }
};

}  // namespace moldau
