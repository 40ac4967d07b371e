#include "broker/network/listener.h"

#include <set>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <spdlog/spdlog.h>

#include "replication/event.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// After a failed accept, mostly for want of file descriptors.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::string text_of(const tcp::endpoint& endpoint) {
  auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", address, "]:", endpoint.port())
                                    : absl::StrCat(address, ":", endpoint.port());
}

std::string advice(const error_code& error, uint16_t port) {
  if (error == asio::error::address_in_use) {
    return absl::StrCat("; another program has this port: `ss -ltnp sport = :", port,
                        "` tells which; stop it, or set another port in `listeners`");
  }
  if (error == asio::error::access_denied) {
    return "; ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); set another port in "
           "`listeners`";
  }
  if (error.value() == EADDRNOTAVAIL) {
    return "; this machine does not have that address: set one of its own in `listeners`, or leave "
           "the host out for all of them";
  }
  return "";
}

}  // namespace

Listener::Listener(Shard& shard, ListenerOptions options, int backlog)
    : shard_(shard), options_(std::move(options)), backlog_(backlog) {}

absl::Status Listener::open() {
  if (options_.host.empty()) {
    auto status = open_at({asio::ip::address_v6::any(), options_.port});
    // A machine without IPv6.
    if (absl::IsUnimplemented(status)) status = open_at({tcp::v4(), options_.port});
    return status;
  }
  error_code error;
  tcp::resolver resolver(shard_.context());
  auto resolved = resolver.resolve(options_.host, "", tcp::resolver::passive, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(
        "listener ", options_.name, ": the host \"", options_.host,
        "\" is not known: ", error.message(), "; set a name or an address of this machine"));
  }
  std::set<asio::ip::address> addresses;
  for (const auto& entry : resolved) addresses.insert(entry.endpoint().address());
  for (const auto& address : addresses) {
    auto status = open_at({address, options_.port});
    const bool can_do_without = addresses.size() > 1 && absl::IsUnimplemented(status);
    if (!status.ok() && !can_do_without) return status;
  }
  return absl::OkStatus();
}

absl::Status Listener::open_at(const tcp::endpoint& endpoint) {
  auto acceptor = std::make_unique<Acceptor>(shard_.context());
  error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (error) return absl::UnimplementedError(error.message());
  acceptor->set_option(Acceptor::reuse_address(true), error);
  if (endpoint.protocol() == tcp::v6()) {
    const bool only_v6 = !endpoint.address().is_unspecified() || options_.host == "::";
    acceptor->set_option(asio::ip::v6_only(only_v6), error);
  }
  acceptor->bind(endpoint, error);
  if (error.value() == EADDRNOTAVAIL && endpoint.address().is_v6() && options_.host != "::" &&
      (endpoint.address().is_unspecified() || endpoint.address().is_loopback())) {
    return absl::UnimplementedError(error.message());
  }
  if (!error) acceptor->listen(backlog_, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("listener ", options_.name, " can not listen on ",
                                               text_of(endpoint), ": ", error.message(),
                                               advice(error, endpoint.port())));
  }
  // Further addresses get the port that the first one was given.
  options_.port = acceptor->local_endpoint(error).port();
  spdlog::info("listener {} is on {}", options_.name, text_of(acceptor->local_endpoint(error)));
  acceptors_.push_back(std::move(acceptor));
  return absl::OkStatus();
}

void Listener::start(ChooseShard choose, Accept accept) {
  choose_ = std::move(choose);
  accept_ = std::move(accept);
  for (auto& acceptor : acceptors_) {
    asio::co_spawn(shard_.executor(), accept_from(shared_from_this(), *acceptor), asio::detached);
  }
}

asio::awaitable<void> Listener::accept_from(std::shared_ptr<Listener> self, Acceptor& acceptor) {
  Clock& clock = self->shard_.clock();
  while (!self->is_closed_) {
    Shard& shard = self->choose_();
    tcp::socket socket(shard.context());
    error_code error;
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (self->is_closed_) co_return;
    if (!error) {
      self->accept_(shard, std::move(socket));
      continue;
    }
    if (error == asio::error::connection_aborted) continue;
    spdlog::error("listener {} can not accept a connection: {}{}", self->options_.name,
                  error.message(),
                  error == asio::error::no_descriptors
                      ? "; raise the limit of open files (ulimit -n, LimitNOFILE)"
                      : "");
    co_await sleep_until(clock, clock.now() + kAcceptPause);
  }
}

void Listener::close() {
  is_closed_ = true;
  for (auto& acceptor : acceptors_) {
    error_code ignored;
    acceptor->close(ignored);
  }
}

}  // namespace moldau
