// What a partition knows of its producers (KIP-98): epochs and sequences, so that a retry is
// answered instead of appended and a gap is refused, and the transactions that are open.
//
// The state is a function of the log: apply() is the only thing that changes it, for a batch that
// was just written and for one that recovery reads again.
//
//   <offset>.snapshot: the state before `offset`
//     version int16 (1), crc uint32 (CRC-32C of what follows), count int32, then each
//     producer_id int64, epoch int16, last_sequence int32, last_offset int64, offset_delta int32,
//     timestamp int64, coordinator_epoch int32, current_txn_first_offset int64 (-1: none)
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "protocol/bytes.h"
#include "protocol/error_code.h"
#include "protocol/record_batch.h"
#include "storage/transaction_index.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// The record that ends a transaction: key (version int16, type int16: 0 abort, 1 commit), value
// (version int16, coordinator_epoch int32).
struct EndMarker {
  bool is_commit = false;
  int32_t coordinator_epoch = -1;
  int64_t timestamp_ms = kNoTimestamp;
};
// Nullopt if the control batch is another kind, or empty (its transaction is compacted away).
absl::StatusOr<std::optional<EndMarker>> read_end_marker(Bytes control_batch);

struct ProducerEntry {
  struct Batch {
    int32_t last_sequence = kNoSequence;
    int64_t last_offset = -1;
    int32_t offset_delta = 0;  // Of the last record to the first, in offsets and in sequences.
    int64_t timestamp_ms = kNoTimestamp;
    int64_t first_offset() const { return last_offset - offset_delta; }
    int32_t first_sequence() const;
  };
  static constexpr size_t kRemembered = 5;

  int16_t epoch = kNoProducerEpoch;
  int32_t coordinator_epoch = -1;
  int64_t last_timestamp_ms = kNoTimestamp;
  int64_t transaction_start = -1;
  uint8_t batch_count = 0;
  std::array<Batch, kRemembered> batches;  // The last of this epoch, oldest first.

  int32_t last_sequence() const {
    return batch_count == 0 ? kNoSequence : batches[batch_count - 1].last_sequence;
  }
  void remember(const Batch& batch);
};

class ProducerState {
 public:
  struct Verdict {
    ErrorCode error = ErrorCode::kNone;
    std::string message;
    std::optional<ProducerEntry::Batch> duplicate_of;
  };
  // Whether a client's batch may be appended: its epoch, its sequence, its transaction.
  Verdict check_client_batch(const BatchHeader& batch) const;
  // Whether a coordinator's batch may be: no sequences, but epochs.
  Verdict check_coordinator_batch(const BatchHeader& batch,
                                  const std::optional<EndMarker>& marker) const;

  // A batch with a producer id is in the log. Returns the transaction that it aborted, if it did,
  // for the transaction index.
  std::optional<AbortedTransaction> apply(const BatchHeader& batch,
                                          const std::optional<EndMarker>& marker);

  // Forgets producers that are silent since `expiration_ms` and have no open transaction.
  void expire(int64_t now_ms, int64_t expiration_ms);
  void clear();
  bool empty() const { return producers_.empty(); }

  // The first offset of the oldest open transaction.
  std::optional<int64_t> first_open_offset() const;
  // The same, but a transaction whose marker is not yet below `high_watermark` counts as open.
  std::optional<int64_t> first_unstable_offset(int64_t high_watermark);

  const absl::flat_hash_map<int64_t, ProducerEntry>& producers() const { return producers_; }

  std::string snapshot() const;
  // DataLoss: version, checksum, or length.
  static absl::StatusOr<ProducerState> from_snapshot(Bytes snapshot);

 private:
  std::optional<AbortedTransaction> end_transaction(const BatchHeader& batch,
                                                    const EndMarker& marker);

  absl::flat_hash_map<int64_t, ProducerEntry> producers_;
  std::map<int64_t, int64_t> open_;   // First offset to producer id.
  std::map<int64_t, int64_t> ended_;  // First offset to the marker's, which may not be replicated.
};

}  // namespace moldau
