// Limits of the network, by the names that Kafka's configuration gives them.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace moldau {

struct ListenerOptions {
  std::string name = "PLAINTEXT";
  std::string host;   // Empty: every address, IPv6 and IPv4.
  uint16_t port = 0;  // 0: any free one.
};

struct NetworkOptions {
  std::vector<ListenerOptions> listeners;

  int32_t max_request_bytes = 100 << 20;                  // socket.request.max.bytes
  int64_t max_queued_request_bytes = 256 << 20;           // queued.max.request.bytes, whole broker
  std::chrono::milliseconds max_idle{600'000};            // connections.max.idle.ms
  int max_connections = std::numeric_limits<int>::max();  // max.connections
  int max_connections_per_ip = std::numeric_limits<int>::max();  // max.connections.per.ip
  int send_buffer_bytes = -1;     // socket.send.buffer.bytes; -1 is the system's choice
  int receive_buffer_bytes = -1;  // socket.receive.buffer.bytes; -1 is the system's choice
  int listen_backlog = 512;       // socket.listen.backlog.size

  // Overlapping requests of one connection that wait together (produces that wait for the disk).
  int max_overlapping_requests = 64;
  // While request memory is short, a client that stops in the middle of a frame, or does not read
  // its answers, is disconnected after this long for the others' sake.
  std::chrono::milliseconds max_stall{30'000};
};

}  // namespace moldau
