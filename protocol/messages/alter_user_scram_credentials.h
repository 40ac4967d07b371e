// AlterUserScramCredentials (API key 51), version 0: sets or deletes SCRAM credentials.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct AlterUserScramCredentialsRequest {
  static constexpr Api kApi{
      .key = 51, .name = "AlterUserScramCredentials", .first = 0, .last = 0, .flexible = 0};

  struct Deletion {
    std::string name;
    int8_t mechanism = 0;

    void describe(auto& field) {
      field("name", name);
      field("mechanism", mechanism);
    }
  };

  struct Upsertion {
    std::string name;
    int8_t mechanism = 0;
    int32_t iterations = 0;
    Bytes salt;
    Bytes salted_password;

    void describe(auto& field) {
      field("name", name);
      field("mechanism", mechanism);
      field("iterations", iterations);
      field("salt", salt);
      field("salted_password", salted_password);
    }
  };

  std::vector<Deletion> deletions;
  std::vector<Upsertion> upsertions;

  void describe(auto& field) {
    field("deletions", deletions);
    field("upsertions", upsertions);
  }
};

struct AlterUserScramCredentialsResponse {
  static constexpr Api kApi = AlterUserScramCredentialsRequest::kApi;

  struct Result {
    std::string user;
    int16_t error_code = 0;
    std::optional<std::string> error_message;

    void describe(auto& field) {
      field("user", user);
      field("error_code", error_code);
      field("error_message", error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  void describe(auto& field) {
    field("throttle_time_ms", throttle_time_ms);
    field("results", results);
  }
};

}  // namespace moldau
