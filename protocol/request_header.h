// What stands before the body of a request or a response.
//
//   frame           := size:int32 (request | response)         size counts what follows
//   request         := api_key:int16 api_version:int16 correlation_id:int32
//                      [client_id:nullable string              header v1 and v2, never compact]
//                      [tags                                   header v2] body
//   response        := correlation_id:int32 [tags              header v1] body
//
// A flexible version of an API has request header v2 and response header v1, others v1 and v0
// (KIP-482). ControlledShutdown v0 has request header v0, without client id. The response header of
// ApiVersions is always v0, so that a client can read it whatever version was served (KIP-511).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/message.h"

#include "absl/status/statusor.h"

namespace moldau {

struct RequestHeader {
  int16_t api_key = 0;
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
};

int request_header_version(const Api& api, Version version);
int response_header_version(const Api& api, Version version);

struct ParsedRequest {
  RequestHeader header;
  const Api* api = nullptr;  // nullptr if the key is unknown: then client_id is not read.
  Bytes body;                // Borrowed from the frame. The version may be one that nobody knows.
};

// `frame` is what follows the size. The error is InvalidArgument: nothing to answer to.
absl::StatusOr<ParsedRequest> parse_request(Bytes frame);

struct ParsedResponse {
  int32_t correlation_id = 0;
  Bytes body;  // Borrowed from the frame.
};
absl::StatusOr<ParsedResponse> parse_response(Bytes frame, const Api& api, Version version);

// Headers with four bytes before them, where finish_frame() puts the size.
std::string begin_request_frame(const Api& api, const RequestHeader& header);
std::string begin_response_frame(const Api& api, Version version, int32_t correlation_id);
void finish_frame(EncodedMessage& frame);

// A whole frame, size included. Large Bytes are borrowed from what `request` borrows them from.
template <class M>
EncodedMessage encode_request_frame(const M& request, const RequestHeader& header) {
  EncodedMessage frame(begin_request_frame(M::kApi, header));
  encode_to(frame, request, header.api_version);
  finish_frame(frame);
  return frame;
}
template <class M>
EncodedMessage encode_response_frame(const M& response, Version version, int32_t correlation_id) {
  EncodedMessage frame(begin_response_frame(M::kApi, version, correlation_id));
  encode_to(frame, response, version);
  finish_frame(frame);
  return frame;
}

}  // namespace moldau
