#include "storage/producer_state.h"

#include <algorithm>
#include <vector>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr int16_t kSnapshotVersion = 1;
constexpr size_t kSnapshotHeaderBytes = 10;
constexpr size_t kSnapshotEntryBytes = 46;
constexpr int16_t kAbortType = 0;
constexpr int16_t kCommitType = 1;

ProducerState::Verdict refuse(ErrorCode error, std::string message) {
  return {.error = error, .message = std::move(message), .duplicate_of = std::nullopt};
}

ProducerState::Verdict refuse_epoch(const BatchHeader& batch, int16_t current) {
  return refuse(ErrorCode::kInvalidProducerEpoch,
                absl::StrCat("Producer ", batch.producer_id, " has epoch ", batch.producer_epoch,
                             ", older than the last seen epoch ", current));
}

bool follows(int32_t last, int32_t next) {
  return last == INT32_MAX ? next == 0 : next == last + 1;
}

const ProducerEntry::Batch* find_same(const ProducerEntry& entry, const BatchHeader& batch) {
  if (entry.epoch != batch.producer_epoch) return nullptr;
  for (size_t i = 0; i < entry.batch_count; ++i) {
    const auto& known = entry.batches[i];
    if (known.first_sequence() == batch.base_sequence &&
        known.last_sequence == batch.last_sequence())
      return &known;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::optional<EndMarker>> read_end_marker(Bytes control_batch) {
  std::optional<EndMarker> marker;
  absl::Status contents;
  auto status = for_each_record(control_batch, [&](const Record& record) {
    if (!record.key || record.key->size() < 4) {
      contents = absl::DataLossError("a control record without a type");
      return false;
    }
    const int16_t type = load_big_endian<int16_t>(record.key->data() + 2);
    if (type != kAbortType && type != kCommitType) return false;
    if (!record.value || record.value->size() < 6) {
      contents = absl::DataLossError("a transaction marker without a coordinator epoch");
      return false;
    }
    marker = {.is_commit = type == kCommitType,
              .coordinator_epoch = load_big_endian<int32_t>(record.value->data() + 2),
              .timestamp_ms = record.timestamp};
    return false;
  });
  if (!status.ok()) return status;
  if (!contents.ok()) return contents;
  return marker;
}

int32_t ProducerEntry::Batch::first_sequence() const {
  const int64_t first = int64_t{last_sequence} - offset_delta;
  return static_cast<int32_t>(first >= 0 ? first : first + INT32_MAX + 1);
}

void ProducerEntry::remember(const Batch& batch) {
  if (batch_count == kRemembered)
    std::ranges::move(batches.begin() + 1, batches.end(), batches.begin());
  else
    ++batch_count;
  batches[batch_count - 1] = batch;
}

// An unknown producer may begin at any sequence: what it wrote before may have been deleted. One
// that is known must begin a new epoch at 0.
ProducerState::Verdict ProducerState::check_client_batch(const BatchHeader& batch) const {
  const auto it = producers_.find(batch.producer_id);
  if (it == producers_.end()) return {};
  const ProducerEntry& entry = it->second;
  if (const auto* same = find_same(entry, batch))
    return {.error = ErrorCode::kNone, .message = {}, .duplicate_of = *same};
  if (batch.producer_epoch < entry.epoch) return refuse_epoch(batch, entry.epoch);
  if (batch.producer_epoch != entry.epoch && batch.base_sequence != 0)
    return refuse(ErrorCode::kOutOfOrderSequenceNumber,
                  absl::StrCat("Producer ", batch.producer_id, " begins epoch ",
                               batch.producer_epoch, " with sequence ", batch.base_sequence,
                               " instead of 0 (current epoch: ", entry.epoch, ")"));
  if (batch.producer_epoch == entry.epoch && !follows(entry.last_sequence(), batch.base_sequence))
    return refuse(ErrorCode::kOutOfOrderSequenceNumber,
                  absl::StrCat("Producer ", batch.producer_id, " sent sequence ",
                               batch.base_sequence, " after ", entry.last_sequence()));
  if (entry.transaction_start >= 0 && !batch.is_transactional())
    return refuse(ErrorCode::kInvalidTxnState,
                  absl::StrCat("Producer ", batch.producer_id,
                               " sent a batch outside its transaction, which is open since offset ",
                               entry.transaction_start));
  return {};
}

ProducerState::Verdict ProducerState::check_coordinator_batch(
    const BatchHeader& batch, const std::optional<EndMarker>& marker) const {
  const auto it = producers_.find(batch.producer_id);
  if (it == producers_.end()) return {};
  const ProducerEntry& entry = it->second;
  if (batch.producer_epoch < entry.epoch) return refuse_epoch(batch, entry.epoch);
  if (marker && marker->coordinator_epoch < entry.coordinator_epoch)
    return refuse(
        ErrorCode::kTransactionCoordinatorFenced,
        absl::StrCat("A marker of coordinator epoch ", marker->coordinator_epoch, " for producer ",
                     batch.producer_id, ", which has seen epoch ", entry.coordinator_epoch));
  return {};
}

std::optional<AbortedTransaction> ProducerState::apply(const BatchHeader& batch,
                                                       const std::optional<EndMarker>& marker) {
  if (batch.is_control() && !marker) return std::nullopt;
  ProducerEntry& entry = producers_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.epoch = batch.producer_epoch;
    entry.batch_count = 0;
  }
  if (marker) return end_transaction(batch, *marker);
  entry.remember({.last_sequence = batch.last_sequence(),
                  .last_offset = batch.last_offset(),
                  .offset_delta = batch.last_offset_delta,
                  .timestamp_ms = batch.max_timestamp});
  entry.last_timestamp_ms = batch.max_timestamp;
  if (batch.is_transactional() && entry.transaction_start < 0) {
    entry.transaction_start = batch.base_offset;
    open_[batch.base_offset] = batch.producer_id;
  }
  return std::nullopt;
}

std::optional<AbortedTransaction> ProducerState::end_transaction(const BatchHeader& batch,
                                                                 const EndMarker& marker) {
  ProducerEntry& entry = producers_[batch.producer_id];
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp_ms = marker.timestamp_ms;
  const int64_t start = std::exchange(entry.transaction_start, -1);
  if (start < 0) return std::nullopt;
  open_.erase(start);
  ended_[start] = batch.base_offset;
  if (marker.is_commit) return std::nullopt;
  return AbortedTransaction{
      .producer_id = batch.producer_id,
      .first_offset = start,
      .last_offset = batch.base_offset,
      .last_stable_offset = open_.empty() ? batch.base_offset + 1 : open_.begin()->first};
}

void ProducerState::expire(int64_t now_ms, int64_t expiration_ms) {
  absl::erase_if(producers_, [&](const auto& item) {
    const ProducerEntry& entry = item.second;
    return entry.transaction_start < 0 && now_ms - entry.last_timestamp_ms >= expiration_ms;
  });
}

void ProducerState::clear() {
  producers_.clear();
  open_.clear();
  ended_.clear();
}

std::optional<int64_t> ProducerState::first_open_offset() const {
  return open_.empty() ? std::nullopt : std::optional(open_.begin()->first);
}

std::optional<int64_t> ProducerState::first_unstable_offset(int64_t high_watermark) {
  while (!ended_.empty() && ended_.begin()->second < high_watermark) ended_.erase(ended_.begin());
  auto first = first_open_offset();
  for (const auto& [start, marker] : ended_)
    if (marker >= high_watermark && (!first || start < *first)) first = start;
  return first;
}

std::string ProducerState::snapshot() const {
  std::vector<int64_t> ids;
  for (const auto& [id, entry] : producers_) ids.push_back(id);
  std::ranges::sort(ids);
  std::string entries;
  append_big_endian(entries, static_cast<int32_t>(ids.size()));
  for (const int64_t id : ids) {
    const ProducerEntry& entry = producers_.at(id);
    const auto last =
        entry.batch_count == 0 ? ProducerEntry::Batch{} : entry.batches[entry.batch_count - 1];
    append_big_endian(entries, id);
    append_big_endian(entries, entry.epoch);
    append_big_endian(entries, last.last_sequence);
    append_big_endian(entries, last.last_offset);
    append_big_endian(entries, last.offset_delta);
    append_big_endian(entries, entry.last_timestamp_ms);
    append_big_endian(entries, entry.coordinator_epoch);
    append_big_endian(entries, entry.transaction_start);
  }
  std::string out;
  append_big_endian(out, kSnapshotVersion);
  append_big_endian(out, crc32c(as_bytes(entries)));
  return out + entries;
}

absl::StatusOr<ProducerState> ProducerState::from_snapshot(Bytes bytes) {
  if (bytes.size() < kSnapshotHeaderBytes)
    return absl::DataLossError(absl::StrCat("a producer snapshot of ", bytes.size(), " bytes"));
  if (const auto version = load_big_endian<int16_t>(bytes.data()); version != kSnapshotVersion)
    return absl::DataLossError(absl::StrCat("a producer snapshot of version ", version));
  if (load_big_endian<uint32_t>(bytes.data() + 2) != crc32c(bytes.subspan(6)))
    return absl::DataLossError("the checksum of a producer snapshot does not match");
  const int32_t count = load_big_endian<int32_t>(bytes.data() + 6);
  bytes = bytes.subspan(kSnapshotHeaderBytes);
  if (count < 0 || bytes.size() != static_cast<size_t>(count) * kSnapshotEntryBytes)
    return absl::DataLossError("the length of a producer snapshot does not match its count");
  ProducerState state;
  for (; !bytes.empty(); bytes = bytes.subspan(kSnapshotEntryBytes)) {
    const uint8_t* p = bytes.data();
    ProducerEntry& entry = state.producers_[load_big_endian<int64_t>(p)];
    entry.epoch = load_big_endian<int16_t>(p + 8);
    entry.last_timestamp_ms = load_big_endian<int64_t>(p + 26);
    entry.coordinator_epoch = load_big_endian<int32_t>(p + 34);
    entry.transaction_start = load_big_endian<int64_t>(p + 38);
    const ProducerEntry::Batch last{.last_sequence = load_big_endian<int32_t>(p + 10),
                                    .last_offset = load_big_endian<int64_t>(p + 14),
                                    .offset_delta = load_big_endian<int32_t>(p + 22),
                                    .timestamp_ms = entry.last_timestamp_ms};
    if (last.last_offset >= 0) entry.remember(last);
    if (entry.transaction_start >= 0)
      state.open_[entry.transaction_start] = load_big_endian<int64_t>(p);
  }
  return state;
}

}  // namespace moldau
