// CreateDelegationToken (API key 38), versions 0 to 3: creates a delegation token.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
//   v3: request adds owner_principal_type, owner_principal_name; response adds
//       token_requester_principal_type, token_requester_principal_name
#pragma once

#include "protocol/message.h"

namespace moldau {

struct CreateDelegationTokenRequest {
  static constexpr Api kApi{
      .key = 38, .name = "CreateDelegationToken", .first = 0, .last = 3, .flexible = 2};

  struct Renewer {
    std::string principal_type;
    std::string principal_name;

    void describe(auto& field) {
      field("principal_type", principal_type);
      field("principal_name", principal_name);
    }
  };

  std::optional<std::string> owner_principal_type;
  std::optional<std::string> owner_principal_name;
  std::vector<Renewer> renewers;
  int64_t max_lifetime_ms = 0;

  void describe(auto& field) {
    field("owner_principal_type", owner_principal_type, {.since = 3});
    field("owner_principal_name", owner_principal_name, {.since = 3});
    field("renewers", renewers);
    field("max_lifetime_ms", max_lifetime_ms);
  }
};

struct CreateDelegationTokenResponse {
  static constexpr Api kApi = CreateDelegationTokenRequest::kApi;

  int16_t error_code = 0;
  std::string principal_type;
  std::string principal_name;
  std::string token_requester_principal_type;
  std::string token_requester_principal_name;
  int64_t issue_timestamp_ms = 0;
  int64_t expiry_timestamp_ms = 0;
  int64_t max_timestamp_ms = 0;
  std::string token_id;
  Bytes hmac;
  int32_t throttle_time_ms = 0;

  void describe(auto& field) {
    field("error_code", error_code);
    field("principal_type", principal_type);
    field("principal_name", principal_name);
    field("token_requester_principal_type", token_requester_principal_type, {.since = 3});
    field("token_requester_principal_name", token_requester_principal_name, {.since = 3});
    field("issue_timestamp_ms", issue_timestamp_ms);
    field("expiry_timestamp_ms", expiry_timestamp_ms);
    field("max_timestamp_ms", max_timestamp_ms);
    field("token_id", token_id);
    field("hmac", hmac);
    field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace moldau
