// A small blocking client of the Kafka protocol, for the command-line tools: one request at a time
// on each connection, the newest version that both sides know, of Moldau as of Apache Kafka.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/message.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

struct ServerAddress {
  std::string host;
  uint16_t port = 9092;
};
// "a:9092,[::1]:9093,c": 9092 where there is no port.
absl::StatusOr<std::vector<ServerAddress>> parse_servers(std::string_view text);

struct ApiVersionRange {
  int16_t key = 0;
  int16_t first = 0;
  int16_t last = 0;
};

// One socket. Errors: Unavailable (refused, closed), DeadlineExceeded, DataLoss (not the protocol).
class Connection {
 public:
  // Connects and asks for the API versions.
  static absl::StatusOr<std::unique_ptr<Connection>> open(const ServerAddress& address,
                                                          int timeout_ms);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Unimplemented: the broker does not serve the API, or no version that this code knows.
  absl::StatusOr<Version> version_for(const Api& api) const;
  const std::vector<ApiVersionRange>& api_versions() const { return api_versions_; }
  const ServerAddress& address() const { return address_; }

  int32_t next_correlation_id() { return ++correlation_id_; }
  absl::Status send(const EncodedMessage& frame, int timeout_ms);
  absl::StatusOr<std::string> receive(int timeout_ms);  // A frame without its size.

 private:
  Connection(int socket, ServerAddress address) : socket_(socket), address_(std::move(address)) {}
  absl::Status ask_for_versions(int timeout_ms);
  absl::Status wait_for(short events, int64_t deadline_ms);

  int socket_;
  ServerAddress address_;
  int32_t correlation_id_ = 0;
  std::vector<ApiVersionRange> api_versions_;
};

// A response, and the bytes that its Bytes fields point into.
template <class Response>
struct Reply {
  std::unique_ptr<std::string> frame;
  Response message;

  const Response* operator->() const { return &message; }
};

// One request and its answer, in a version no newer than `newest`.
template <class Response, class Request>
absl::StatusOr<Reply<Response>> exchange(Connection& connection, const Request& request,
                                         int timeout_ms, std::string client_id = "moldau-cli",
                                         Version newest = Request::kApi.last) {
  auto version = connection.version_for(Request::kApi);
  if (!version.ok()) return version.status();
  *version = std::min(*version, newest);
  const RequestHeader header{.api_key = Request::kApi.key,
                             .api_version = *version,
                             .correlation_id = connection.next_correlation_id(),
                             .client_id = std::move(client_id)};
  if (auto s = connection.send(encode_request_frame(request, header), timeout_ms); !s.ok())
    return s;
  auto bytes = connection.receive(timeout_ms);
  if (!bytes.ok()) return bytes.status();
  Reply<Response> reply{.frame = std::make_unique<std::string>(*std::move(bytes)), .message = {}};
  auto parsed = parse_response(as_bytes(*reply.frame), Request::kApi, *version);
  if (!parsed.ok()) return parsed.status();
  if (parsed->correlation_id != header.correlation_id)
    return absl::DataLossError("an answer to another request");
  if (auto s = decode(reply.message, parsed->body, *version); !s.ok()) return s;
  return reply;
}

// A request that gets no answer: Produce with acks=0.
template <class Request>
absl::Status post(Connection& connection, const Request& request, int timeout_ms,
                  std::string client_id = "moldau-cli") {
  auto version = connection.version_for(Request::kApi);
  if (!version.ok()) return version.status();
  const RequestHeader header{.api_key = Request::kApi.key,
                             .api_version = *version,
                             .correlation_id = connection.next_correlation_id(),
                             .client_id = std::move(client_id)};
  return connection.send(encode_request_frame(request, header), timeout_ms);
}

// The cluster behind some bootstrap servers: connections by node, opened when first used.
class Client {
 public:
  struct Options {
    std::vector<ServerAddress> servers;
    std::string client_id = "moldau-cli";
    int connect_timeout_ms = 10'000;  // For all attempts together.
    int request_timeout_ms = 30'000;
  };
  // Tries the servers in turn until one answers or the time is up.
  static absl::StatusOr<std::unique_ptr<Client>> connect(Options options);

  static constexpr int32_t kAnyNode = -1;
  static constexpr int32_t kController = -2;

  template <class Response, class Request>
  absl::StatusOr<Reply<Response>> call(const Request& request, int32_t node = kAnyNode,
                                       int timeout_ms = 0, Version newest = Request::kApi.last) {
    auto connection = connection_to(node);
    if (!connection.ok()) return connection.status();
    auto reply = exchange<Response>(**connection, request,
                                    timeout_ms > 0 ? timeout_ms : options_.request_timeout_ms,
                                    options_.client_id, newest);
    if (!reply.ok() && !absl::IsUnimplemented(reply.status())) forget(node);
    return reply;
  }

  // Also learns the brokers' addresses. nullptr: all topics.
  absl::StatusOr<MetadataResponse> metadata(const std::vector<std::string>* topics,
                                            bool may_create_topics = false);

  absl::StatusOr<Connection*> connection_to(int32_t node);
  void forget(int32_t node);  // Opens a new connection at the next call.
  const MetadataResponse& last_metadata() const { return metadata_; }

 private:
  explicit Client(Options options) : options_(std::move(options)) {}
  absl::StatusOr<std::unique_ptr<Connection>> connect_to_any();

  Options options_;
  MetadataResponse metadata_;
  std::map<int32_t, std::unique_ptr<Connection>> connections_;
};

// "UNKNOWN_TOPIC_OR_PARTITION" and the like as an error with the broker's own text where it gave
// one.
absl::Status to_status(int16_t error_code, const std::optional<std::string>& message = {});

}  // namespace moldau::cli
