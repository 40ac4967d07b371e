#include "tests/benchmarks/producer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/big_endian.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"
#include "tests/benchmarks/produce_frames.h"

namespace moldau::bench {
namespace {

constexpr size_t kInputBytes = 16 << 10;
constexpr size_t kFrameSizeBytes = 4;
constexpr int kTurns = 64;  // After so many writes without answers other connections are served.

// Asks for no topics: answered once everything sent before it was read by the broker.
std::string barrier_frame() {
  MetadataRequest request;
  request.topics.emplace();
  const RequestHeader header{.api_key = MetadataRequest::kApi.key,
                             .api_version = 1,
                             .correlation_id = kCorrelationId,
                             .client_id = "moldau-load"};
  return encode_request_frame(request, header).flatten();
}

}  // namespace

Producer::Producer(Socket socket, const Options& options, const ProduceAnswerCheck& check,
                   const Window& window, Setup setup, Tally& tally)
    : socket_(std::move(socket)),
      options_(options),
      check_(check),
      window_(window),
      setup_(std::move(setup)),
      tally_(tally),
      input_(kInputBytes) {}

absl::Status Producer::on_ready() {
  if (auto s = read_answers(); !s.ok()) return s;
  return pump();
}

absl::Status Producer::pump() {
  for (int turn = 0; turn < kTurns; ++turn) {
    const bool has_more = send_what_is_due();
    if (auto s = outbox_.flush(socket_); !s.ok()) return s;
    wants_turn_ = has_more && options_.acks == 0 && outbox_.empty();
    if (outbox_.empty()) unflushed_ = 0;
    if (!wants_turn_) break;
  }
  return absl::OkStatus();
}

// False when there is nothing more to send for now, true when there is no room for it.
bool Producer::send_what_is_due() {
  while (!last_was_sent_) {
    const int64_t now = now_ns();
    const int64_t due = setup_.schedule ? setup_.schedule->due_ns(setup_.place, sent_) : now;
    if (sent_ >= setup_.requests || std::max(now, due) >= window_.end_ns) {
      if (setup_.schedule) give_up_backlog(now);
      finish_sending();
    } else if (due > now) {
      return false;
    } else if (!has_room()) {
      return true;
    } else {
      send(due);
    }
  }
  return false;
}

bool Producer::has_room() const {
  const size_t under_way = options_.acks == 0 ? unflushed_ : in_flight_.size();
  return under_way < static_cast<size_t>(options_.in_flight);
}

int64_t Producer::next_due_ns() const {
  if (!setup_.schedule || last_was_sent_ || !has_room()) return Window::kNever;
  return std::min(setup_.schedule->due_ns(setup_.place, sent_), window_.end_ns);
}

void Producer::send(int64_t due_ns) {
  ProduceFrame& frame = setup_.frames[static_cast<size_t>(sent_) % setup_.frames.size()];
  if (setup_.stamp_position) stamp(frame.batch, *setup_.stamp_position, due_ns);
  for (const Bytes piece : frame.pieces) outbox_.push(piece);
  ++sent_;
  ++unflushed_;
  if (options_.acks != 0) {
    in_flight_.push_back(due_ns);
  } else if (window_.counts(due_ns)) {
    ++tally_.requests;
    tally_.add(due_ns, options_.records_per_request(),
               options_.records_per_request() * options_.record_bytes);
  }
}

// What was due before the end but found no room: it has waited so long at least.
void Producer::give_up_backlog(int64_t now) {
  for (int64_t nth = sent_; nth < setup_.requests; ++nth) {
    const int64_t due = setup_.schedule->due_ns(setup_.place, nth);
    if (due >= window_.end_ns) return;
    if (due < window_.counted_from_ns) continue;
    ++tally_.unsent;
    tally_.latency_ns.record(static_cast<uint64_t>(now - due));
  }
}

void Producer::finish_sending() {
  last_was_sent_ = true;
  if (options_.acks != 0) return;
  barrier_ = barrier_frame();
  outbox_.push(as_bytes(barrier_));
  in_flight_.push_back(now_ns());
}

absl::Status Producer::read_answers() {
  while (true) {
    auto got = receive(socket_, MutableBytes(input_).subspan(input_bytes_));
    if (!got.ok()) return got.status();
    const bool was_full = input_bytes_ + *got == input_.size();
    input_bytes_ += *got;
    if (auto s = take_frames(); !s.ok()) return s;
    if (!was_full)
      return absl::OkStatus();  // The socket is empty; it says so when it no longer is.
  }
}

absl::Status Producer::take_frames() {
  size_t at = 0;
  while (input_bytes_ - at >= kFrameSizeBytes) {
    const auto size = static_cast<size_t>(load_big_endian<uint32_t>(&input_[at]));
    if (size > (64u << 20)) return absl::DataLossError("an answer of an impossible size");
    if (input_.size() < kFrameSizeBytes + size) input_.resize(kFrameSizeBytes + size + kInputBytes);
    if (input_bytes_ - at < kFrameSizeBytes + size) break;
    if (in_flight_.empty()) return absl::DataLossError("an answer that nothing asked for");
    take_answer(Bytes(&input_[at + kFrameSizeBytes], size));
    at += kFrameSizeBytes + size;
  }
  if (at == 0) return absl::OkStatus();
  input_bytes_ -= at;
  std::memmove(input_.data(), input_.data() + at, input_bytes_);
  return absl::OkStatus();
}

void Producer::take_answer(Bytes frame) {
  const int64_t now = now_ns();
  const int64_t since = in_flight_.front();
  in_flight_.pop_front();
  if (!barrier_.empty()) {
    tally_.last_ns = std::max(tally_.last_ns, now);
    return;
  }
  if (std::string wrong = check_.what_is_wrong(frame); !wrong.empty())
    return tally_.fail(1, std::move(wrong));
  // What was due in the window is part of the latency even if its answer comes after the end.
  if (since >= window_.counted_from_ns)
    tally_.latency_ns.record(static_cast<uint64_t>(std::max<int64_t>(0, now - since)));
  if (!window_.counts(now)) return;
  ++tally_.requests;
  tally_.add(now, options_.records_per_request(),
             options_.records_per_request() * options_.record_bytes);
}

}  // namespace moldau::bench
