// SaslHandshake (API key 17), versions 0 to 1: chooses the SASL mechanism.
//
//   v1: tokens follow in SaslAuthenticate instead of bare frames (KIP-152)
#pragma once

#include "protocol/message.h"

namespace moldau {

struct SaslHandshakeRequest {
  static constexpr Api kApi{
      .key = 17, .name = "SaslHandshake", .first = 0, .last = 1, .flexible = kNeverFlexible};

  std::string mechanism;

  void describe(auto& field) { field("mechanism", mechanism); }
};

struct SaslHandshakeResponse {
  static constexpr Api kApi = SaslHandshakeRequest::kApi;

  int16_t error_code = 0;
  std::vector<std::string> mechanisms;

  void describe(auto& field) {
    field("error_code", error_code);
    field("mechanisms", mechanisms);
  }
};

}  // namespace moldau
