// RemoveDelegationTokenRecord (metadata record type 26): a delegation token is deleted.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RemoveDelegationTokenRecord {
  static constexpr Api kApi{
      .key = 26, .name = "RemoveDelegationTokenRecord", .first = 0, .last = 0, .flexible = 0};

  std::string token_id;

  void describe(auto& field) { field("token_id", token_id); }
};

}  // namespace moldau
