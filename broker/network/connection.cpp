#include "broker/network/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/sendfile.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <spdlog/spdlog.h>

#include "broker/handlers/api_versions.h"
#include "protocol/messages/api_versions.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kFlushBytes = 1 << 20;      // Answers gathered before they are written anyway.
constexpr size_t kGoodbyeBytes = 1 << 20;    // Read and dropped at the end, see say_goodbye().
constexpr size_t kReadAheadBytes = 1 << 20;  // Of a response that is on the disk only.

std::string printable(std::string_view text) {
  return absl::CHexEscape(std::string(text.substr(0, 100)));
}

absl::Status shorter_than_it_was() {
  return absl::DataLossError("a file is shorter than it was when the response was made");
}

std::string name_of(const RequestHeader& header, const Api* api) {
  std::string name = api != nullptr ? api->name : absl::StrCat("API key ", header.api_key);
  return absl::StrCat(name, " v", header.api_version);
}

}  // namespace

// The right to exceed the pool of request memory, for as long as this lives.
class Connection::Overdraft {
 public:
  explicit Overdraft(MemoryPool& pool) : pool_(pool) {}
  ~Overdraft() { pool_.end_overdraft(); }
  Overdraft(const Overdraft&) = delete;
  Overdraft& operator=(const Overdraft&) = delete;

 private:
  MemoryPool& pool_;
};

struct Connection::Request {
  Request(FrameReader::Frame bytes, ParsedRequest head, const ServedApi& served,
          const NetworkState& network, Shard& shard, ConnectionInfo& connection,
          Clock::Time received)
      : frame(std::move(bytes)),
        parsed(std::move(head)),
        api(served),
        context{.broker = network.broker,
                .apis = network.apis,
                .shard = shard,
                .connection = connection,
                .header = parsed.header,
                .received = received,
                .frame = frame.bytes,
                .frame_owner = frame.owner,
                .kept = {}} {}

  FrameReader::Frame frame;
  ParsedRequest parsed;
  const ServedApi& api;
  RequestContext context;
  Response* response = nullptr;

  std::string name() const { return name_of(parsed.header, &api.api); }
};

Connection::Connection(NetworkState network, Shard& shard, tcp::socket socket, uint64_t id,
                       std::string listener_name)
    : network_(network),
      shard_(shard),
      socket_(std::move(socket)),
      reader_(network.options.max_request_bytes),
      received_(shard.clock().now()),
      last_active_(received_),
      memory_returned_(std::make_shared<SharedEvent>(shard.executor(), shard.clock())),
      progress_(shard.clock()) {
  info_.id = id;
  info_.listener_name = std::move(listener_name);
  error_code error;
  auto peer = socket_.remote_endpoint(error);
  auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  info_.peer_host = address.to_string();
  info_.peer_port = peer.port();
}

Connection::~Connection() {
  if (idle_timer_) shard_.clock().take(*idle_timer_);
}

asio::awaitable<void> Connection::serve() {
  auto self = shared_from_this();
  spdlog::debug("{} connected to listener {}", info_.peer(), info_.listener_name);
  try {
    socket_.non_blocking(true);
    check_idle_at(last_active_ + network_.options.max_idle);
    co_await serve_until_closed();
    co_await say_goodbye();
  } catch (const std::exception& e) {
    refuse(absl::StrCat("serving it failed: ", e.what()));
  }
  abort();
  // Handlers refer to this connection.
  while (unfinished_ > 0) co_await progress_.wait();
  spdlog::debug("{} disconnected", info_.peer());
}

void Connection::drain() {
  if (is_draining_) return;
  is_draining_ = true;
  info_.interrupt.raise();
  memory_returned_->set();
  progress_.set();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_receive, ignored);  // Ends a wait for the next request.
}

void Connection::abort() {
  drain();
  if (is_broken_) return;
  is_broken_ = true;
  progress_.set();
  error_code ignored;
  socket_.close(ignored);
}

void Connection::refuse(const std::string& why) {
  if (auto left_out = network_.log_limit.allow(info_.peer_host, shard_.clock().now())) {
    spdlog::warn("closing the connection of {} on listener {}: {}{}", info_.peer(),
                 info_.listener_name, why, left_out_note(*left_out));
  }
  drain();
}

