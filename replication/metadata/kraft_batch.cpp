#include "replication/metadata/kraft_batch.h"

#include <algorithm>

#include "protocol/records/control_record_type.h"
#include "protocol/records/kraft_version.h"
#include "protocol/records/leader_change.h"
#include "protocol/records/snapshot_footer.h"
#include "protocol/records/snapshot_header.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// Large images become many batches, so that nobody needs one buffer for all of it.
constexpr size_t kSnapshotBatchBytes = 512 << 10;

// The key is a version, which is that of the schema, and the type.
std::string control_key(ControlType type) {
  ControlRecordTypeSchema key;
  key.type = static_cast<int16_t>(type);
  std::string out(2, '\0');
  encode_to(out, key, 0);
  return out;
}

absl::Status unreadable(const BatchHeader& header, const absl::Status& why) {
  return absl::DataLossError(
      absl::StrCat("batch at offset ", header.base_offset, ": ", std::string(why.message())));
}

// The values of a data batch, and the records decoded from them.
absl::Status decode_values(const BatchHeader& header, Bytes batch, std::deque<std::string>& values,
                           std::vector<MetadataRecord>& records) {
  absl::Status bad;
  absl::Status status = for_each_record(batch, [&](const Record& record) {
    values.emplace_back(as_text(record.value.value_or(Bytes{})));
    absl::StatusOr<MetadataRecord> decoded = decode_metadata_record(as_bytes(values.back()));
    if (!decoded.ok()) {
      bad = absl::DataLossError(
          absl::StrCat("record ", record.offset, ": ", std::string(decoded.status().message())));
      return false;
    }
    records.push_back(*std::move(decoded));
    return true;
  });
  status.Update(bad);
  return status.ok() ? status : unreadable(header, status);
}

}  // namespace

ControlRecord leader_change(int32_t leader_id) {
  LeaderChangeMessage message;
  message.leader_id = leader_id;
  message.voters.push_back({.voter_id = leader_id});
  message.granting_voters.push_back({.voter_id = leader_id});
  return {ControlType::kLeaderChange, encode(message, 0)};
}

ControlRecord kraft_version(int16_t version) {
  KRaftVersionRecord record;
  record.kraft_version = version;
  return {ControlType::kKRaftVersion, encode(record, 0)};
}

ControlRecord voters(const VotersRecord& record) {
  return {ControlType::kVoters, encode(record, 0)};
}

ControlRecord snapshot_header(int64_t last_contained_log_timestamp_ms) {
  SnapshotHeaderRecord record;
  record.last_contained_log_timestamp = last_contained_log_timestamp_ms;
  return {ControlType::kSnapshotHeader, encode(record, 0)};
}

ControlRecord snapshot_footer() {
  return {ControlType::kSnapshotFooter, encode(SnapshotFooterRecord{}, 0)};
}

std::string control_batch(const BatchPosition& at, std::span<const ControlRecord> records) {
  BatchBuilder builder(
      {.base_offset = at.base_offset, .leader_epoch = at.leader_epoch, .is_control = true});
  for (const auto& record : records) {
    const std::string key = control_key(record.type);
    builder.add(at.timestamp_ms, as_bytes(key), as_bytes(record.value));
  }
  return builder.build();
}

std::string metadata_batch(const BatchPosition& at, std::span<const MetadataRecord> records) {
  BatchBuilder builder({.base_offset = at.base_offset, .leader_epoch = at.leader_epoch});
  for (const auto& record : records) {
    const std::string value = encode_metadata_record(record);
    builder.add(at.timestamp_ms, std::nullopt, as_bytes(value));
  }
  return builder.build();
}

absl::Status MetadataReplay::apply(const BatchHeader& header, Bytes batch) {
  absl::Status status;
  if (header.is_control()) {
    absl::Status bad;
    status = for_each_record(batch, [&](const Record& record) {
      bad = apply_control(record.key, record.value);
      return bad.ok();
    });
    status.Update(bad);
    if (!status.ok()) status = unreadable(header, status);
  } else {
    std::deque<std::string> values;
    std::vector<MetadataRecord> records;
    status = decode_values(header, batch, values, records);
    if (status.ok()) status = apply_records(records);
  }
  image_.set_position(header.last_offset(), header.partition_leader_epoch);
  return status;
}

