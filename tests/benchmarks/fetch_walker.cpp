#include "tests/benchmarks/fetch_walker.h"

#include <algorithm>

#include "protocol/big_endian.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

constexpr size_t kFrameSizeBytes = 4;
constexpr size_t kAbortedBytes = 16;

int16_t int16_at(Bytes bytes, size_t at) { return load_big_endian<int16_t>(bytes.data() + at); }
int32_t int32_at(Bytes bytes, size_t at) { return load_big_endian<int32_t>(bytes.data() + at); }
int64_t int64_at(Bytes bytes, size_t at) { return load_big_endian<int64_t>(bytes.data() + at); }

}  // namespace

FetchWalker::FetchWalker(Version version, const std::string& topic, Listener& listener,
                         size_t head_bytes)
    : version_(version),
      topic_(topic),
      listener_(listener),
      head_bytes_(std::max(head_bytes, version < 4 ? kLogOverhead : kBatchHeaderBytes)) {}

size_t FetchWalker::rest_limit() const { return std::max(head_bytes_, topic_.size() + 64); }

absl::StatusOr<size_t> FetchWalker::take(Bytes bytes) {
  size_t used = 0;
  while (true) {
    const size_t skipped = std::min(skip_, bytes.size() - used);
    skip_ -= skipped;
    used += skipped;
    const size_t needed = bytes_needed();
    if (skip_ > 0 || bytes.size() - used < needed) return used;
    if (step_ != Step::kFrame && needed > frame_left_)
      return absl::DataLossError("an answer ends too early");
    if (step_ != Step::kFrame) frame_left_ -= needed;
    if (auto s = take_step(bytes.subspan(used, needed)); !s.ok()) return s;
    used += needed;
    if (skip_ > frame_left_) return absl::DataLossError("a length in an answer is past its end");
    frame_left_ -= skip_;
  }
}

size_t FetchWalker::bytes_needed() const {
  switch (step_) {
    case Step::kFrame:
      return kFrameSizeBytes + 4 + (version_ >= 1 ? 4 : 0) + (version_ >= 7 ? 6 : 0) + 4;
    case Step::kTopic:
      return 2 + topic_.size() + 4;
    case Step::kPartition:
      return 14 + (version_ >= 4 ? 12 : 0) + (version_ >= 5 ? 8 : 0);
    case Step::kRecords:
      return (version_ >= 11 ? 4 : 0) + 4;
    case Step::kEntry:
      return head_bytes_;
    case Step::kEnd:
      break;
  }
  return 0;
}

absl::Status FetchWalker::take_step(Bytes bytes) {
  switch (step_) {
    case Step::kFrame:
      return begin_frame(bytes);
    case Step::kTopic:
      return begin_topic(bytes);
    case Step::kPartition:
      return begin_partition(bytes);
    case Step::kRecords:
      return begin_records(bytes);
    case Step::kEntry:
      return take_entry(bytes);
    case Step::kEnd:
      break;
  }
  if (frame_left_ != 0) return absl::DataLossError("an answer has bytes left over");
  step_ = Step::kFrame;
  listener_.on_end_of_answer();
  return absl::OkStatus();
}

absl::Status FetchWalker::begin_frame(Bytes bytes) {
  const int32_t size = int32_at(bytes, 0);
  const size_t taken = bytes.size() - kFrameSizeBytes;
  if (size < 0 || static_cast<size_t>(size) < taken)
    return absl::DataLossError("an answer of an impossible size");
  frame_left_ = static_cast<size_t>(size) - taken;
  if (version_ >= 7 && int16_at(bytes, 12) != 0) return error(int16_at(bytes, 12));
  topics_left_ = int32_at(bytes, bytes.size() - 4);
  step_ = topics_left_ > 0 ? Step::kTopic : Step::kEnd;
  return absl::OkStatus();
}

absl::Status FetchWalker::begin_topic(Bytes bytes) {
  const auto length = static_cast<size_t>(int16_at(bytes, 0));
  if (length != topic_.size() || as_text(bytes.subspan(2, length)) != topic_)
    return absl::DataLossError("an answer about another topic");
  --topics_left_;
  partitions_left_ = int32_at(bytes, bytes.size() - 4);
  after_records();
  return absl::OkStatus();
}

absl::Status FetchWalker::begin_partition(Bytes bytes) {
  --partitions_left_;
  partition_ = int32_at(bytes, 0);
  if (int16_at(bytes, 4) != 0) return error(int16_at(bytes, 4));
  const int32_t aborted = version_ >= 4 ? int32_at(bytes, bytes.size() - 4) : 0;
  skip_ = static_cast<size_t>(std::max(aborted, 0)) * kAbortedBytes;
  step_ = Step::kRecords;
  return absl::OkStatus();
}

absl::Status FetchWalker::begin_records(Bytes bytes) {
  records_left_ = static_cast<size_t>(std::max(int32_at(bytes, bytes.size() - 4), 0));
  if (records_left_ > frame_left_) return absl::DataLossError("records past the end of an answer");
  after_records();
  return absl::OkStatus();
}

// The last entry may have been cut by the broker: then it is passed over.
void FetchWalker::after_records() {
  if (records_left_ >= head_bytes_ && records_left_ > 0) {
    step_ = Step::kEntry;
    return;
  }
  skip_ = records_left_;
  records_left_ = 0;
  step_ = partitions_left_ > 0 ? Step::kPartition : topics_left_ > 0 ? Step::kTopic : Step::kEnd;
}

absl::Status FetchWalker::take_entry(Bytes bytes) {
  const int64_t offset = int64_at(bytes, 0);
  const size_t size = kLogOverhead + static_cast<uint32_t>(int32_at(bytes, 8));
  if (size < bytes.size()) return absl::DataLossError("a batch is smaller than its header");
  if (size <= records_left_) {
    const bool is_batch = version_ >= 4;
    const int32_t last_delta = is_batch ? int32_at(bytes, 23) : 0;
    listener_.on_entry(partition_, offset + last_delta + 1, is_batch ? int32_at(bytes, 57) : 1,
                       size, bytes);
  }
  skip_ = std::min(size, records_left_) - bytes.size();
  records_left_ -= bytes.size() + skip_;
  if (records_left_ < head_bytes_) {
    const size_t entry_rest = skip_;
    after_records();
    skip_ += entry_rest;
  }
  return absl::OkStatus();
}

absl::Status FetchWalker::error(int16_t code) const {
  return absl::FailedPreconditionError(
      absl::StrCat("partition ", partition_, ": ", name(static_cast<ErrorCode>(code))));
}

}  // namespace moldau::bench
