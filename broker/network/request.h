// What a handler knows of the request that it serves, beside the request itself.
//
//   asio::awaitable<XResponse> handle_x(RequestContext& context, XRequest& request);
//
// Both arguments live until the response was encoded. Handlers run on the shard of the connection,
// may hop to others, and come back. A handler that may wait for long attaches the Event that it
// waits for to the connection's interrupt, and answers what it has when that is raised.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/runtime/shard.h"
#include "protocol/bytes.h"
#include "protocol/request_header.h"
#include "replication/event.h"

namespace moldau {

class ApiTable;
class Broker;

// Raised once, when the broker stops or the connection failed: what still waits should end.
class Interrupt {
 public:
  // Wakes `event` when the interrupt is raised (at once if it was) for as long as this lives.
  class Attachment {
   public:
    Attachment(Interrupt& interrupt, Event& event);
    ~Attachment();
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

   private:
    Interrupt& interrupt_;
    Event& event_;
  };

  bool is_raised() const { return is_raised_; }
  void raise();

 private:
  bool is_raised_ = false;
  std::vector<Event*> events_;
};

// A connection as handlers see it; they may write what the client says of itself.
struct ConnectionInfo {
  uint64_t id = 0;            // Unique in this process.
  std::string listener_name;  // As configured, e.g. "PLAINTEXT".
  std::string peer_host;      // Numeric address; IPv4 in its own form on a dual-stack socket.
  uint16_t peer_port = 0;
  std::string client_software_name = "unknown";     // From ApiVersions v3 (KIP-511).
  std::string client_software_version = "unknown";  // From ApiVersions v3 (KIP-511).
  Interrupt interrupt;

  std::string peer() const;  // "host:port", for log lines.
};

struct RequestContext {
  Broker& broker;
  const ApiTable& apis;
  Shard& shard;  // Of the connection.
  ConnectionInfo& connection;
  const RequestHeader& header;
  Clock::Time received;  // When the bytes of the request were read.
  MutableBytes frame;    // The whole request, header included; lives as long as the context,
  std::shared_ptr<const void> frame_owner;  // and longer, if this is kept.

  bool no_response = false;  // Set by the handler: nothing is sent (Produce with acks=0).
  bool close_after = false;  // Set by the handler: the connection ends behind this response.

  // Keeps alive what Bytes of the response point to, until it was written.
  void keep(std::shared_ptr<const void> owner) { kept.push_back(std::move(owner)); }
  // Bytes fields of the request lie in `frame`, which belongs to this request alone: they may be
  // rewritten in place.
  MutableBytes writable(Bytes field) const;

  std::vector<std::shared_ptr<const void>> kept;
};

}  // namespace moldau
