// Batches of the metadata log and of its snapshots (KIP-595, KIP-630, KIP-853).
//
// A data batch holds records in their frame (record.h), without keys. A control batch holds records
// about the log itself; the key says which:
//   key:   version int16 (0), type int16
//   value: the record, in the encoding of its version
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/record_batch.h"
#include "protocol/records/voters.h"
#include "replication/metadata/image.h"
#include "replication/metadata/record.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

enum class ControlType : int16_t {
  kLeaderChange = 2,
  kSnapshotHeader = 3,
  kSnapshotFooter = 4,
  kKRaftVersion = 5,
  kVoters = 6,
};

struct ControlRecord {
  ControlType type;
  std::string value;
};

ControlRecord leader_change(int32_t leader_id);  // Of a quorum of one.
ControlRecord kraft_version(int16_t version);
ControlRecord voters(const VotersRecord& record);
ControlRecord snapshot_header(int64_t last_contained_log_timestamp_ms);
ControlRecord snapshot_footer();

struct BatchPosition {
  int64_t base_offset = 0;
  int32_t leader_epoch = 0;
  int64_t timestamp_ms = 0;
};
std::string control_batch(const BatchPosition& at, std::span<const ControlRecord> records);
std::string metadata_batch(const BatchPosition& at, std::span<const MetadataRecord> records);

// What the quorum agreed on besides metadata.
struct QuorumRules {
  int16_t kraft_version = 0;
  std::optional<VotersRecord> voters;  // From kraft_version 1 on.
};

// Folds batches, of a snapshot or of the log, into an image. Records between BeginTransaction and
// EndTransaction count together: AbortTransaction, or abort_open_transaction(), undoes them.
class MetadataReplay {
 public:
  explicit MetadataReplay(ClusterImage image = {}, QuorumRules rules = {})
      : image_(std::move(image)), rules_(std::move(rules)) {}

  // DataLoss: what is in the batch can not be read. FailedPrecondition: it does not fit the image.
  absl::Status apply(const BatchHeader& header, Bytes batch);

  bool is_in_transaction() const { return before_transaction_.has_value(); }
  void abort_open_transaction();

  ClusterImage& image() { return image_; }
  const QuorumRules& rules() const { return rules_; }
  bool saw_snapshot_footer() const { return saw_footer_; }
  int64_t last_contained_log_timestamp_ms() const { return last_contained_ms_; }  // Of a snapshot.

 private:
  absl::Status apply_control(std::optional<Bytes> key, std::optional<Bytes> value);
  absl::Status apply_records(std::span<const MetadataRecord> records);

  ClusterImage image_;
  QuorumRules rules_;
  std::optional<ClusterImage> before_transaction_;
  bool saw_footer_ = false;
  int64_t last_contained_ms_ = kNoTimestamp;
};

// A snapshot as a file. Its batches count offsets from 0; `image`'s position is in its name.
std::string encode_snapshot(const ClusterImage& image, const QuorumRules& rules,
                            int64_t last_contained_log_timestamp_ms, int64_t now_ms);
// The image has the position (end_offset - 1, epoch). DataLoss if it is not whole.
struct Snapshot {
  ClusterImage image;
  QuorumRules rules;
  int64_t last_contained_log_timestamp_ms = kNoTimestamp;
};
absl::StatusOr<Snapshot> decode_snapshot(Bytes file, int64_t end_offset, int32_t epoch);

// `bootstrap.checkpoint`, which formatting a data directory leaves: the records of a new cluster.
// Bytes in them borrow from `values`.
struct BootstrapRecords {
  std::deque<std::string> values;
  std::vector<MetadataRecord> records;
};
absl::StatusOr<BootstrapRecords> decode_bootstrap(Bytes file);

}  // namespace moldau
