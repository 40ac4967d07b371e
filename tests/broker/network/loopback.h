// A server with handlers made for tests, and a client that sends it whatever it likes, over real
// sockets on loopback.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "broker/handlers/api_versions.h"
#include "broker/network/network.h"
#include "protocol/request_header.h"

namespace moldau {

class LoopbackServer {
 public:
  // The handlers of these tests do not use the broker that they are given.
  explicit LoopbackServer(std::vector<ServedApi> apis, NetworkOptions options = {}, int shards = 1)
      : apis_(with_api_versions(std::move(apis))), shards_(shards) {
    if (options.listeners.empty()) options.listeners = {{.host = "127.0.0.1"}};
    network_.emplace(shards_, disk_pool_, reinterpret_cast<Broker&>(no_broker_), apis_, options);
    auto status = network_->open();
    EXPECT_TRUE(status.ok()) << status;
    shards_.start();
    network_->start();
  }
  ~LoopbackServer() { stop(std::chrono::seconds(5)); }

  void stop(std::chrono::milliseconds patience) {
    if (!std::exchange(is_running_, false)) return;
    network_->stop(patience);
    shards_.stop();
  }
  uint16_t port() const { return network_->listeners()[0].port; }
  Network& network() { return *network_; }
  Shards& shards() { return shards_; }

 private:
  static ApiTable with_api_versions(std::vector<ServedApi> apis) {
    apis.push_back(serve_api_versions([](Broker&) {
      return ApiVersionsFacts{.cluster_id = "a-cluster",
                              .node_id = 1,
                              .supported_features = {{"from.zero", 0, 2}, {"from.one", 1, 3}},
                              .finalized_features = {{"from.one", 3, 3}},
                              .finalized_features_epoch = 17};
    }));
    return ApiTable(std::move(apis));
  }

  alignas(64) char no_broker_[64] = {};
  ApiTable apis_;
  DiskPool disk_pool_{1};
  Shards shards_;
  std::optional<Network> network_;
  bool is_running_ = true;
};

class LoopbackClient {
 public:
  explicit LoopbackClient(uint16_t port, const char* host = "127.0.0.1", int receive_buffer = 0) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* address = nullptr;
    EXPECT_EQ(getaddrinfo(host, std::to_string(port).c_str(), &hints, &address), 0);
    fd_ = socket(address->ai_family, SOCK_STREAM, 0);
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    is_connected_ = connect(fd_, address->ai_addr, address->ai_addrlen) == 0;
    freeaddrinfo(address);
  }
  ~LoopbackClient() { close(fd_); }
  LoopbackClient(const LoopbackClient&) = delete;
  LoopbackClient& operator=(const LoopbackClient&) = delete;

  bool is_connected() const { return is_connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // The server closed; the test looks at what it answered.
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  template <class Request>
  void send_request(const Request& request, Version version, int32_t correlation_id) {
    send(frame_of(request, version, correlation_id));
  }
  template <class Request>
  static std::string frame_of(const Request& request, Version version, int32_t correlation_id) {
    RequestHeader header{.api_key = Request::kApi.key,
                         .api_version = version,
                         .correlation_id = correlation_id,
                         .client_id = "loopback"};
    return encode_request_frame(request, header).flatten();
  }

  // What follows the size; nullopt if the server closed, or sent nothing for long.
  std::optional<std::string> receive_frame(
      std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    auto size = receive(4, patience);
    if (!size) return std::nullopt;
    uint32_t bytes = 0;
    for (unsigned char c : *size) bytes = bytes << 8 | c;
    return receive(bytes, patience);
  }
  // The correlation id of the next response; nullopt as above.
  std::optional<int32_t> receive_id(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    auto frame = receive_frame(patience);
    if (!frame) return std::nullopt;
    uint32_t id = 0;
    for (int i = 0; i < 4; ++i)
      id = id << 8 | static_cast<unsigned char>((*frame)[static_cast<size_t>(i)]);
    return static_cast<int32_t>(id);
  }
  template <class Response>
  std::optional<Response> receive_response(Version version) {
    auto frame = receive_frame();
    if (!frame) return std::nullopt;
    auto parsed = parse_response(as_bytes(*frame), Response::kApi, version);
    EXPECT_TRUE(parsed.ok());
    auto response = decode_as<Response>(parsed->body, version);
    EXPECT_TRUE(response.ok()) << response.status();
    return *std::move(response);
  }
  // Whether the server ends the connection, without another byte.
  bool is_closed_by_server() {
    char byte;
    return wait_readable(std::chrono::seconds(20)) && recv(fd_, &byte, 1, 0) <= 0;
  }
  bool has_something_to_read(std::chrono::milliseconds patience) { return wait_readable(patience); }

 private:
  bool wait_readable(std::chrono::milliseconds patience) {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&wait, 1, static_cast<int>(patience.count())) == 1;
  }
  std::optional<std::string> receive(size_t bytes, std::chrono::milliseconds patience) {
    std::string out;
    char part[65536];
    while (out.size() < bytes) {
      if (!wait_readable(patience)) return std::nullopt;
      ssize_t n = recv(fd_, part, std::min(sizeof part, bytes - out.size()), 0);
      if (n <= 0) return std::nullopt;
      out.append(part, static_cast<size_t>(n));
    }
    return out;
  }

  int fd_ = -1;
  bool is_connected_ = false;
};

// True as soon as `condition` is, false if it is not in good time.
template <class F>
bool eventually(F condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace moldau
