// RemoveAccessControlEntryRecord (metadata record type 19): an access rule is deleted.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RemoveAccessControlEntryRecord {
  static constexpr Api kApi{
      .key = 19, .name = "RemoveAccessControlEntryRecord", .first = 0, .last = 0, .flexible = 0};

  Uuid id{};

  void describe(auto& field) { field("id", id); }
};

}  // namespace moldau
