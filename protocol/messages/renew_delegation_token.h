// RenewDelegationToken (API key 39), versions 0 to 2: renews a delegation token.
//
//   v1: same fields on the wire
//   v2: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RenewDelegationTokenRequest {
  static constexpr Api kApi{
      .key = 39, .name = "RenewDelegationToken", .first = 0, .last = 2, .flexible = 2};

  Bytes hmac;
  int64_t renew_period_ms = 0;

  void describe(auto& field) {
    field("hmac", hmac);
    field("renew_period_ms", renew_period_ms);
  }
};

struct RenewDelegationTokenResponse {
  static constexpr Api kApi = RenewDelegationTokenRequest::kApi;

  int16_t error_code = 0;
  int64_t expiry_timestamp_ms = 0;
  int32_t throttle_time_ms = 0;

  void describe(auto& field) {
    field("error_code", error_code);
    field("expiry_timestamp_ms", expiry_timestamp_ms);
    field("throttle_time_ms", throttle_time_ms);
  }
};

}  // namespace moldau
