#include "broker/network/network.h"

#include <future>

#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAbortPatience = std::chrono::milliseconds(500);

std::string host_of(const tcp::socket& socket) {
  error_code error;
  auto address = socket.remote_endpoint(error).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

void set_options(tcp::socket& socket, const NetworkOptions& options) {
  // None of these can fail in a way that matters: the connection works without.
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  if (options.send_buffer_bytes > 0) {
    socket.set_option(asio::socket_base::send_buffer_size(options.send_buffer_bytes), ignored);
  }
  if (options.receive_buffer_bytes > 0) {
    socket.set_option(asio::socket_base::receive_buffer_size(options.receive_buffer_bytes),
                      ignored);
  }
}

NetworkOptions with_no_end_of_patience(NetworkOptions options) {
  // As in Kafka, a negative connections.max.idle.ms means for ever.
  if (options.max_idle.count() < 0) options.max_idle = std::chrono::hours(24 * 365 * 50);
  return options;
}

// Runs f on the shard and waits for it, from a thread that is no shard's.
template <class F>
void run_on(Shard& shard, F f) {
  std::promise<void> done;
  asio::post(shard.executor(), [&] {
    f();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

Network::Network(Shards& shards, DiskPool& disk_pool, Broker& broker, const ApiTable& apis,
                 NetworkOptions options)
    : shards_(shards),
      disk_pool_(disk_pool),
      broker_(broker),
      apis_(apis),
      options_(with_no_end_of_patience(std::move(options))),
      memory_(options_.max_queued_request_bytes) {
  for (int i = 0; i < shards_.size(); ++i) {
    of_shards_.push_back(std::unique_ptr<OfShard>(new OfShard{.shard = shards_[i]}));
  }
  for (const auto& listener : options_.listeners) {
    listeners_.push_back(std::make_shared<Listener>(shards_[0], listener, options_.listen_backlog));
  }
}

Network::~Network() = default;

absl::Status Network::open() {
  for (auto& listener : listeners_) {
    auto status = listener->open();
    if (!status.ok()) {
      listeners_.clear();
      return status;
    }
  }
  return absl::OkStatus();
}

std::vector<Network::Bound> Network::listeners() const {
  std::vector<Bound> bound;
  for (const auto& listener : listeners_) bound.push_back({listener->name(), listener->port()});
  return bound;
}

void Network::start() {
  for (const auto& listener : listeners_) {
    // The shard is chosen before the client is there: its socket belongs to the shard's context.
    auto choose = [this]() -> Shard& { return next_shard().shard; };
    auto accept_one = [this, name = listener->name()](Shard& shard, tcp::socket socket) {
      accept(name, *of_shards_[static_cast<size_t>(shard.index())], std::move(socket));
    };
    asio::post(shards_[0].executor(),
               [listener, choose, accept_one] { listener->start(choose, accept_one); });
  }
}

Network::OfShard& Network::next_shard() { return *of_shards_[next_shard_++ % of_shards_.size()]; }

void Network::accept(const std::string& listener, OfShard& home, tcp::socket socket) {
  std::string host = host_of(socket);
  if (!admit(host)) return;
  set_options(socket, options_);
  asio::co_spawn(home.shard.executor(), serve(home, std::move(socket), listener, host),
                 asio::detached);
}

asio::awaitable<void> Network::serve(OfShard& home, tcp::socket socket, std::string listener,
                                     std::string host) {
  NetworkState state{.broker = broker_,
                     .apis = apis_,
                     .options = options_,
                     .disk_pool = disk_pool_,
                     .memory = memory_,
                     .log_limit = log_limit_};
  auto connection = std::make_shared<Connection>(state, home.shard, std::move(socket), next_id_++,
                                                 std::move(listener));
  home.connections.insert(connection.get());
  if (is_stopping_) connection->drain();
  co_await connection->serve();
  home.connections.erase(connection.get());
  dismiss(host);
}

// --- Limits -------------------------------------------------------------------------------------

bool Network::admit(const std::string& host) {
  std::lock_guard lock(mutex_);
  auto& of_host = connections_of_host_[host];
  std::string why;
  if (connections_ >= options_.max_connections) {
    why = absl::StrCat("max.connections=", options_.max_connections, " is reached");
  } else if (of_host >= options_.max_connections_per_ip) {
    why = absl::StrCat("max.connections.per.ip=", options_.max_connections_per_ip, " is reached");
  }
  if (why.empty()) {
    ++of_host;
    ++connections_;
    return true;
  }
  if (of_host == 0) connections_of_host_.erase(host);
  if (auto left_out = log_limit_.allow(host, shards_[0].clock().now())) {
    spdlog::warn("refused a connection of {}: {}{}", host, why, left_out_note(*left_out));
  }
  return false;
}

void Network::dismiss(const std::string& host) {
  std::lock_guard lock(mutex_);
  auto of_host = connections_of_host_.find(host);
  if (--of_host->second == 0) connections_of_host_.erase(of_host);
  --connections_;
  dismissed_.notify_all();
}

// --- The end ------------------------------------------------------------------------------------

void Network::stop(std::chrono::milliseconds patience) {
  is_stopping_ = true;
  run_on(shards_[0], [this] {
    for (auto& listener : listeners_) listener->close();
  });
  for_each_connection([](Connection& connection) { connection.drain(); });
  if (!wait_for_none(patience)) {
    spdlog::warn("{} connections did not end within {} ms: closing them", connections_.load(),
                 patience.count());
    for_each_connection([](Connection& connection) { connection.abort(); });
    if (!wait_for_none(kAbortPatience)) {
      spdlog::warn("the requests of {} connections are still running", connections_.load());
    }
  }
  run_on(shards_[0], [this] { listeners_.clear(); });
}

template <class F>
void Network::for_each_connection(F f) {
  for (auto& of_shard : of_shards_) {
    run_on(of_shard->shard, [&] {
      for (Connection* connection : of_shard->connections) f(*connection);
    });
  }
}

bool Network::wait_for_none(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return dismissed_.wait_for(lock, patience, [this] { return connections_ == 0; });
}

}  // namespace moldau
