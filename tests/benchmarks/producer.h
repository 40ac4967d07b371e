// One connection that produces: keeps requests in flight, or sends each when it is due.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/benchmarks/event_loop.h"
#include "tests/benchmarks/options.h"
#include "tests/benchmarks/produce_answer.h"
#include "tests/benchmarks/rate_schedule.h"
#include "tests/benchmarks/tally.h"

namespace moldau::bench {

// A request as it is written. With a stamp position it is one piece that may be rewritten.
struct ProduceFrame {
  std::vector<Bytes> pieces;
  MutableBytes batch;  // Empty when nothing is rewritten.
};

class Producer : public Handler {
 public:
  struct Setup {
    std::vector<ProduceFrame> frames;  // Sent in turn; when stamped, at least in_flight of them.
    std::optional<size_t> stamp_position;
    std::optional<RateSchedule> schedule;
    int place = 0;         // Among the connections of the schedule.
    int64_t requests = 0;  // To send at most.
  };
  Producer(Socket socket, const Options& options, const ProduceAnswerCheck& check,
           const Window& window, Setup setup, Tally& tally);

  const Socket& socket() const { return socket_; }
  absl::Status on_ready() override;
  // Sends what may be sent now.
  absl::Status pump();
  // When pump() has something to do: the next request is due, or the end has come. Window::kNever
  // when only an answer makes room for more.
  int64_t next_due_ns() const;
  // pump() has to be called again though nothing happens: with acks=0 nothing limits the sender.
  bool wants_turn() const { return wants_turn_; }
  int64_t sent() const { return sent_; }  // Requests.
  // Nothing more to send, and everything answered.
  bool is_done() const { return last_was_sent_ && outbox_.empty() && in_flight_.empty(); }

 private:
  bool send_what_is_due();
  bool has_room() const;
  void send(int64_t due_ns);
  void give_up_backlog(int64_t now);
  void finish_sending();
  absl::Status read_answers();
  absl::Status take_frames();
  void take_answer(Bytes frame);

  Socket socket_;
  const Options& options_;
  const ProduceAnswerCheck& check_;
  const Window& window_;
  Setup setup_;
  Tally& tally_;

  Outbox outbox_;
  int64_t sent_ = 0;
  size_t unflushed_ = 0;  // Requests since the outbox was empty.
  bool wants_turn_ = false;
  bool last_was_sent_ = false;
  std::string barrier_;            // With acks=0: a request that has an answer, sent last.
  std::deque<int64_t> in_flight_;  // When each was due, or sent.
  std::vector<uint8_t> input_;
  size_t input_bytes_ = 0;
};

}  // namespace moldau::bench
