// RemoveUserScramCredentialRecord (metadata record type 22): a SCRAM credential is deleted.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RemoveUserScramCredentialRecord {
  static constexpr Api kApi{
      .key = 22, .name = "RemoveUserScramCredentialRecord", .first = 0, .last = 0, .flexible = 0};

  std::string name;
  int8_t mechanism = 0;

  void describe(auto& field) {
    field("name", name);
    field("mechanism", mechanism);
  }
};

}  // namespace moldau
