// moldau_load sink: what the kernel gives at best. A server in a process of its own answers each
// request of 64 bytes with one sendfile of a chunk of a file that is in the page cache; the client
// reads it as the consumers of this program do.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tests/benchmarks/consumer_setup.h"
#include "tests/benchmarks/event_loop.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/run.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

constexpr size_t kRequestBytes = 64;
constexpr int64_t kLongestWaitNs = 20'000'000;

absl::Status failed(const std::string& what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Written once, without a name, and so gone with the process.
absl::StatusOr<Socket> make_file(const Options& options) {
  std::string path = options.folder + "/moldau_sink_XXXXXX";
  Socket file(::mkstemp(path.data()));
  if (file.fd() < 0) return failed(path);
  ::unlink(path.c_str());
  const std::string block(1 << 20, 'x');
  for (int64_t at = 0; at < options.size_bytes;) {
    const auto size = std::min<int64_t>(options.size_bytes - at, std::ssize(block));
    const ssize_t written = ::pwrite(file.fd(), block.data(), static_cast<size_t>(size), at);
    if (written <= 0) return failed("write");
    at += written;
  }
  return file;
}

// The server's side of a connection.
class Sender : public Handler {
 public:
  Sender(Socket socket, int file, const Options& options, int64_t position)
      : socket_(std::move(socket)), file_(file), options_(options), position_(position) {}
  const Socket& socket() const { return socket_; }

  absl::Status on_ready() override {
    if (left_ == 0) {
      uint8_t request[kRequestBytes];
      auto got = receive(socket_, request);
      if (!got.ok()) return got.status();
      asked_ += *got;
      if (asked_ < kRequestBytes) return absl::OkStatus();
      asked_ -= kRequestBytes;
      left_ = options_.chunk_bytes;
    }
    return send();
  }

 private:
  absl::Status send() {
    while (left_ > 0) {
      if (position_ >= options_.size_bytes) position_ = 0;
      const ssize_t sent = ::sendfile(socket_.fd(), file_, &position_, static_cast<size_t>(left_));
      if (sent < 0 && errno == EAGAIN) return absl::OkStatus();
      if (sent < 0) return failed("sendfile");
      left_ -= sent;
    }
    return absl::OkStatus();
  }

  Socket socket_;
  const int file_;
  const Options& options_;
  off_t position_;
  size_t asked_ = 0;
  int64_t left_ = 0;
};

absl::Status serve(const Socket& listener, const Socket& file, const Options& options) {
  EventLoop loop;
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < options.connections; ++i) {
    Socket socket(::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.fd() < 0) return failed("accept");
    const int on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    senders.push_back(std::make_unique<Sender>(std::move(socket), file.fd(), options,
                                               options.size_bytes / options.connections * i));
    if (auto s = loop.add(senders.back()->socket(), *senders.back()); !s.ok()) return s;
  }
  while (true)
    if (auto s = loop.run_once(now_ns() + kLongestWaitNs); !s.ok()) return s;
}

// The client's side.
class Receiver : public Handler {
 public:
  Receiver(Socket socket, const Options& options, const Window& window, MutableBytes input,
           Tally& tally)
      : socket_(std::move(socket)),
        options_(options),
        window_(window),
        input_(input),
        tally_(tally) {}
  const Socket& socket() const { return socket_; }

  absl::Status ask() {
    left_ = options_.chunk_bytes;
    outbox_.push(request_);
    return outbox_.flush(socket_);
  }
  absl::Status on_ready() override {
    while (true) {
      auto got = receive(socket_, input_);
      if (!got.ok()) return got.status();
      left_ -= static_cast<int64_t>(*got);
      if (left_ == 0) {
        count();
        if (auto s = ask(); !s.ok()) return s;
      }
      if (*got < input_.size()) return absl::OkStatus();
    }
  }

 private:
  void count() {
    const int64_t now = now_ns();
    if (!window_.counts(now)) return;
    ++tally_.requests;
    tally_.add(now, 0, options_.chunk_bytes);
  }

  Socket socket_;
  const Options& options_;
  const Window& window_;
  MutableBytes input_;
  Tally& tally_;
  Outbox outbox_;
  const uint8_t request_[kRequestBytes] = {};
  int64_t left_ = 0;
};

absl::StatusOr<Report> receive_all(const Options& options, int port) {
  std::vector<Socket> sockets;
  for (int i = 0; i < options.connections; ++i) {
    auto socket = connect_to("127.0.0.1", port);
    if (!socket.ok()) return socket.status();
    sockets.push_back(*std::move(socket));
  }
  const Window window = make_window(options);
  return measure(options, window, [&](int, Tally& tally) -> absl::Status {
    EventLoop loop;
    std::vector<uint8_t> input(kConsumerInputBytes);
    std::vector<std::unique_ptr<Receiver>> receivers;
    for (auto& socket : sockets) {
      receivers.push_back(
          std::make_unique<Receiver>(std::move(socket), options, window, input, tally));
      if (auto s = loop.add(receivers.back()->socket(), *receivers.back()); !s.ok()) return s;
      if (auto s = receivers.back()->ask(); !s.ok()) return s;
    }
    const bool once = window.end_ns == Window::kNever;
    while (once ? tally.bytes < options.size_bytes : now_ns() < window.end_ns)
      if (auto s = loop.run_once(now_ns() + kLongestWaitNs); !s.ok()) return s;
    return absl::OkStatus();
  });
}

absl::StatusOr<Socket> listen_on_loopback(int connections) {
  Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener.fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener.fd(), connections) != 0)
    return failed("listen");
  return listener;
}

int port_of(const Socket& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// Ends the server; what it has used in its life.
ServerUse end(pid_t server) {
  auto use = read_use(server);
  ::kill(server, SIGKILL);
  rusage total{};
  ::wait4(server, nullptr, 0, &total);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  ServerUse result = use.ok() ? *use : ServerUse{};
  result.cpu_s = seconds(total.ru_utime) + seconds(total.ru_stime);
  return result;
}

}  // namespace

absl::StatusOr<Report> run_sink(const Options& options) {
  const auto file = make_file(options);
  if (!file.ok()) return file.status();
  const auto listener = listen_on_loopback(options.connections);
  if (!listener.ok()) return listener.status();
  const pid_t server = ::fork();
  if (server < 0) return failed("fork");
  if (server == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::_Exit(serve(*listener, *file, options).ok() ? 0 : 1);
  }
  auto report = receive_all(options, port_of(*listener));
  const ServerUse use = end(server);
  if (report.ok()) report->server = use;
  return report;
}

}  // namespace moldau::bench
