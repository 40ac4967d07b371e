// Which leader epoch began at which offset (KIP-101), kept in the file leader-epoch-checkpoint:
//
//   0\n <count>\n  then a line "<epoch> <start offset>" each
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau {

class LeaderEpochs {
 public:
  struct Entry {
    int32_t epoch = -1;
    int64_t start_offset = 0;
    bool operator==(const Entry&) const = default;
  };

  // DataLoss when it is not that form, or epochs or offsets do not ascend.
  static absl::StatusOr<LeaderEpochs> parse(std::string_view text);
  std::string text() const;

  // Notes that `epoch` begins at `start_offset`; entries that contradict it go. False if that is
  // known.
  bool assign(int32_t epoch, int64_t start_offset);
  bool truncate_from(int64_t end_offset);      // Drops epochs that begin at or after it.
  bool truncate_before(int64_t start_offset);  // The first epoch then begins there.

  bool empty() const { return entries_.empty(); }
  int32_t latest() const { return entries_.empty() ? -1 : entries_.back().epoch; }
  int32_t epoch_at(int64_t offset) const;  // -1 if unknown.

  // Where `epoch` ends, or the largest epoch below it that is known (-1, -1 if none is).
  struct End {
    int32_t epoch = -1;
    int64_t end_offset = -1;
  };
  End end_offset_for(int32_t epoch, int64_t log_end_offset) const;

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;  // Both columns ascend.
};

}  // namespace moldau
