#include "tests/benchmarks/consumer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/big_endian.h"
#include "protocol/messages/fetch.h"
#include "protocol/request_header.h"
#include "tests/benchmarks/produce_frames.h"

namespace moldau::bench {
namespace {

std::string fetch_frame(const Options& options, const std::vector<int32_t>& partitions,
                        int64_t offset) {
  FetchRequest request{.max_wait_ms = options.max_wait_ms,
                       .min_bytes = options.min_bytes,
                       .max_bytes = options.max_bytes};
  auto& topic = request.topics.emplace_back();
  topic.topic = options.topic;
  for (const int32_t partition : partitions)
    topic.partitions.push_back({.partition = partition,
                                .fetch_offset = offset,
                                .partition_max_bytes = options.partition_max_bytes});
  const RequestHeader header{.api_key = FetchRequest::kApi.key,
                             .api_version = static_cast<int16_t>(options.fetch_version),
                             .correlation_id = kCorrelationId,
                             .client_id = "moldau-load"};
  return encode_request_frame(request, header).flatten();
}

}  // namespace

// Two requests that ask from 0 and from -1 differ in the bytes of the offsets alone.
FetchFrame::FetchFrame(const Options& options, const std::vector<int32_t>& partitions)
    : frame_(fetch_frame(options, partitions, 0)) {
  const std::string other = fetch_frame(options, partitions, -1);
  for (size_t i = 0; i < frame_.size(); ++i)
    if (frame_[i] != other[i]) {
      positions_.push_back(i);
      i += sizeof(int64_t) - 1;
    }
}

void FetchFrame::set_offset(size_t place, int64_t offset) {
  store_big_endian(reinterpret_cast<uint8_t*>(frame_.data()) + positions_[place], offset);
}

Consumer::Consumer(Socket socket, const Options& options, const Window& window, Setup setup,
                   MutableBytes input, std::atomic<int64_t>& in_all, Tally& tally)
    : socket_(std::move(socket)),
      window_(window),
      setup_(std::move(setup)),
      input_(input),
      in_all_(in_all),
      tally_(tally),
      request_(options, setup_.partitions),
      walker_(static_cast<Version>(options.fetch_version), options.topic, *this, setup_.head_bytes),
      place_of_(static_cast<size_t>(options.partitions), -1) {
  for (size_t i = 0; i < setup_.partitions.size(); ++i) {
    place_of_[static_cast<size_t>(setup_.partitions[i])] = static_cast<int32_t>(i);
    request_.set_offset(i, setup_.offsets[i]);
  }
}

absl::Status Consumer::start() { return fetch(); }

absl::Status Consumer::fetch() {
  answered_ = false;
  outbox_.push(request_.bytes());
  return outbox_.flush(socket_);
}

absl::Status Consumer::on_ready() {
  if (auto s = outbox_.flush(socket_); !s.ok()) return s;
  while (true) {
    std::memcpy(input_.data(), rest_.data(), rest_.size());
    const MutableBytes room = input_.subspan(rest_.size());
    auto got = receive(socket_, room);
    if (!got.ok()) return got.status();
    if (*got == 0) return absl::OkStatus();
    const Bytes there = input_.first(rest_.size() + *got);
    auto used = walker_.take(there);
    if (!used.ok()) return used.status();
    rest_ = as_text(there.subspan(*used));
    if (answered_)
      if (auto s = fetch(); !s.ok()) return s;
    if (*got < room.size()) return absl::OkStatus();
  }
}

void Consumer::on_entry(int32_t partition, int64_t next_offset, int32_t records, size_t size_bytes,
                        Bytes head) {
  const auto index = static_cast<size_t>(partition);
  if (index >= place_of_.size() || place_of_[index] < 0) return;
  // The first batch may begin before the offset that was asked for.
  request_.set_offset(static_cast<size_t>(place_of_[index]), next_offset);
  records_ += records;
  bytes_ += static_cast<int64_t>(size_bytes);
  if (setup_.on_batch) setup_.on_batch(head, now_ns());
}

void Consumer::on_end_of_answer() {
  answered_ = true;
  const int64_t now = now_ns();
  if (window_.counts(now) && records_ > 0) {
    ++tally_.requests;
    tally_.add(now, records_, bytes_);
  }
  in_all_ += records_;
  records_ = bytes_ = 0;
}

}  // namespace moldau::bench