// --- Requests -----------------------------------------------------------------------------------

asio::awaitable<void> Connection::serve_until_closed() {
  for (;;) {
    co_await serve_whole_frames();
    if (is_draining_) co_return;
    flush();
    co_await until_unfinished_at_most(network_.options.max_overlapping_requests);
    auto got_more = co_await fill();
    if (!got_more) co_return;
  }
}

asio::awaitable<void> Connection::serve_whole_frames() {
  while (!is_draining_) {
    auto frame = reader_.next();
    if (!frame.ok()) {
      refuse(absl::StrCat("it sent ", frame.status().message()));
      co_return;
    }
    if (!*frame) co_return;
    overdraft_.reset();
    co_await start(std::move(**frame));
    if (unflushed_bytes_ >= kFlushBytes) flush();
  }
}

asio::awaitable<void> Connection::start(FrameReader::Frame frame) {
  auto parsed = parse_request(frame.bytes);
  if (!parsed.ok()) {
    refuse(absl::StrCat(parsed.status().message(), " (", frame.bytes.size(), " bytes)"));
    co_return;
  }
  const ServedApi* api = network_.apis.find(parsed->header.api_key);
  const Version version = parsed->header.api_version;
  if (api == nullptr) {
    refuse(absl::StrCat("it asks for ", name_of(parsed->header, parsed->api),
                        ", which this broker does not serve"));
    co_return;
  }
  const bool overlaps = api->overlaps && api->api.supports(version);
  int others = 0;
  if (overlaps) others = network_.options.max_overlapping_requests - 1;
  co_await until_unfinished_at_most(others);
  if (is_draining_) co_return;
  if (!api->api.supports(version)) {
    if (api->api.key != ApiVersionsRequest::kApi.key) {
      refuse(absl::StrCat("it asks for ", name_of(parsed->header, &api->api),
                          ", and this broker serves versions ", api->api.first, " to ",
                          api->api.last,
                          "; the client did not ask with ApiVersions, or does not "
                          "heed the answer"));
      co_return;
    }
    // A client that knows newer versions than we do finds its way from this (KIP-511).
    auto list = unsupported_api_versions(network_.apis);
    put(responses_.begin(), encode_response_frame(list, 0, parsed->header.correlation_id));
    co_return;
  }

  auto request = std::make_unique<Request>(std::move(frame), *std::move(parsed), *api, network_,
                                           shard_, info_, received_);
  request->response = &responses_.begin();
  ++unfinished_;
  if (!overlaps) {
    co_await run(std::move(request));
  } else {
    asio::co_spawn(shard_.executor(), run(std::move(request)),
                   [self = shared_from_this()](std::exception_ptr) {});
  }
}

asio::awaitable<void> Connection::run(std::unique_ptr<Request> request) {
  absl::StatusOr<EncodedMessage> answer = absl::UnknownError("");
  try {
    auto served = co_await request->api.serve(request->context, request->parsed.body);
    answer = std::move(served);
    if (!answer.ok()) {
      answer = absl::InvalidArgumentError(
          absl::StrCat("it sent a malformed ", request->name(), ": ", answer.status().message()));
    }
  } catch (const std::exception& e) {
    answer = absl::InternalError(absl::StrCat("serving ", request->name(), " failed: ", e.what()));
  }
  finish(*request, std::move(answer));
}

void Connection::finish(Request& request, absl::StatusOr<EncodedMessage> answer) {
  --unfinished_;
  progress_.set();
  if (!answer.ok()) {
    // Its place in the queue stays open: nothing that came behind it is answered.
    const auto& client = request.parsed.header.client_id;
    refuse(absl::StrCat(answer.status().message(), " (client id ",
                        client ? printable(*client) : "null", ")"));
    return;
  }
  request.response->owners = std::move(request.context.kept);
  request.response->owners.push_back(std::move(request.frame.owner));
  put(*request.response, *std::move(answer));
  if (request.context.close_after) drain();
}

