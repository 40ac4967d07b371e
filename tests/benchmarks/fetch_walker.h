// Walks through Fetch answers (versions 0 to 11) as they arrive, in pieces of any size, and looks
// at nothing but the headers of batches; the rest is skipped. Memory is constant.
//
//   frame     := size:int32 correlation_id:int32 [throttle_time_ms:int32 v1]
//                [error_code:int16 session_id:int32 v7] topics:int32 topic*
//   topic     := name:string partitions:int32 partition*
//   partition := index:int32 error_code:int16 high_watermark:int64 [last_stable_offset:int64 v4]
//                [log_start_offset:int64 v5] [aborted:int32 (int64 int64)* v4]
//                [preferred_read_replica:int32 v11] size:int32 entry*
//   entry     := offset:int64 size:int32 ..., a record batch, or before v4 a message
#pragma once

#include <cstdint>
#include <string>

#include "protocol/bytes.h"
#include "protocol/error_code.h"
#include "protocol/message.h"
#include "protocol/record_batch.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::bench {

class FetchWalker {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // A whole batch or message. `head` is its first bytes, as many as were asked for.
    virtual void on_entry(int32_t partition, int64_t next_offset, int32_t records,
                          size_t size_bytes, Bytes head) = 0;
    virtual void on_end_of_answer() = 0;
  };

  // `head_bytes`: how much of each batch on_entry() gets, at least the header (of a message: offset
  // and size).
  FetchWalker(Version version, const std::string& topic, Listener& listener, size_t head_bytes = 0);

  // Takes what it can use of `bytes` and returns how much that was. The rest, less than
  // rest_limit() bytes, has to be given again with what follows. Errors: DataLoss, not an answer
  // to what was asked; FailedPrecondition, an error code in it.
  absl::StatusOr<size_t> take(Bytes bytes);
  size_t rest_limit() const;

 private:
  enum class Step { kFrame, kTopic, kPartition, kRecords, kEntry, kEnd };

  size_t bytes_needed() const;
  absl::Status take_step(Bytes bytes);
  absl::Status begin_frame(Bytes bytes);
  absl::Status begin_topic(Bytes bytes);
  absl::Status begin_partition(Bytes bytes);
  absl::Status begin_records(Bytes bytes);
  absl::Status take_entry(Bytes bytes);
  void after_records();
  absl::Status error(int16_t code) const;

  const Version version_;
  const std::string topic_;
  Listener& listener_;
  const size_t head_bytes_;

  Step step_ = Step::kFrame;
  size_t skip_ = 0;        // Bytes to pass over before the step.
  size_t frame_left_ = 0;  // Of the frame, after the step before.
  int32_t topics_left_ = 0;
  int32_t partitions_left_ = 0;
  int32_t partition_ = 0;
  size_t records_left_ = 0;
};

}  // namespace moldau::bench
