// The cluster's metadata: `__cluster_metadata-0` as a KRaft quorum of one (KIP-595, KIP-630).
//
//   <directory>/__cluster_metadata-0/
//     00000000000000000000.log ...        record batches: LeaderChange control batches, metadata
//                                         records in their frame (metadata/record.h)
//     quorum-state                        JSON: leader, epoch, vote; version 1 (KIP-853)
//     <20-digit end offset>-<10-digit epoch>.checkpoint
//                                         a snapshot: SnapshotHeader control batch, records,
//                                         SnapshotFooter control batch; everything below the offset
//
// Every start begins a new leader epoch. A change is decided, appended, made durable, applied and
// published, in this order, and only then answered; changes that arrive while the disk is busy
// share the next round.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/clock.h"
#include "replication/hop.h"
#include "replication/metadata/controller.h"
#include "replication/metadata/image.h"
#include "storage/disk.h"
#include "storage/flusher.h"
#include "storage/log.h"

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// What a new cluster is finalized at. 25 is 4.0-IV3: every Kafka 4 can read what we write.
inline constexpr int16_t kMetadataVersion = 25;
// The newest of which every record is known here (4.4-IV2): a cluster that Apache Kafka has
// finalized at it can be taken over.
inline constexpr int16_t kMaxMetadataVersion = 33;
inline constexpr int16_t kGroupVersion = 1;
inline constexpr int16_t kMinMetadataVersion = 7;  // 3.3-IV3, the oldest that Kafka 4 reads.

class MetadataLog {
 public:
  struct VoterEndpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
  };
  struct Options {
    std::string directory;  // The data directory; the log is <directory>/__cluster_metadata-0.
    Uuid directory_id{};    // Of meta.properties: the voter's.
    std::vector<VoterEndpoint> endpoints;  // Controller listeners; none while there is one node.
    Controller::Options controller;
    // Finalized features of a new cluster. Only what is implemented belongs here.
    std::map<std::string, int16_t> bootstrap_features = {
        {kMetadataVersionFeature, kMetadataVersion}, {kGroupVersionFeature, kGroupVersion}};
    std::vector<MetadataRecord> bootstrap_records;  // After them, in a new cluster.

    int32_t segment_bytes = 1 << 30;              // metadata.log.segment.bytes
    int64_t segment_ms = 7LL * 24 * 3600 * 1000;  // metadata.log.segment.ms
    int64_t max_bytes_between_snapshots = 20LL
                                          << 20;  // metadata.log.max.record.bytes.between.snapshots
    int64_t max_snapshot_interval_ms =
        3600 * 1000;                            // metadata.log.max.snapshot.interval.ms; 0: off
    int64_t max_retention_bytes = 100LL << 20;  // metadata.max.retention.bytes; -1: no limit
    int64_t max_retention_ms = 7LL * 24 * 3600 * 1000;  // metadata.max.retention.ms; -1: no limit

    Clock* clock = nullptr;  // Of `executor`; outlives the log.
    // Told once when the disk failed: nothing can be changed any more.
    std::function<void(const absl::Status&)> on_failure;
    // Where snapshots are written and files removed; if empty, on the log's own executor.
    asio::any_io_executor blocking;
  };

  // Waits for the disk. `executor` runs one handler at a time (a shard). Everything given outlives
  // the object; the flusher ends before the executor's context does.
  static absl::StatusOr<std::unique_ptr<MetadataLog>> open(asio::any_io_executor executor,
                                                           Disk& disk, Flusher& flusher,
                                                           Options options);
  virtual ~MetadataLog() = default;

  // Asks for a change. `decide(Controller&, int64_t now_ms)` returns a Decision<R>; it runs on the
  // log's executor, must not block, and may run after the caller is gone. The answer comes when the
  // records are durable, applied and published (subscribers done). May be called from any executor.
  // Errors: DeadlineExceeded if it could not be decided by `deadline` (nothing changed);
  // Unavailable after a failed disk or close() (the outcome is unknown).
  using Deadline = std::chrono::steady_clock::time_point;
  template <class F>
  asio::awaitable<absl::StatusOr<typename std::invoke_result_t<F&, Controller&, int64_t>::Response>>
  propose(F decide, Deadline deadline = Deadline::max()) {
    using R = typename std::invoke_result_t<F&, Controller&, int64_t>::Response;
    auto response = std::make_shared<std::optional<R>>();
    auto proposal = std::make_shared<Proposal>();
    proposal->deadline = deadline;
    proposal->decide = [response, decide = std::move(decide)](Controller& controller,
                                                              int64_t now_ms) mutable {
      auto decision = decide(controller, now_ms);
      *response = std::move(decision.response);
      return Records{std::move(decision.records), decision.atomic};
    };
    absl::Status status = co_await submit(proposal);
    if (!status.ok()) co_return status;
    co_return std::move(**response);
  }

  // The committed image. Any thread.
  virtual std::shared_ptr<const ClusterImage> image() const = 0;

  // Called on the log's executor with every committed change, in order, each awaited before the
  // next and before propose() answers: so it may not propose itself. What is there already when it
  // subscribes is not told. Subscribe on the log's executor or before that runs.
  using Subscriber = std::function<asio::awaitable<void>(
      std::shared_ptr<const ClusterImage> now, std::shared_ptr<const MetadataDelta> changed)>;
  virtual void subscribe(Subscriber subscriber) = 0;

  virtual int32_t leader_epoch() const = 0;
  virtual int64_t log_start_offset() const = 0;  // On the log's executor, as the two below.
  virtual int64_t log_end_offset() const = 0;
  virtual int64_t high_watermark() const = 0;
  // The end offset and epoch of the newest snapshot.
  struct SnapshotId {
    int64_t end_offset = 0;
    int32_t epoch = 0;
    auto operator<=>(const SnapshotId&) const = default;
  };
  virtual std::optional<SnapshotId> latest_snapshot() const = 0;
  // Takes a snapshot of the committed image now, and removes what it makes needless.
  virtual asio::awaitable<absl::Status> snapshot() = 0;
  // One line a finding of the recovery.
  virtual const std::vector<std::string>& notes() const = 0;

  // Waits for what is in flight and refuses everything after.
  virtual asio::awaitable<absl::Status> close() = 0;

  // For propose().
  struct Records {
    std::vector<MetadataRecord> records;
    bool atomic = true;
  };
  struct Proposal {
    enum class Kind { kChange, kSnapshot, kClose };
    Kind kind = Kind::kChange;
    Deadline deadline = Deadline::max();
    absl::AnyInvocable<Records(Controller&, int64_t now_ms)> decide;
  };

 protected:
  virtual asio::awaitable<absl::Status> submit(std::shared_ptr<Proposal> proposal) = 0;
};

}  // namespace moldau