void Connection::put(Response& response, EncodedMessage message) {
  response.lease = network_.memory.take(message.size_in_memory());
  unflushed_bytes_ += message.size();
  response.message = std::move(message);
  response.is_done = true;
  schedule_flush();
}

asio::awaitable<void> Connection::until_unfinished_at_most(int requests) {
  while ((unfinished_ > requests || is_blocked_) && !is_broken_) co_await progress_.wait();
}

// --- Reading ------------------------------------------------------------------------------------

asio::awaitable<bool> Connection::fill() {
  while (!is_draining_) {
    if (may_have_more_) {
      co_await asio::post(asio::use_awaitable);  // Other connections want their turn.
    } else {
      reader_.release_if_empty();
      auto is_readable = co_await readable();
      if (!is_readable || is_draining_) break;
    }
    auto has_space = co_await make_space();
    if (!has_space) break;
    error_code error;
    MutableBytes space = reader_.space();
    size_t bytes = socket_.read_some(asio::buffer(space.data(), space.size()), error);
    may_have_more_ = bytes == space.size();
    if (error == asio::error::would_block) continue;
    if (error) {
      spdlog::debug("{} is gone: {}{}", info_.peer(), error.message(),
                    reader_.is_inside_frame() ? ", in the middle of a frame" : "");
      break;
    }
    reader_.received(bytes);
    received_ = last_active_ = shard_.clock().now();
    co_return true;
  }
  co_return false;
}

asio::awaitable<bool> Connection::readable() {
  error_code error;
  if (reader_.is_inside_frame()) check_idle_at(received_ + network_.options.max_stall);
  co_await socket_.async_wait(tcp::socket::wait_read,
                              asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<bool> Connection::make_space() {
  for (bool is_announced = false;;) {
    const size_t needed = reader_.memory_needed();
    if (needed == 0) co_return true;
    if (is_draining_) co_return false;
    if (auto lease = try_take_memory(needed)) {
      reader_.add_memory(std::move(*lease));
    } else if (!is_announced) {
      network_.memory.notify(memory_returned_);
      is_announced = true;
    } else {
      if (auto left_out = network_.log_limit.allow("request memory", shard_.clock().now())) {
        spdlog::warn(
            "request memory is used up ({} of {} bytes): clients wait; raise "
            "queued.max.request.bytes if this lasts{}",
            network_.memory.used(), network_.memory.limit(), left_out_note(*left_out));
      }
      auto returned = co_await memory_returned_->wait_until(Clock::kNever);
      is_announced = !returned;
    }
  }
}

std::optional<MemoryLease> Connection::try_take_memory(size_t bytes) {
  auto lease = network_.memory.try_take(bytes);
  if (lease || !reader_.is_inside_frame()) return lease;
  if (!overdraft_ && network_.memory.try_begin_overdraft()) {
    overdraft_ = std::make_unique<Overdraft>(network_.memory);
  }
  if (!overdraft_) return std::nullopt;
  return network_.memory.take(bytes);
}

// --- Writing ------------------------------------------------------------------------------------

void Connection::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  asio::post(shard_.executor(), [self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush();
  });
}

void Connection::flush() {
  unflushed_bytes_ = 0;
  while (!is_blocked_ && !is_broken_) {
    size_t bytes = 0;
    error_code error;
    const StoredBytes* stored = responses_.next_stored();
    if (stored && stored->source->descriptor() >= 0) {
      const size_t size = std::min(stored->size, kReadAheadBytes);
      if (!stored->source->is_cached(stored->position, size)) return flush_when_read();
      bytes = send_file(*stored, size, error);
      if (bytes == 0 && (!error || error.value() == EIO))
        return fail_reading(error ? absl::DataLossError("sendfile: I/O error")
                                  : shorter_than_it_was());
    } else {
      const auto next = responses_.next(shard_.scratch());
      if (absl::IsUnavailable(next.status())) return flush_when_read();
      if (!next.ok()) return fail_reading(next.status());
      if (next->empty()) return;
      bytes = socket_.write_some(*next, error);
    }
    if (error == asio::error::would_block) return flush_when_writable();
    if (error) {
      spdlog::debug("{} is gone, with answers on the way: {}", info_.peer(), error.message());
      return abort();
    }
    responses_.wrote(bytes);
    last_active_ = shard_.clock().now();
  }
}

void Connection::flush_when_writable() {
  is_blocked_ = true;
  check_idle_at(last_active_ + network_.options.max_stall);
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code) {
    self->is_blocked_ = false;
    self->flush();  // Finds out whether there was an error.
    self->progress_.set();
  });
}

