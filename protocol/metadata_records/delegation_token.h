// DelegationTokenRecord (metadata record type 10): a delegation token.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DelegationTokenRecord {
  static constexpr Api kApi{
      .key = 10, .name = "DelegationTokenRecord", .first = 0, .last = 0, .flexible = 0};

  std::string owner;
  std::string requester;
  std::vector<std::string> renewers;
  int64_t issue_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t expiration_timestamp = 0;
  std::string token_id;

  void describe(auto& field) {
    field("owner", owner);
    field("requester", requester);
    field("renewers", renewers);
    field("issue_timestamp", issue_timestamp);
    field("max_timestamp", max_timestamp);
    field("expiration_timestamp", expiration_timestamp);
    field("token_id", token_id);
  }
};

}  // namespace moldau
