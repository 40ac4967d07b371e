// The responses of one connection, which leave in the order in which their requests came, however
// long each took.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "broker/network/memory_pool.h"
#include "protocol/message.h"

#include "absl/status/statusor.h"

namespace moldau {

class ResponseQueue {
 public:
  struct Response {
    bool is_done = false;
    EncodedMessage message;                           // Empty: nothing is sent.
    std::vector<std::shared_ptr<const void>> owners;  // Of what the message borrows.
    MemoryLease lease;
  };

  // The place of a request that begins now. It stays where it is until it is done and written.
  Response& begin();

  // What is to be written next, of the done responses at the head; empty if there is nothing, or if
  // the next are the bytes of a file, which are for sendfile (next_stored()). Other stored bytes
  // are read into `scratch`, as far as it reaches, and are good until it is used for something
  // else. Unavailable: what comes next is not in memory. Any other error: the response that was
  // begun can not be finished.
  absl::StatusOr<std::span<const asio::const_buffer>> next(MutableBytes scratch);
  // How much of it was written.
  void wrote(size_t bytes);

  // The bytes that come next if they are stored ones; nullptr if not.
  const StoredBytes* next_stored();
  // Takes the first of them from memory instead.
  void replace_stored(Buffer bytes, MemoryLease lease);

 private:
  struct Unwritten {
    std::unique_ptr<Response> response;
    size_t parts;  // Of parts_ that are its own.
  };

  void take_done();

  std::deque<std::unique_ptr<Response>> responses_;
  std::deque<Unwritten> writing_;
  std::deque<EncodedMessage::Part> parts_;  // Of writing_, the rest of one that was begun in front.
  std::vector<asio::const_buffer> buffers_;
  Buffer replacement_;  // In parts_ as long as that is not written.
  MemoryLease replacement_lease_;
};

}  // namespace moldau
