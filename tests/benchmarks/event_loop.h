// One thread's sockets: edge-triggered epoll, so that nothing is registered twice and a wake-up
// costs one system call.
#pragma once

#include <cstdint>
#include <string>
#include <sys/uio.h>
#include <vector>

#include "protocol/bytes.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::bench {

// A file descriptor that closes itself.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int fd() const { return fd_; }

 private:
  int release();
  int fd_;
};

// Connected, without Nagle, non-blocking from then on.
absl::StatusOr<Socket> connect_to(const std::string& host, int port);

class Handler {
 public:
  virtual ~Handler() = default;
  // The socket may be read or written, or has failed: try both until they would block.
  virtual absl::Status on_ready() = 0;
};

class EventLoop {
 public:
  EventLoop();
  absl::Status add(const Socket& socket, Handler& handler);
  // Serves what is ready, or waits for it until `until_ns` (now_ns()).
  absl::Status run_once(int64_t until_ns);

 private:
  Socket epoll_;
};

// What is to be sent: borrowed pieces, written with as few calls as possible.
class Outbox {
 public:
  void push(Bytes piece) { pieces_.push_back({const_cast<uint8_t*>(piece.data()), piece.size()}); }
  // Writes as much as the socket takes; then empty() says whether that was all. Unavailable when
  // the connection is gone.
  absl::Status flush(const Socket& socket);
  bool empty() const { return first_ == pieces_.size(); }

 private:
  void drop(size_t bytes);

  std::vector<iovec> pieces_;
  size_t first_ = 0;
};

// Reads once. How many bytes, 0 when there is nothing now; Unavailable when the connection is gone.
absl::StatusOr<size_t> receive(const Socket& socket, MutableBytes into);

}  // namespace moldau::bench