absl::Status MetadataReplay::apply_control(std::optional<Bytes> key, std::optional<Bytes> value) {
  if (!key || key->size() < 4 || !value) return absl::DataLossError("control record without a key");
  const auto type = static_cast<ControlType>(static_cast<int16_t>((*key)[2] << 8 | (*key)[3]));
  if (type == ControlType::kKRaftVersion) {
    auto record = decode_as<KRaftVersionRecord>(*value, 0);
    if (!record.ok()) return record.status();
    rules_.kraft_version = record->kraft_version;
  } else if (type == ControlType::kVoters) {
    auto record = decode_as<VotersRecord>(*value, 0);
    if (!record.ok()) return record.status();
    rules_.voters = *std::move(record);
  } else if (type == ControlType::kSnapshotHeader) {
    auto record = decode_as<SnapshotHeaderRecord>(*value, 0);
    if (!record.ok()) return record.status();
    last_contained_ms_ = record->last_contained_log_timestamp;
  } else if (type == ControlType::kSnapshotFooter) {
    saw_footer_ = true;
  }
  return absl::OkStatus();
}

absl::Status MetadataReplay::apply_records(std::span<const MetadataRecord> records) {
  absl::Status status;
  while (!records.empty()) {
    const auto marker = std::ranges::find_if(records, [](const MetadataRecord& r) {
      return std::holds_alternative<BeginTransactionRecord>(r) ||
             std::holds_alternative<EndTransactionRecord>(r) ||
             std::holds_alternative<AbortTransactionRecord>(r);
    });
    const auto before = static_cast<size_t>(marker - records.begin());
    status.Update(image_.apply(records.first(before)));
    if (marker == records.end()) break;
    if (std::holds_alternative<BeginTransactionRecord>(*marker)) {
      before_transaction_ = image_;
    } else if (std::holds_alternative<EndTransactionRecord>(*marker)) {
      before_transaction_.reset();
    } else {
      abort_open_transaction();
    }
    records = records.subspan(before + 1);
  }
  return status;
}

void MetadataReplay::abort_open_transaction() {
  if (!before_transaction_) return;
  const int64_t offset = image_.offset();
  const int32_t epoch = image_.epoch();
  image_ = *std::move(before_transaction_);
  image_.set_position(offset, epoch);
  before_transaction_.reset();
}

std::string encode_snapshot(const ClusterImage& image, const QuorumRules& rules,
                            int64_t last_contained_log_timestamp_ms, int64_t now_ms) {
  BatchPosition at{
      .base_offset = 0, .leader_epoch = std::max(image.epoch(), 0), .timestamp_ms = now_ms};
  std::vector<ControlRecord> opening{snapshot_header(last_contained_log_timestamp_ms)};
  if (rules.kraft_version > 0) opening.push_back(kraft_version(rules.kraft_version));
  if (rules.voters) opening.push_back(voters(*rules.voters));
  std::string file = control_batch(at, opening);
  at.base_offset += static_cast<int64_t>(opening.size());

  std::optional<BatchBuilder> builder;
  const auto end_batch = [&] {
    if (!builder) return;
    at.base_offset += static_cast<int64_t>(builder->record_count());
    file += builder->build();
    builder.reset();
  };
  for (const auto& record : image.to_records()) {
    if (!builder) {
      builder.emplace(
          BatchBuilder::Options{.base_offset = at.base_offset, .leader_epoch = at.leader_epoch});
    }
    const std::string value = encode_metadata_record(record);
    builder->add(now_ms, std::nullopt, as_bytes(value));
    if (builder->uncompressed_bytes() >= kSnapshotBatchBytes) end_batch();
  }
  end_batch();
  const ControlRecord closing = snapshot_footer();
  file += control_batch(at, {&closing, 1});
  return file;
}

absl::StatusOr<Snapshot> decode_snapshot(Bytes file, int64_t end_offset, int32_t epoch) {
  MetadataReplay replay;
  absl::Status bad;
  size_t used = 0;
  absl::Status status = for_each_batch(file, [&](const BatchHeader& header, Bytes batch) {
    used += batch.size();
    bad = check_batch(batch);
    if (bad.ok()) bad = replay.apply(header, batch);
    return bad.ok();
  });
  status.Update(bad);
  if (!status.ok()) return absl::DataLossError(std::string(status.message()));
  if (used != file.size() || !replay.saw_snapshot_footer()) {
    return absl::DataLossError("the snapshot ends without its footer");
  }
  replay.image().set_position(end_offset - 1, epoch);
  return Snapshot{std::move(replay.image()), replay.rules(),
                  replay.last_contained_log_timestamp_ms()};
}

absl::StatusOr<BootstrapRecords> decode_bootstrap(Bytes file) {
  BootstrapRecords bootstrap;
  absl::Status bad;
  absl::Status status = for_each_batch(file, [&](const BatchHeader& header, Bytes batch) {
    bad = check_batch(batch);
    if (bad.ok() && !header.is_control()) {
      bad = decode_values(header, batch, bootstrap.values, bootstrap.records);
    }
    return bad.ok();
  });
  status.Update(bad);
  if (!status.ok()) return status;
  return bootstrap;
}

}  // namespace moldau
