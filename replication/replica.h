// One partition on one shard: the leader core over its log.
//
// Everything is called on the shard's executor. Durability: with flush_messages == 1 the durable
// end follows the flusher's rounds - one request outstanding, the next one asked for when it ends
// and bytes are waiting - and nothing that is not durable is acknowledged to all or shown to
// consumers. With a larger flush_messages (Kafka's page-cache behaviour) what is appended counts as
// durable, and the log is synced every flush_messages records or flush_ms milliseconds.
//
// A failed sync is final: every waiter gets KAFKA_STORAGE_ERROR and the replica goes offline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/error_code.h"
#include "replication/append_round.h"
#include "replication/clock.h"
#include "replication/event.h"
#include "replication/metadata/image.h"
#include "replication/partition/leader.h"
#include "storage/flusher.h"
#include "storage/log.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// Somebody who waits for a replica: a long-polling fetch.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // On the replica's shard, from within its own work: only note it or post.
  virtual void notify() = 0;
};

enum class ReadUpTo { kHighWatermark, kLastStable, kLogEnd };

class Replica : public std::enable_shared_from_this<Replica> {
 public:
  struct Durability {
    int64_t flush_messages = 1;    // flush.messages
    int64_t flush_ms = INT64_MAX;  // flush.ms; not read when flush_messages is 1
  };
  struct Options {
    int32_t broker_id = -1;
    int64_t high_watermark = 0;  // From the checkpoint.
    int32_t min_insync_replicas = 1;
    Durability durability;
    Clock* clock = nullptr;  // The shard's; outlives the replica.
    // Told once, on the shard, when the log's disk failed.
    std::function<void(const absl::Status&)> on_storage_failure;
  };
  // The flusher ends before the executor's context does.
  Replica(asio::any_io_executor executor, std::unique_ptr<Log> log, Flusher& flusher,
          Options options);
  ~Replica();

  // `required_acks` -1 (all) is refused with NOT_ENOUGH_REPLICAS while the ISR is below the
  // minimum. Also NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, and what Log::append says.
  AppendResult append(MutableBytes batches, AppendOrigin origin, int64_t now_ms,
                      int16_t required_acks = 1);

  // The same for a client's batches, which `owner` owns, put off until `round` ends: before that
  // nothing of the result may be told.
  AppendResult append_later(MutableBytes batches, std::shared_ptr<const void> owner,
                            AppendRound& round, int64_t now_ms, int16_t required_acks = 1);
  // Whether a result of append_later() came true, once the round has ended.
  bool was_written(const AppendResult& result) const {
    return result.generation == log_->generation();
  }
  // What a round ends with.
  void write_put_off();

  // Waits until everything up to `last_offset`, appended in `leader_epoch`, is committed: kNone.
  // Else kRequestTimedOut, kNotEnoughReplicasAfterAppend, kNotLeaderOrFollower, kKafkaStorageError.
  // Keeps the replica alive while it waits.
  using Deadline = std::chrono::steady_clock::time_point;
  asio::awaitable<ErrorCode> committed(int64_t last_offset, int32_t leader_epoch,
                                       Deadline deadline);

  int64_t high_watermark() const { return core_.high_watermark(); }
  int64_t log_start_offset() const { return log_->log_start_offset(); }
  int64_t log_end_offset() const { return log_->log_end_offset(); }
  int64_t last_stable_offset() const;  // min(high watermark, first open transaction)
  int32_t leader_epoch() const { return core_.leader_epoch(); }
  bool is_leader() const { return core_.is_leader(); }
  bool is_offline() const { return offline_; }
  // Latest offsets may be told (ListOffsets -1): else OFFSET_NOT_AVAILABLE (KIP-207).
  bool is_settled() const { return core_.is_settled(); }
  const std::vector<int32_t>& isr() const { return core_.isr(); }

  // KIP-320; -1: the client did not say. kNone, kFencedLeaderEpoch, kUnknownLeaderEpoch.
  ErrorCode check_leader_epoch(int32_t current_leader_epoch) const;
  // kNone, kNotLeaderOrFollower, kKafkaStorageError.
  ErrorCode check_leader() const;

  // OutOfRange: below the log start, or above the bound that was asked for.
  absl::StatusOr<ReadPlan> plan_read(int64_t offset, ReadUpTo up_to, size_t max_bytes,
                                     bool at_least_one);
  Log& log() { return *log_; }
  const Log& log() const { return *log_; }

  // Notified once, when the high watermark moves, the replica goes away or loses leadership.
  void watch(std::weak_ptr<Watcher> watcher);

  struct DeleteResult {
    ErrorCode error = ErrorCode::kNone;
    int64_t low_watermark = -1;
  };
  // Removes the records below `offset`, -1 for all that are committed (DeleteRecords, KIP-107).
  DeleteResult delete_records(int64_t offset);

  // The controller's word on this partition. A higher leader epoch begins a term; the same one may
  // bring another ISR; a lower one is ignored. Another leader than us resigns.
  absl::Status become_leader(const PartitionImage& partition);
  void resign();
  // Settings that may change at any time.
  void set_config(const LogConfig& log, const Durability& durability, int32_t min_insync_replicas);

  // What a follower has told by fetching (seam for many brokers).
  void follower_fetched(int32_t replica, int64_t fetch_offset);

  // Resigns, answers every waiter, waits for the sync in flight. From then on the log is the
  // caller's, to close it or to remove its directory.
  asio::awaitable<void> end();

 private:
  struct Waiter {
    Waiter(Clock& clock, int32_t epoch) : leader_epoch(epoch), answered(clock) {}
    const int32_t leader_epoch;
    std::optional<ErrorCode> answer;
    Event answered;
  };
  using Waiters = std::multimap<int64_t, Waiter*>;  // By last offset; each is in its coroutine.
  struct WaiterEntry;

  AppendResult append_with(MutableBytes batches, AppendOptions options, int16_t required_acks);
  void log_has_grown();
  void act_on(const PartitionLeader::Outcome& outcome);
  void answer_decided();
  void answer_all(ErrorCode error);
  void notify_watchers();
  void flush_if_due();
  void start_flush();
  void flushed(int64_t end_offset, const absl::Status& status);
  void fail(const absl::Status& status);
  bool is_write_through() const { return durability_.flush_messages <= 1; }
  PartitionLeader::Term term_of(const PartitionImage& partition) const;
  asio::awaitable<void> until_flushed();

  asio::any_io_executor executor_;
  std::unique_ptr<Log> log_;
  Flusher& flusher_;
  Options options_;
  Clock& clock_;
  Durability durability_;
  int32_t min_insync_replicas_;
  PartitionImage partition_;  // As the controller has said last.
  PartitionLeader core_;

  const AppendRound* round_ = nullptr;  // That has this replica.
  bool flush_in_flight_ = false;
  bool offline_ = false;
  bool closed_ = false;
  Event flush_ended_;  // For end(), the only one to wait for it.

  Waiters waiters_;
  std::optional<Clock::Timer> flush_timer_;  // For flush_ms, while something is not durable.
  std::vector<std::weak_ptr<Watcher>> watchers_;
  size_t prune_watchers_at_ = 16;
};

}  // namespace moldau
