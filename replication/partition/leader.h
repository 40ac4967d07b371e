// The leader of one partition: who has which bytes, and what that makes committed.
//
// Words: D is the end of what is durable here; the log end is the end of what is appended; ISR is
// the in-sync set that the controller has committed; MaxISR is ISR and the additions proposed to
// it.
//
// - The high watermark is at most the smallest D over MaxISR, our own included (a follower's fetch
//   offset is its D), never goes back, and moves only while the ISR is not below the minimum,
//   min(min.insync.replicas, replicas).
// - An append is acknowledged to all only when the high watermark covers it in the epoch that
//   appended it.
// - A follower may join when it has all bytes below the high watermark and below the start of our
//   epoch, in this epoch (KIP-497). One proposal is in flight at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "protocol/error_code.h"

namespace moldau {

class PartitionLeader {
 public:
  struct Term {
    int32_t leader_epoch = 0;
    int32_t partition_epoch = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
    int32_t min_insync_replicas = 1;
  };
  struct Proposal {
    std::vector<int32_t> isr;
    int32_t leader_epoch = 0;
    int32_t partition_epoch = 0;  // On which it builds.
    bool operator==(const Proposal&) const = default;
  };
  // What an event led to.
  struct Outcome {
    bool high_watermark_moved = false;
    std::optional<Proposal> propose;  // To send to the controller (AlterPartition).
    bool operator==(const Outcome&) const = default;
  };

  explicit PartitionLeader(int32_t self, int64_t lag_time_max_ms = 30'000)
      : self_(self), lag_time_max_ms_(lag_time_max_ms) {}

  // Events. Offsets are ends: one past the last.
  // `high_watermark` is what is known to be committed from before (a checkpoint, the last leader).
  Outcome become_leader(const Term& term, int64_t log_end, int64_t durable_end,
                        int64_t high_watermark, int64_t now_ms);
  // The controller's word on our own term: the same leader epoch, perhaps another ISR.
  Outcome metadata_changed(const Term& term, int64_t now_ms);
  void resign();
  Outcome appended(int64_t log_end);
  Outcome durable(int64_t end);
  // A follower asked from `fetch_offset`, which tells that it has everything below, durably.
  Outcome follower_fetched(int32_t replica, int64_t fetch_offset, int64_t now_ms);
  // Followers that did not keep up for replica.lag.time.max.ms leave.
  Outcome tick(int64_t now_ms);
  // The controller's answer to our proposal. Rolled back only on INELIGIBLE_REPLICA and
  // OPERATION_NOT_ATTEMPTED; on other refusals MaxISR stays until metadata arrives.
  Outcome proposal_answered(ErrorCode error);

  bool is_leader() const { return is_leader_; }
  int32_t leader_epoch() const { return term_.leader_epoch; }
  int64_t epoch_start() const { return epoch_start_; }
  int64_t high_watermark() const { return high_watermark_; }
  int64_t durable_end() const { return durable_end_; }
  const std::vector<int32_t>& isr() const { return term_.isr; }
  std::vector<int32_t> max_isr() const;
  // Everything that this epoch inherited is committed: latest offsets may be told (invariant 9).
  bool is_settled() const { return is_leader_ && high_watermark_ >= epoch_start_; }

  // Before an append that wants all: kNone, kNotEnoughReplicas, kNotLeaderOrFollower.
  ErrorCode may_append_for_all() const;
  // After it; nullopt while undecided: kNone, kNotLeaderOrFollower.
  std::optional<ErrorCode> committed(int64_t last_offset, int32_t leader_epoch) const;
  // What to answer when its time is over: kNotEnoughReplicasAfterAppend or kRequestTimedOut.
  ErrorCode timed_out() const;

 private:
  struct Follower {
    int64_t durable_end = -1;  // Unknown in this epoch.
    int64_t caught_up_ms = 0;  // When it last had all that we had.
    int64_t fetched_ms = 0;
    int64_t log_end_at_fetch = 0;
  };
  bool has_enough_replicas() const;
  Outcome advance();
  std::optional<Proposal> propose(std::vector<int32_t> isr);

  const int32_t self_;
  const int64_t lag_time_max_ms_;
  bool is_leader_ = false;
  Term term_;
  int64_t epoch_start_ = 0;
  int64_t log_end_ = 0;
  int64_t durable_end_ = 0;
  int64_t high_watermark_ = 0;
  std::map<int32_t, Follower> followers_;
  std::optional<Proposal> proposed_;
};

}  // namespace moldau
