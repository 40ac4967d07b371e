// Walks the entries of a segment file: record batches of format 2, and the messages of formats 0
// and 1 that logs of older Kafkas hold. All begin with an offset (int64) and a size (int32).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/log_entry.h"
#include "protocol/record_batch.h"
#include "storage/disk.h"

#include "absl/status/statusor.h"

namespace moldau {

struct LogEntry : EntryHeader {
  uint64_t position = 0;
  BatchHeader batch;  // Format 2 only.
  Bytes bytes;        // The whole entry if asked for; valid until the next call.

  int32_t leader_epoch() const { return magic == 2 ? batch.partition_leader_epoch : -1; }
};

class EntryScanner {
 public:
  enum class Detail { kHeaders, kWholeEntries };

  EntryScanner(std::shared_ptr<File> file, uint64_t position, uint64_t end_position, Detail detail);

  struct Step {
    enum class Kind { kEntry, kEnd, kBad } kind = Kind::kEnd;
    LogEntry entry;
    std::string reason;  // kBad: what is wrong at position().
  };
  // An error only when the file can not be read; what it says is never one.
  absl::StatusOr<Step> next();
  // Where the next entry starts: after the last good one.
  uint64_t position() const { return position_; }

 private:
  absl::StatusOr<Bytes> window(uint64_t position, size_t wanted);
  Step bad(std::string reason) const { return {Step::Kind::kBad, {}, std::move(reason)}; }

  std::shared_ptr<File> file_;
  uint64_t position_;
  const uint64_t end_;
  const Detail detail_;
  std::vector<uint8_t> buffer_;
  uint64_t buffer_position_ = 0;
  size_t buffered_ = 0;
};

}  // namespace moldau
