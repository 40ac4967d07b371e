// Envelope (API key 58), version 0: a broker forwards a request of a client to the controller.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct EnvelopeRequest {
  static constexpr Api kApi{.key = 58, .name = "Envelope", .first = 0, .last = 0, .flexible = 0};

  Bytes request_data;
  std::optional<Bytes> request_principal;
  Bytes client_host_address;

  void describe(auto& field) {
    field("request_data", request_data);
    field("request_principal", request_principal);
    field("client_host_address", client_host_address);
  }
};

struct EnvelopeResponse {
  static constexpr Api kApi = EnvelopeRequest::kApi;

  std::optional<Bytes> response_data;
  int16_t error_code = 0;

  void describe(auto& field) {
    field("response_data", response_data);
    field("error_code", error_code);
  }
};

}  // namespace moldau
