// Log::append: what a batch must satisfy to enter the log, and how it enters.
#include <algorithm>
#include <cassert>
#include <utility>

#include "storage/log.h"
#include "storage/log_files.h"
#include "storage/log_loader.h"

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"

namespace moldau {

namespace {

// More than this of one log is not put off.
constexpr size_t kMostPutOffBytes = 8 << 20;

AppendResult refuse(ErrorCode error, std::string message) {
  AppendResult result;
  result.error = error;
  result.error_message = std::move(message);
  return result;
}

bool accepted(const AppendResult& result) { return result.error == ErrorCode::kNone; }

AppendResult check_client_header(const BatchHeader& batch) {
  if (batch.is_control())
    return refuse(ErrorCode::kInvalidRecord, "Clients may not write control records");
  if (batch.record_count <= 0) return refuse(ErrorCode::kInvalidRecord, "A batch without records");
  if (batch.has_producer_id() && batch.base_sequence < 0)
    return refuse(ErrorCode::kInvalidRecord,
                  absl::StrCat("Producer ", batch.producer_id, " sent the base sequence ",
                               batch.base_sequence));
  return {};
}

std::string timestamp_complaint(int64_t timestamp_ms, int64_t now_ms, const LogConfig& config) {
  if (timestamp_ms == kNoTimestamp) return "";
  const bool too_old =
      timestamp_ms < now_ms && now_ms - timestamp_ms > config.message_timestamp_before_max_ms;
  const bool too_new =
      timestamp_ms > now_ms && timestamp_ms - now_ms > config.message_timestamp_after_max_ms;
  if (!too_old && !too_new) return "";
  return absl::StrCat(
      "Timestamp ", timestamp_ms, " is out of range: it may be at most ",
      too_old ? config.message_timestamp_before_max_ms : config.message_timestamp_after_max_ms,
      too_old ? " ms before " : " ms after ", now_ms);
}

// A batch is opaque unless the topic asks for something that only its records can tell.
bool must_look_into(const BatchHeader& batch, const LogConfig& config, int64_t now_ms) {
  if (config.cleanup_compact) return true;
  if (config.message_timestamp_type == TimestampType::kLogAppendTime) return false;
  return config.message_timestamp_before_max_ms != INT64_MAX ||
         !timestamp_complaint(batch.max_timestamp, now_ms, config).empty();
}

AppendResult check_records(Bytes bytes, const LogConfig& config, int64_t now_ms) {
  const bool check_time = config.message_timestamp_type == TimestampType::kCreateTime;
  AppendResult result;
  int32_t index = 0;
  auto status = for_each_record(bytes, [&](const Record& record) {
    if (config.cleanup_compact && !record.key) {
      result.error = ErrorCode::kInvalidRecord;
      result.error_message = "One or more records have been rejected";
      result.record_errors.emplace_back(index,
                                        "A compacted topic does not take a record without a key");
    } else if (std::string what =
                   check_time ? timestamp_complaint(record.timestamp, now_ms, config) : "";
               !what.empty()) {
      result.error = ErrorCode::kInvalidTimestamp;
      result.error_message = "One or more records have been rejected due to invalid timestamp";
      result.record_errors.emplace_back(index, std::move(what));
    }
    ++index;
    return true;
  });
  if (!status.ok()) return refuse(ErrorCode::kCorruptMessage, std::string(status.message()));
  return result;
}

absl::StatusOr<std::string> recompress(Bytes bytes, const BatchHeader& batch, Codec codec,
                                       int level) {
  BatchBuilder builder({.base_offset = batch.base_offset,
                        .codec = codec,
                        .compression_level = level,
                        .timestamp_type = batch.timestamp_type(),
                        .producer_id = batch.producer_id,
                        .producer_epoch = batch.producer_epoch,
                        .base_sequence = batch.base_sequence,
                        .is_transactional = batch.is_transactional()});
  auto status = for_each_record(bytes, [&](const Record& record) {
    builder.add_at(record.offset, record.timestamp, record.key, record.value, record.headers);
    return true;
  });
  if (!status.ok()) return status;
  return builder.build();
}

}  // namespace

AppendResult Log::append(MutableBytes records, const AppendOptions& options) {
  if (!health_.ok()) return refuse(ErrorCode::kKafkaStorageError, std::string(health_.message()));
  if (records.empty()) return refuse(ErrorCode::kInvalidRecord, "There is no record batch");
  absl::InlinedVector<Incoming, 1> batches;
  std::vector<std::string> rewritten;  // Batches that changed their codec.
  const bool is_client = options.origin == AppendOrigin::kClient;
  for (MutableBytes rest = records; !rest.empty();) {
    auto header = parse_batch_header(rest);
    if (!header.ok() && rest.size() > kMagicPosition && rest[kMagicPosition] < 2)
      return refuse(ErrorCode::kInvalidRecord, "Message formats 0 and 1 can not be appended");
    if (!header.ok())
      return refuse(ErrorCode::kCorruptMessage, std::string(header.status().message()));
    if (header->size_bytes() > rest.size())
      return refuse(ErrorCode::kCorruptMessage, "The last batch is cut short");
    const MutableBytes bytes = rest.first(header->size_bytes());
    rest = rest.subspan(bytes.size());
    if (options.origin != AppendOrigin::kReplication &&
        bytes.size() > static_cast<size_t>(config_.max_message_bytes))
      return refuse(ErrorCode::kMessageTooLarge,
                    absl::StrCat("The record batch size in the append to ",
                                 topic_partition_.to_string(), " is ", bytes.size(),
                                 " bytes which exceeds the maximum configured value of ",
                                 config_.max_message_bytes));
    if (auto status = check_batch(bytes); !status.ok())
      return refuse(ErrorCode::kCorruptMessage, std::string(status.message()));
    if (is_client)
      if (auto result = check_client_header(*header); !accepted(result)) return result;
    if (is_client && must_look_into(*header, config_, options.now_ms))
      if (auto result = check_records(bytes, config_, options.now_ms); !accepted(result))
        return result;
    batches.push_back({.header = *header, .bytes = bytes, .marker = std::nullopt});
    if (is_client && config_.compression && header->codec() != *config_.compression) {
      auto changed = recompress(bytes, *header, *config_.compression, config_.compression_level);
      if (!changed.ok())
        return refuse(ErrorCode::kCorruptMessage, std::string(changed.status().message()));
      if (changed->size() > static_cast<size_t>(config_.max_message_bytes))
        return refuse(ErrorCode::kMessageTooLarge,
                      absl::StrCat("With the topic's compression the batch has ", changed->size(),
                                   " bytes, more than ", config_.max_message_bytes));
      rewritten.push_back(*std::move(changed));
      batches.back().bytes = {};
    }
    if (header->is_control() && header->has_producer_id()) {
      auto marker = read_end_marker(bytes);
      if (!marker.ok())
        return refuse(ErrorCode::kCorruptMessage, std::string(marker.status().message()));
      batches.back().marker = *marker;
    }
  }
  if (is_client && batches.size() > 1 &&
      std::ranges::any_of(batches, [](const auto& b) { return b.header.has_producer_id(); }))
    return refuse(ErrorCode::kInvalidRecord,
                  "An idempotent producer may send one batch to a partition in a request");
  if (rewritten.empty()) return append_checked({batches.data(), batches.size()}, options);

  // Lay the batches out again, changed ones and others, for one write.
  auto all = std::make_shared<std::string>();
  auto changed = rewritten.begin();
  for (auto& batch : batches)
    *all += batch.bytes.empty() ? *changed++ : std::string(as_text(batch.bytes));
  MutableBytes rest(reinterpret_cast<uint8_t*>(all->data()), all->size());
  for (auto& batch : batches) {
    batch.header = *parse_batch_header(rest);
    batch.bytes = rest.first(batch.header.size_bytes());
    rest = rest.subspan(batch.bytes.size());
  }
  AppendOptions with_changed = options;
  if (options.owner) with_changed.owner = all;
  return append_checked({batches.data(), batches.size()}, with_changed);
}

AppendResult Log::append_checked(std::span<Incoming> batches, const AppendOptions& options) {
  const bool is_replication = options.origin == AppendOrigin::kReplication;
  const bool stamp = !is_replication && options.origin == AppendOrigin::kClient &&
                     config_.message_timestamp_type == TimestampType::kLogAppendTime;
  int64_t next_offset =
      put_off_.batches.empty() ? log_end_offset_ : put_off_.batches.back().header.next_offset();
  int32_t epoch = epochs_.latest();
  for (auto& [header, bytes, marker] : batches) {
    if (is_replication) {
      if (header.base_offset < next_offset || header.partition_leader_epoch < epoch)
        return refuse(ErrorCode::kCorruptMessage,
                      absl::StrCat("A batch with offset ", header.base_offset, " and epoch ",
                                   header.partition_leader_epoch, " after offset ", next_offset,
                                   " and epoch ", epoch));
      epoch = header.partition_leader_epoch;
    } else {
      header.base_offset = next_offset;
      header.partition_leader_epoch = options.leader_epoch;
    }
    next_offset = header.next_offset();
    if (is_replication || !header.has_producer_id()) continue;
    auto verdict = options.origin == AppendOrigin::kClient
                       ? producer_state_.check_client_batch(header)
                       : producer_state_.check_coordinator_batch(header, marker);
    if (verdict.error != ErrorCode::kNone) return refuse(verdict.error, verdict.message);
    if (!verdict.duplicate_of) continue;
    AppendResult result;
    result.generation = generation_;
    result.is_duplicate = true;
    result.first_offset = verdict.duplicate_of->first_offset();
    result.last_offset = verdict.duplicate_of->last_offset;
    if (stamp) result.log_append_time_ms = verdict.duplicate_of->timestamp_ms;
    return result;
  }
  if (!is_replication) {
    for (auto& [header, bytes, marker] : batches) {
      if (stamp) {
        set_log_append_time(bytes, options.now_ms);
        header.attributes = static_cast<int16_t>(header.attributes | 0x08);
        header.max_timestamp = options.now_ms;
      } else if (header.timestamp_type() == TimestampType::kLogAppendTime) {
        return refuse(ErrorCode::kInvalidTimestamp,
                      "A producer may not set append time on a topic that keeps create time");
      }
      set_offset_and_epoch(bytes, header.base_offset, header.partition_leader_epoch);
    }
  }
  if (auto status = write(batches, options); !status.ok())
    return refuse(absl::IsInvalidArgument(status) ? ErrorCode::kRecordListTooLarge
                                                  : ErrorCode::kKafkaStorageError,
                  std::string(status.message()));
  AppendResult result;
  result.generation = generation_;
  result.first_offset = batches.front().header.base_offset;
  result.last_offset = batches.back().header.last_offset();
  if (stamp) result.log_append_time_ms = options.now_ms;
  return result;
}

// Now or later. InvalidArgument: never.
absl::Status Log::write(std::span<Incoming> batches, const AppendOptions& options) {
  size_t bytes = 0;
  for (const auto& batch : batches) bytes += batch.bytes.size();
  if (bytes > static_cast<size_t>(config_.segment_bytes))
    return absl::InvalidArgumentError(absl::StrCat(
        "The batches have ", bytes, " bytes, more than a segment of ", config_.segment_bytes));
  const bool is_end_of_segment = must_roll(batches, bytes, options.now_ms);
  if (options.owner && !is_end_of_segment && put_off_.bytes + bytes <= kMostPutOffBytes) {
    put_off_.batches.insert(put_off_.batches.end(), batches.begin(), batches.end());
    put_off_.owners.push_back(options.owner);
    put_off_.bytes += bytes;
    note_producers(batches);
    return absl::OkStatus();
  }
  if (auto status = write_put_off(); !status.ok()) return status;
  if (is_end_of_segment)
    if (auto status = roll_for(batches, options.now_ms); !status.ok()) return status;
  if (auto status = write_at_end(batches); !status.ok()) return status;
  note_producers(batches);
  return absl::OkStatus();
}

absl::Status Log::write_put_off() {
  if (put_off_.batches.empty()) return absl::OkStatus();
  const PutOff now = std::exchange(put_off_, {});
  auto status = health_.ok() ? write_at_end(now.batches) : health_;
  if (status.ok()) return status;
  ++generation_;
  // The producer state has them already.
  const bool has_producers = std::ranges::any_of(
      now.batches, [](const Incoming& batch) { return batch.header.has_producer_id(); });
  if (!has_producers || !health_.ok()) return status;
  if (auto reloaded = LogLoader(*this, disk_).reload_producers(); !reloaded.ok())
    health_ = absl::DataLossError(
        absl::StrCat(status.message(), "; and reading the log again: ", reloaded.message()));
  return status;
}

absl::Status Log::write_at_end(std::span<const Incoming> batches) {
  const uint64_t position = active().size_bytes();
  absl::InlinedVector<Bytes, 8> parts;
  for (const auto& batch : batches) parts.push_back(batch.bytes);
  auto status = active().write(parts);
  if (absl::IsDataLoss(status)) health_ = status;
  if (status.ok()) note_written(batches, position);
  return status;
}

void Log::note_producers(std::span<const Incoming> batches) {
  for (const auto& [header, bytes, marker] : batches) {
    if (!header.has_producer_id()) continue;
    if (auto aborted = producer_state_.apply(header, marker)) pending_aborts_.push_back(*aborted);
  }
  if (!pending_aborts_.empty()) (void)write_pending_aborts();
}

// The batches are in the log. What can fail from here on can wait: it is tried again, and after a
// crash made again from the log.
void Log::note_written(std::span<const Incoming> batches, uint64_t position) {
  note_dirty({.file = active().file().value(),
              .what = Unsynced::What::kAppended,
              .from = position,
              .to = active().size_bytes()});
  for (const auto& [header, bytes, marker] : batches) {
    active().note_entry({.size_bytes = bytes.size(),
                         .base_offset = header.base_offset,
                         .last_offset = header.last_offset(),
                         .max_timestamp = header.max_timestamp},
                        position, config_.index_interval_bytes);
    position += bytes.size();
    log_end_offset_ = header.next_offset();
    if (header.partition_leader_epoch > epochs_.latest() &&
        epochs_.assign(header.partition_leader_epoch, header.base_offset))
      epochs_written_ = false;
  }
  (void)write_epochs_of_batches();
  if (auto files = active().write_indexes_if_due(); files.ok()) note_indexes_dirty(*files);
}

// Whether the batches do not fit behind what is in the active segment and put off for it.
bool Log::must_roll(std::span<const Incoming> batches, size_t bytes, int64_t now_ms) {
  const Segment& segment = active();
  const auto& waiting = put_off_.batches;
  if (!segment.can_hold(batches.back().header.last_offset())) return true;
  if (segment.size_bytes() == 0 && waiting.empty()) return false;
  if (segment.size_bytes() + put_off_.bytes + bytes > static_cast<uint64_t>(config_.segment_bytes))
    return true;
  if (segment.indexes_full(config_.segment_index_bytes, waiting.size())) return true;
  int64_t newest = kNoTimestamp;
  for (const auto& batch : batches) newest = std::max(newest, batch.header.max_timestamp);
  int64_t first = segment.first_timestamp_ms().value_or(kNoTimestamp);
  if (segment.size_bytes() == 0) first = waiting.front().header.max_timestamp;
  const int64_t waited = first >= 0 ? newest - first : now_ms - active_since_ms_;
  return waited > segment_age_limit();
}

absl::Status Log::roll_for(std::span<const Incoming> batches, int64_t now_ms) {
  // At the log end, so that a gap between segments tells recovery of a loss; but an index entry
  // must reach the batch.
  const bool in_reach = batches.back().header.last_offset() - log_end_offset_ <= INT32_MAX;
  return roll(in_reach ? log_end_offset_ : batches.front().header.base_offset, now_ms);
}

// On failure the log is as it was, and the next append tries again.
absl::Status Log::roll(int64_t base_offset, int64_t now_ms) {
  assert(put_off_.batches.empty());
  if (active().size_bytes() == 0 && active().base_offset() == base_offset) return absl::OkStatus();
  if (auto status = write_pending_aborts(); !status.ok()) return status;
  auto indexes = active().seal();
  if (!indexes.ok()) return indexes.status();
  note_indexes_dirty(*indexes);
  if (auto status = write_snapshot(base_offset); !status.ok()) return status;
  auto segment = std::make_unique<Segment>(disk_, directory_, base_offset);
  if (auto status = segment->create(); !status.ok()) return status;
  note_directory_changed();
  active().release_memory();
  active().close_file();
  segments_.push_back(std::move(segment));
  active_since_ms_ = now_ms;
  return absl::OkStatus();
}

absl::Status Log::write_pending_aborts() {
  while (!pending_aborts_.empty()) {
    const AbortedTransaction& aborted = pending_aborts_.front();
    Segment& segment = *segments_[segment_index_for(aborted.last_offset)];
    auto file = append_to_transaction_index(disk_, segment.path(kTransactionIndexSuffix), aborted);
    if (!file.ok()) return file.status();
    segment.set_has_aborted(true);
    note_dirty((*file)->path());
    note_directory_changed();
    pending_aborts_.erase(pending_aborts_.begin());
  }
  return absl::OkStatus();
}

absl::Status Log::write_epochs() {
  auto status = write_small_file(path(kLeaderEpochFile), epochs_.text());
  epochs_written_ = status.ok();
  return status;
}

absl::Status Log::write_epochs_of_batches() {
  const bool has_batches =
      !epochs_.empty() && epochs_.entries().back().start_offset < log_end_offset_;
  if (epochs_written_ || !has_batches) return absl::OkStatus();
  return write_epochs();
}

absl::Status Log::write_snapshot(int64_t offset) {
  return write_small_file(path(log_file_name(offset, kSnapshotSuffix)), producer_state_.snapshot());
}

absl::Status Log::write_small_file(const std::string& path, const std::string& contents) {
  auto file = write_file_unsynced(disk_, path, as_bytes(contents));
  if (!file.ok()) return file.status();
  note_dirty(path);
  note_directory_changed();
  return absl::OkStatus();
}

}  // namespace moldau
