// <base>.txnindex: transactions aborted by a marker in this segment. The file is there only when
// there are any.
//
//   entry: version int16 (0), producer_id int64, first_offset int64, last_offset int64 (of the
//          marker), last_stable_offset int64 (after the marker)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

struct AbortedTransaction {
  int64_t producer_id = 0;
  int64_t first_offset = 0;
  int64_t last_offset = 0;
  int64_t last_stable_offset = 0;

  bool operator==(const AbortedTransaction&) const = default;
};

constexpr size_t kAbortedTransactionBytes = 34;

std::string encode_aborted_transaction(const AbortedTransaction& aborted);
// DataLoss: not whole entries, an unknown version, or offsets that contradict each other.
absl::StatusOr<std::vector<AbortedTransaction>> decode_aborted_transactions(Bytes bytes);

// A missing file holds none.
absl::StatusOr<std::vector<AbortedTransaction>> read_transaction_index(Disk& disk,
                                                                       const std::string& path);
// Returns the file, to be synced some time.
absl::StatusOr<std::shared_ptr<File>> append_to_transaction_index(
    Disk& disk, const std::string& path, const AbortedTransaction& aborted);

}  // namespace moldau
