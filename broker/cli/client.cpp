#include "broker/cli/client.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "broker/config/definitions.h"
#include "protocol/big_endian.h"
#include "protocol/messages/api_versions.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

constexpr size_t kLargestFrame = 512u << 20;

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string print(const ServerAddress& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(is_v6 ? "[" : "", address.host, is_v6 ? "]:" : ":", address.port);
}

absl::Status broken(const ServerAddress& address, std::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("Cannot reach ", print(address), ": ", std::string(why)));
}

// Waits for a socket that is being connected; 0 or an errno.
int finish_connecting(int socket, int timeout_ms) {
  pollfd poll_for{.fd = socket, .events = POLLOUT, .revents = 0};
  const int ready = ::poll(&poll_for, 1, timeout_ms);
  if (ready == 0) return ETIMEDOUT;
  if (ready < 0) return errno;
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

// A connected, non-blocking socket, or minus an errno.
int connect_socket(const addrinfo& address, int timeout_ms) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -errno;
  int error = 0;
  if (::connect(socket, address.ai_addr, address.ai_addrlen) != 0)
    error = errno == EINPROGRESS ? finish_connecting(socket, timeout_ms) : errno;
  if (error != 0) {
    ::close(socket);
    return -error;
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

absl::StatusOr<int> connect_to(const ServerAddress& address, int timeout_ms) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) return broken(address, ::gai_strerror(failure));
  int result = -EHOSTUNREACH;
  for (const addrinfo* one = found; one != nullptr && result < 0; one = one->ai_next)
    result = connect_socket(*one, timeout_ms);
  ::freeaddrinfo(found);
  if (result < 0) return broken(address, std::strerror(-result));
  return result;
}

}  // namespace

