// DescribeUserScramCredentials (API key 50), version 0: which SCRAM credentials users have.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DescribeUserScramCredentialsRequest {
  static constexpr Api kApi{
      .key = 50, .name = "DescribeUserScramCredentials", .first = 0, .last = 0, .flexible = 0};

  struct User {
    std::string name;

    void describe(auto& field) { field("name", name); }
  };

  std::optional<std::vector<User>> users;

  void describe(auto& field) { field("users", users); }
};

struct DescribeUserScramCredentialsResponse {
  static constexpr Api kApi = DescribeUserScramCredentialsRequest::kApi;

  struct CredentialInfo {
    int8_t mechanism = 0;
    int32_t iterations = 0;

    void describe(auto& field) {
      field("mechanism", mechanism);
      field("iterations", iterations);
    }
  };

  struct Result {
    std::string user;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<CredentialInfo> credential_infos;

    void describe(auto& field) {
      field("user", user);
      field("error_code", error_code);
      field("error_message", error_message);
      field("credential_infos", credential_infos);
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::vector<Result> results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("error_code", error_code);
    field("error_message", error_message);
    field("results", results);
  }
};

}  // namespace moldau
