// SaslAuthenticate (API key 36), versions 0 to 2: carries the tokens of a SASL exchange.
//
//   v1: response adds session_lifetime_ms
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct SaslAuthenticateRequest {
  static constexpr Api kApi{
      .key = 36, .name = "SaslAuthenticate", .first = 0, .last = 2, .flexible = 2};

  Bytes auth_bytes;

  void describe(auto& field) { field("auth_bytes", auth_bytes); }
};

struct SaslAuthenticateResponse {
  static constexpr Api kApi = SaslAuthenticateRequest::kApi;

  int16_t error_code = 0;
  std::optional<std::string> error_message;
  Bytes auth_bytes;
  int64_t session_lifetime_ms = 0;

  void describe(auto& field) {
    field("error_code", error_code);
    field("error_message", error_message);
    field("auth_bytes", auth_bytes);
    field("session_lifetime_ms", session_lifetime_ms, {.since = 1});
  }
};

}  // namespace moldau
