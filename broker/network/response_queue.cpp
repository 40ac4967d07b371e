#include "broker/network/response_queue.h"

namespace moldau {

ResponseQueue::Response& ResponseQueue::begin() {
  return *responses_.emplace_back(std::make_unique<Response>());
}

std::span<const asio::const_buffer> ResponseQueue::pending() {
  while (!responses_.empty() && responses_.front()->is_done) {
    for (Bytes piece : responses_.front()->message.pieces()) {
      if (!piece.empty()) pieces_.emplace_back(piece.data(), piece.size());
    }
    writing_.push_back(std::move(responses_.front()));
    responses_.pop_front();
  }
  if (next_piece_ == pieces_.size()) {
    writing_.clear();
    pieces_.clear();
    next_piece_ = 0;
  }
  return std::span(pieces_).subspan(next_piece_);
}

void ResponseQueue::wrote(size_t bytes) {
  while (bytes > 0 && bytes >= pieces_[next_piece_].size()) {
    bytes -= pieces_[next_piece_++].size();
  }
  if (bytes > 0) pieces_[next_piece_] += bytes;
}

}  // namespace moldau
