// A name and an address that clients connect to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "broker/network/options.h"
#include "broker/runtime/shard.h"

#include "absl/status/status.h"

namespace moldau {

// One socket for each address that the host has; one for IPv6 and IPv4 together without a host.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // Where the next connection is to live.
  using ChooseShard = std::function<Shard&()>;
  using Accept = std::function<void(Shard&, asio::ip::tcp::socket)>;

  // Accepts on `shard`.
  Listener(Shard& shard, ListenerOptions options, int backlog);

  // The error says which address can not be had, and what to do about it. Not from a shard's
  // thread while a DNS server is slow: resolving waits.
  absl::Status open();
  // After open(): the port, chosen by the system if none was configured.
  uint16_t port() const { return options_.port; }
  const std::string& name() const { return options_.name; }

  // On the listener's shard.
  void start(ChooseShard choose, Accept accept);
  void close();

 private:
  using Acceptor = asio::ip::tcp::acceptor;

  absl::Status open_at(const asio::ip::tcp::endpoint& endpoint);
  static asio::awaitable<void> accept_from(std::shared_ptr<Listener> self, Acceptor& acceptor);

  Shard& shard_;
  ListenerOptions options_;
  const int backlog_;
  ChooseShard choose_;
  Accept accept_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  bool is_closed_ = false;
};

}  // namespace moldau
