// Which APIs a broker serves: what ApiVersions tells, and what dispatch calls.
#pragma once

#include <functional>
#include <span>
#include <type_traits>
#include <vector>

#include "broker/network/request.h"
#include "protocol/message.h"

#include "absl/status/statusor.h"

namespace moldau {

struct ServedApi {
  // Decodes the body, calls the handler, encodes the whole answer. An error is that of decoding,
  // and ends the connection.
  using Serve =
      std::function<asio::awaitable<absl::StatusOr<EncodedMessage>>(RequestContext&, Bytes)>;

  Api api;
  Serve serve;
  // Consecutive requests of one connection that all may overlap are started in order and wait
  // together; any other request waits for those before it.
  bool overlaps = false;
  bool hidden = false;  // Served, and not told by ApiVersions.
};

template <class Request>
struct ApiOptions {
  Version last = Request::kApi.last;  // Where a handler does not know the newest versions yet.
  bool overlaps = false;
};

// The line of one API. `handle(RequestContext&, Request&)` is a coroutine that returns the
// response.
template <class Request, class Handler>
ServedApi api(Handler handle, ApiOptions<Request> options = {}) {
  ServedApi served{.api = Request::kApi, .serve = {}, .overlaps = options.overlaps};
  served.api.last = options.last;
  served.serve = [handle](RequestContext& context,
                          Bytes body) -> asio::awaitable<absl::StatusOr<EncodedMessage>> {
    Request request;
    absl::Status status = decode(request, body, context.header.api_version);
    // What follows a request is ignored, as by Kafka: librdkafka writes three bytes too many after
    // a Metadata request for all topics.
    if (!status.ok() && !absl::IsOutOfRange(status)) co_return status;
    auto response = co_await handle(context, request);
    if (context.no_response) co_return EncodedMessage();
    co_return encode_response_frame(response, context.header.api_version,
                                    context.header.correlation_id);
  };
  return served;
}

class ApiTable {
 public:
  explicit ApiTable(std::vector<ServedApi> apis);

  const ServedApi* find(int16_t key) const;                 // nullptr: not served.
  std::span<const ServedApi> all() const { return apis_; }  // By rising key.

 private:
  std::vector<ServedApi> apis_;
};

}  // namespace moldau
