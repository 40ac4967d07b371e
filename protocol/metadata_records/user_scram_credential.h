// UserScramCredentialRecord (metadata record type 11): a SCRAM credential of a user.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct UserScramCredentialRecord {
  static constexpr Api kApi{
      .key = 11, .name = "UserScramCredentialRecord", .first = 0, .last = 0, .flexible = 0};

  std::string name;
  int8_t mechanism = 0;
  Bytes salt;
  Bytes stored_key;
  Bytes server_key;
  int32_t iterations = 0;

  void describe(auto& field) {
    field("name", name);
    field("mechanism", mechanism);
    field("salt", salt);
    field("stored_key", stored_key);
    field("server_key", server_key);
    field("iterations", iterations);
  }
};

}  // namespace moldau