// From the page cache to the socket, which on loopback and without TLS copies nothing here.
size_t Connection::send_file(const StoredBytes& stored, size_t size, error_code& error) {
  auto position = static_cast<off_t>(stored.position);
  const ssize_t sent =
      ::sendfile(socket_.native_handle(), stored.source->descriptor(), &position, size);
  if (sent >= 0) return static_cast<size_t>(sent);
  error = error_code(errno, boost::system::system_category());
  return 0;
}

// Reads what comes next from the device; the connection does nothing else meanwhile.
void Connection::flush_when_read() {
  is_blocked_ = true;
  const auto read_some = [self = shared_from_this()]() -> asio::awaitable<void> {
    const StoredBytes next = *self->responses_.next_stored();
    Buffer bytes(std::min(next.size, kReadAheadBytes));
    MemoryLease lease = self->network_.memory.take(bytes.size());
    const auto read = [&next, &bytes] {
      return next.source->read_at(next.position, bytes.mutable_bytes());
    };
    const auto got = co_await self->network_.disk_pool.run(read);
    self->is_blocked_ = false;
    if (got.ok() && *got == bytes.size()) {
      self->responses_.replace_stored(std::move(bytes), std::move(lease));
      self->flush();
    } else {
      self->fail_reading(got.ok() ? shorter_than_it_was() : got.status());
    }
    self->progress_.set();
  };
  asio::co_spawn(shard_.executor(), read_some, asio::detached);
}

// The client knows how long the response would be, and there is no way to tell it of an error.
void Connection::fail_reading(const absl::Status& status) {
  spdlog::error("closing the connection of {} in the middle of a response: {}", info_.peer(),
                std::string(status.message()));
  abort();
}

asio::awaitable<void> Connection::say_goodbye() {
  drain();
  co_await until_unfinished_at_most(0);
  flush();
  co_await until_unfinished_at_most(0);
  if (is_broken_) co_return;
  // Closing a socket that holds unread bytes resets the connection, and the client may then lose
  // answers that it did not read yet.
  error_code error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  std::array<char, 4096> dropped;
  for (size_t bytes = 0; !error && bytes < kGoodbyeBytes;) {
    bytes += socket_.read_some(asio::buffer(dropped), error);
  }
}

// --- Idle and stalled clients -------------------------------------------------------------------

void Connection::check_idle_at(Clock::Time at) {
  if (idle_timer_ && idle_timer_->first <= at) return;
  if (idle_timer_) shard_.clock().take(*idle_timer_);
  idle_timer_ = shard_.clock().call_at(at, [this](bool) {
    idle_timer_.reset();
    check_idle();
  });
}

void Connection::check_idle() {
  if (is_broken_) return;
  const auto& options = network_.options;
  const auto now = shard_.clock().now();
  const auto quiet = now - last_active_;
  const bool waits_for_client = unfinished_ == 0 || is_blocked_;
  const bool holds_memory = is_blocked_ || reader_.is_inside_frame();
  if (waits_for_client && quiet >= options.max_idle) {
    spdlog::debug("{} was idle for {} ms (connections.max.idle.ms): closing", info_.peer(),
                  options.max_idle.count());
    return abort();
  }
  if (waits_for_client && holds_memory && quiet >= options.max_stall &&
      network_.memory.is_short()) {
    refuse(is_blocked_ ? "it does not read its answers, and request memory is short"
                       : "it stopped in the middle of a request, and request memory is short");
    return abort();
  }
  const auto next_idle =
      waits_for_client ? last_active_ + options.max_idle : now + options.max_idle;
  check_idle_at(holds_memory ? std::min(next_idle, now + options.max_stall) : next_idle);
}

}  // namespace moldau
