// One client's connection: reads what is there, serves all whole frames in it, gathers the answers
// and writes once.
//
// Order: a request starts when all before it on the connection were answered, except that requests
// that may overlap (ServedApi::overlaps) start one behind the other and wait together. Answers
// leave in the order of the requests. While the client does not read its answers, nothing more is
// served.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "broker/network/api_table.h"
#include "broker/network/frame_reader.h"
#include "broker/network/memory_pool.h"
#include "broker/network/options.h"
#include "broker/network/request.h"
#include "broker/network/response_queue.h"
#include "broker/runtime/disk_pool.h"
#include "broker/runtime/log_limit.h"

namespace moldau {

// What all connections of a broker share.
struct NetworkState {
  Broker& broker;
  const ApiTable& apis;
  const NetworkOptions& options;
  DiskPool& disk_pool;
  MemoryPool& memory;
  LogLimit& log_limit;  // By address of the peer.
};

// Touched only on its shard, from construction on.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(NetworkState network, Shard& shard, asio::ip::tcp::socket socket, uint64_t id,
             std::string listener_name);
  ~Connection();

  // Until the end of the connection. Does not throw.
  asio::awaitable<void> serve();

  // Begins no more requests, answers those begun, then closes.
  void drain();
  // Closes now. serve() ends when the handlers that run have returned.
  void abort();

  const ConnectionInfo& info() const { return info_; }

 private:
  using Response = ResponseQueue::Response;
  struct Request;
  class Overdraft;

  asio::awaitable<void> serve_until_closed();
  asio::awaitable<void> serve_whole_frames();
  asio::awaitable<void> start(FrameReader::Frame frame);
  asio::awaitable<void> run(std::unique_ptr<Request> request);
  void finish(Request& request, absl::StatusOr<EncodedMessage> answer);
  void put(Response& response, EncodedMessage message);

  asio::awaitable<bool> fill();
  asio::awaitable<bool> readable();
  asio::awaitable<bool> make_space();
  std::optional<MemoryLease> try_take_memory(size_t bytes);

  void schedule_flush();
  void flush();
  void flush_when_writable();
  size_t send_file(const StoredBytes& stored, size_t size, boost::system::error_code& error);
  void flush_when_read();
  void fail_reading(const absl::Status& status);
  asio::awaitable<void> until_unfinished_at_most(int requests);
  asio::awaitable<void> say_goodbye();

  void check_idle_at(Clock::Time at);
  void check_idle();
  // Ends the connection, with a line in the log on why.
  void refuse(const std::string& why);

  const NetworkState network_;
  Shard& shard_;
  asio::ip::tcp::socket socket_;
  ConnectionInfo info_;

  FrameReader reader_;
  bool may_have_more_ = false;  // The last read took all the space that it was given.
  Clock::Time received_;        // When the last bytes came.
  Clock::Time last_active_;     // The same, or when the last were written.
  std::shared_ptr<SharedEvent> memory_returned_;
  std::unique_ptr<Overdraft> overdraft_;

  ResponseQueue responses_;
  int unfinished_ = 0;            // Requests begun and not answered.
  size_t unflushed_bytes_ = 0;    // Of answers.
  bool flush_scheduled_ = false;  // In a turn of its own, so that many answers are one write.
  bool is_blocked_ = false;       // The client has to read before more is written.
  bool is_draining_ = false;      // No more requests.
  bool is_broken_ = false;        // Nothing can be read or written any more.
  Event progress_;                // An answer is done, or written.
  std::optional<Clock::Timer> idle_timer_;
};

}  // namespace moldau
