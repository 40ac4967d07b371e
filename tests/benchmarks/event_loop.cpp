#include "tests/benchmarks/event_loop.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "tests/benchmarks/tally.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

absl::Status failed(const std::string& what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}
int Socket::release() { return std::exchange(fd_, -1); }

absl::StatusOr<Socket> connect_to(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
      code != 0)
    return absl::UnavailableError(absl::StrCat(host, ": ", ::gai_strerror(code)));
  int error = EHOSTUNREACH;
  Socket connected;
  for (const addrinfo* one = found; one != nullptr && connected.fd() < 0; one = one->ai_next) {
    Socket socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.fd(), one->ai_addr, one->ai_addrlen) == 0) {
      connected = std::move(socket);
    } else {
      error = errno;
    }
  }
  ::freeaddrinfo(found);
  if (connected.fd() < 0) return failed(absl::StrCat(host, ":", port), error);
  const int on = 1;
  ::setsockopt(connected.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connected;
}

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // Else a wait ends up to 50 microseconds late.
}

absl::Status EventLoop::add(const Socket& socket, Handler& handler) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &handler}};
  if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, socket.fd(), &event) != 0)
    return failed("epoll_ctl", errno);
  return absl::OkStatus();
}

absl::Status EventLoop::run_once(int64_t until_ns) {
  const int64_t wait_ns = std::max<int64_t>(0, until_ns - now_ns());
  const timespec timeout{.tv_sec = wait_ns / 1'000'000'000, .tv_nsec = wait_ns % 1'000'000'000};
  epoll_event events[256];
  const int count = ::epoll_pwait2(epoll_.fd(), events, std::size(events), &timeout, nullptr);
  if (count < 0 && errno != EINTR) return failed("epoll_pwait2", errno);
  for (int i = 0; i < count; ++i)
    if (auto s = static_cast<Handler*>(events[i].data.ptr)->on_ready(); !s.ok()) return s;
  return absl::OkStatus();
}

absl::Status Outbox::flush(const Socket& socket) {
  while (!empty()) {
    msghdr message{};
    message.msg_iov = &pieces_[first_];
    message.msg_iovlen = std::min<size_t>(pieces_.size() - first_, IOV_MAX);
    const ssize_t sent = ::sendmsg(socket.fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) return absl::OkStatus();
    if (sent < 0 && errno != EINTR) return failed("send", errno);
    if (sent > 0) drop(static_cast<size_t>(sent));
  }
  pieces_.clear();
  first_ = 0;
  return absl::OkStatus();
}

void Outbox::drop(size_t bytes) {
  while (first_ < pieces_.size() && bytes >= pieces_[first_].iov_len)
    bytes -= pieces_[first_++].iov_len;
  if (bytes == 0) return;
  pieces_[first_].iov_base = static_cast<uint8_t*>(pieces_[first_].iov_base) + bytes;
  pieces_[first_].iov_len -= bytes;
}

absl::StatusOr<size_t> receive(const Socket& socket, MutableBytes into) {
  while (true) {
    const ssize_t got = ::recv(socket.fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) return absl::UnavailableError("the broker closed a connection");
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return failed("receive", errno);
  }
}

}  // namespace moldau::bench
