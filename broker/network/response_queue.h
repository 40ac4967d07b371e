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

  // The done responses at the head, to be written. What one call of wrote() leaves is there in the
  // next pending(), before anything newer. Empty if there is nothing to write.
  std::span<const asio::const_buffer> pending();
  void wrote(size_t bytes);

 private:
  std::deque<std::unique_ptr<Response>> responses_;
  std::vector<std::unique_ptr<Response>> writing_;
  std::vector<asio::const_buffer> pieces_;  // Of writing_.
  size_t next_piece_ = 0;
};

}  // namespace moldau
