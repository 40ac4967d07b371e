// ControlRecordTypeSchema: key of every control record: its type (0 abort, 1 commit, 2 leader
// change, 3 snapshot header, 4 snapshot footer, 5 kraft version, 6 voters).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ControlRecordTypeSchema {
  static constexpr Api kApi{.key = 0,
                            .name = "ControlRecordTypeSchema",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  int16_t type = 0;

  void describe(auto& field) { field("type", type); }
};

}  // namespace moldau
