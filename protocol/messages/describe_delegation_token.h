// DescribeDelegationToken (API key 41), versions 0 to 3: lists delegation tokens by owner.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
//   v3: response adds tokens.token_requester_principal_type,
//       tokens.token_requester_principal_name
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeDelegationTokenRequest {
  static constexpr Api kApi{
      .key = 41, .name = "DescribeDelegationToken", .first = 0, .last = 3, .flexible = 2};

  struct Owner {
    std::string principal_type;
    std::string principal_name;

    void describe(auto& field) {
      field("principal_type", principal_type);
      field("principal_name", principal_name);
    }
  };

  std::optional<std::vector<Owner>> owners;

  void describe(auto& field) { field("owners", owners); }
};

struct DescribeDelegationTokenResponse {
  static constexpr Api kApi = DescribeDelegationTokenRequest::kApi;

  struct Renewer {
    std::string principal_type;
    std::string principal_name;

    void describe(auto& field) {
      field("principal_type", principal_type);
      field("principal_name", principal_name);
    }
  };

  struct Token {
    std::string principal_type;
    std::string principal_name;
    std::string token_requester_principal_type;
    std::string token_requester_principal_name;
    int64_t issue_timestamp = 0;
    int64_t expiry_timestamp = 0;
    int64_t max_timestamp = 0;
    std::string token_id;
    Bytes hmac;
    std::vector<Renewer> renewers;

    void describe(auto& field) {
      field("principal_type", principal_type);
      field("principal_name", principal_name);
      field("token_requester_principal_type", token_requester_principal_type, {.since = 3});
      field("token_requester_principal_name", token_requester_principal_name, {.since = 3});
      field("issue_timestamp", issue_timestamp);
      field("expiry_timestamp", expiry_timestamp);
      field("max_timestamp", max_timestamp);
      field("token_id", token_id);
      field("hmac", hmac);
      field("renewers", renewers);
    }
  };

  int16_t error_code = 0;
  std::vector<Token> tokens;
  int32_t throttle_time_ms = 0;

  void describe(auto& field) {
    field("error_code", error_code);
    field("tokens", tokens);
    field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace moldau