absl::StatusOr<std::vector<ServerAddress>> parse_servers(std::string_view text) {
  std::vector<ServerAddress> servers;
  for (const auto& part : split_list(text)) {
    const size_t colon = part.rfind(':');
    const bool has_port = colon != std::string::npos &&
                          (part[0] != '[' || (colon > 0 && part[colon - 1] == ']')) &&
                          (part[0] == '[' || part.find(':') == colon);
    ServerAddress server{.host = has_port ? part.substr(0, colon) : part};
    if (server.host.size() > 2 && server.host.front() == '[' && server.host.back() == ']')
      server.host = server.host.substr(1, server.host.size() - 2);
    int port = server.port;
    if (server.host.empty() || (has_port && (!absl::SimpleAtoi(part.substr(colon + 1), &port) ||
                                             port < 1 || port > 65535)))
      return absl::InvalidArgumentError(
          absl::StrCat("\"", part, "\" is not of the form host:port"));
    server.port = static_cast<uint16_t>(port);
    servers.push_back(std::move(server));
  }
  if (servers.empty()) return absl::InvalidArgumentError("no bootstrap server is named");
  return servers;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::open(const ServerAddress& address,
                                                             int timeout_ms) {
  auto socket = connect_to(address, timeout_ms);
  if (!socket.ok()) return socket.status();
  std::unique_ptr<Connection> connection(new Connection(*socket, address));
  if (auto s = connection->ask_for_versions(timeout_ms); !s.ok()) return s;
  return connection;
}

Connection::~Connection() { ::close(socket_); }

absl::Status Connection::wait_for(short events, int64_t deadline_ms) {
  while (true) {
    pollfd poll_for{.fd = socket_, .events = events, .revents = 0};
    const int64_t left = deadline_ms - now_ms();
    const int ready = left <= 0 ? 0 : ::poll(&poll_for, 1, static_cast<int>(left));
    if (ready > 0) return absl::OkStatus();
    if (ready == 0)
      return absl::DeadlineExceededError(absl::StrCat("No answer from ", print(address_)));
    if (errno != EINTR) return broken(address_, std::strerror(errno));
    return absl::CancelledError("interrupted");
  }
}

absl::Status Connection::send(const EncodedMessage& frame, int timeout_ms) {
  const int64_t deadline_ms = now_ms() + timeout_ms;
  for (Bytes piece : frame.pieces()) {
    while (!piece.empty()) {
      const ssize_t sent = ::send(socket_, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        piece = piece.subspan(static_cast<size_t>(sent));
      } else if (errno != EAGAIN && errno != EINTR) {
        return broken(address_, std::strerror(errno));
      } else if (auto s = wait_for(POLLOUT, deadline_ms); !s.ok()) {
        return s;
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Connection::receive(int timeout_ms) {
  const int64_t deadline_ms = now_ms() + timeout_ms;
  std::string bytes(4, '\0');
  size_t have = 0;
  bool has_size = false;
  while (have < bytes.size()) {
    const ssize_t got = ::recv(socket_, bytes.data() + have, bytes.size() - have, 0);
    if (got == 0) return broken(address_, "the connection was closed");
    if (got < 0 && errno != EAGAIN && errno != EINTR) return broken(address_, std::strerror(errno));
    if (got < 0) {
      if (auto s = wait_for(POLLIN, deadline_ms); !s.ok()) return s;
      continue;
    }
    have += static_cast<size_t>(got);
    if (has_size || have < bytes.size()) continue;
    const auto size = static_cast<size_t>(
        load_big_endian<uint32_t>(reinterpret_cast<const uint8_t*>(bytes.data())));
    if (size > kLargestFrame)
      return absl::DataLossError(
          absl::StrCat(print(address_), " does not answer in Kafka's protocol"));
    bytes.assign(size, '\0');
    have = 0;
    has_size = true;
  }
  return bytes;
}

absl::StatusOr<Version> Connection::version_for(const Api& api) const {
  const auto found = std::ranges::find(api_versions_, api.key, &ApiVersionRange::key);
  if (found == api_versions_.end())
    return absl::UnimplementedError(absl::StrCat(print(address_), " does not serve ", api.name));
  const Version version = std::min(api.last, found->last);
  if (version < std::max(api.first, found->first))
    return absl::UnimplementedError(
        absl::StrCat(print(address_), " serves no version of ", api.name, " that this tool knows"));
  return version;
}

// Version 3 first, which every broker since 2.4 reads; older ones answer it with
// UNSUPPORTED_VERSION in version 0 (KIP-511).
absl::Status Connection::ask_for_versions(int timeout_ms) {
  for (const Version version : {Version{3}, Version{0}}) {
    const Api& api = ApiVersionsRequest::kApi;
    const RequestHeader header{.api_key = api.key,
                               .api_version = version,
                               .correlation_id = next_correlation_id(),
                               .client_id = "moldau-cli"};
    const ApiVersionsRequest request{
        .client_software_name = "moldau-cli", .client_software_version = "0.1.0", .cluster_id = {}};
    if (auto s = send(encode_request_frame(request, header), timeout_ms); !s.ok()) return s;
    auto frame = receive(timeout_ms);
    if (!frame.ok()) return frame.status();
    auto parsed = parse_response(as_bytes(*frame), api, version);
    if (!parsed.ok()) return parsed.status();
    ApiVersionsResponse response;
    const bool is_refused =
        parsed->body.size() >= 2 &&
        load_big_endian<int16_t>(parsed->body.data()) == code(ErrorCode::kUnsupportedVersion);
    if (is_refused && version != 0) continue;
    if (auto s = decode(response, parsed->body, version); !s.ok()) return s;
    if (response.error_code != 0) return to_status(response.error_code);
    for (const auto& key : response.api_keys)
      api_versions_.push_back(
          {.key = key.api_key, .first = key.min_version, .last = key.max_version});
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Client>> Client::connect(Options options) {
  std::unique_ptr<Client> client(new Client(std::move(options)));
  auto connection = client->connect_to_any();
  if (!connection.ok()) return connection.status();
  client->connections_[kAnyNode] = *std::move(connection);
  return client;
}

absl::StatusOr<std::unique_ptr<Connection>> Client::connect_to_any() {
  const int64_t deadline_ms = now_ms() + options_.connect_timeout_ms;
  absl::Status last;
  do {
    for (const auto& server : options_.servers) {
      const auto left = static_cast<int>(std::max<int64_t>(deadline_ms - now_ms(), 1));
      auto connection = Connection::open(server, left);
      if (connection.ok()) return connection;
      last = connection.status();
      if (absl::IsDataLoss(last) || absl::IsCancelled(last)) return last;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } while (now_ms() < deadline_ms);
  return last;
}

absl::StatusOr<Connection*> Client::connection_to(int32_t node) {
  if (node == kController) {
    if (metadata_.brokers.empty()) {
      const std::vector<std::string> none;
      if (auto m = metadata(&none); !m.ok()) return m.status();
    }
    node = metadata_.controller_id;
  }
  if (const auto found = connections_.find(node); found != connections_.end())
    return found->second.get();
  absl::StatusOr<std::unique_ptr<Connection>> connection;
  const auto broker =
      std::ranges::find(metadata_.brokers, node, &MetadataResponse::Broker::node_id);
  if (broker == metadata_.brokers.end()) {
    connection = connect_to_any();
  } else {
    connection =
        Connection::open({.host = broker->host, .port = static_cast<uint16_t>(broker->port)},
                         options_.connect_timeout_ms);
  }
  if (!connection.ok()) return connection.status();
  return (connections_[node] = *std::move(connection)).get();
}

void Client::forget(int32_t node) {
  connections_.erase(node == kController ? metadata_.controller_id : node);
}

absl::StatusOr<MetadataResponse> Client::metadata(const std::vector<std::string>* topics,
                                                  bool may_create_topics) {
  MetadataRequest request{.topics = {}, .allow_auto_topic_creation = may_create_topics};
  if (topics != nullptr) {
    request.topics.emplace();
    for (const auto& name : *topics) request.topics->push_back({.name = name});
  }
  auto reply = call<MetadataResponse>(request);
  if (!reply.ok()) return reply.status();
  metadata_ = reply->message;
  return metadata_;
}

absl::Status to_status(int16_t error_code, const std::optional<std::string>& message) {
  if (error_code == 0) return absl::OkStatus();
  const auto error = static_cast<ErrorCode>(error_code);
  const std::string text = message && !message->empty() ? *message : default_message(error);
  if (error == ErrorCode::kTopicAlreadyExists) return absl::AlreadyExistsError(text);
  if (error == ErrorCode::kUnknownTopicOrPartition) return absl::NotFoundError(text);
  if (is_retriable(error)) return absl::UnavailableError(text);
  return absl::InvalidArgumentError(text);
}

}  // namespace moldau::cli
