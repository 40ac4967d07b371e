#include "replication/partition/leader.h"

#include <algorithm>

namespace moldau {
namespace {

bool contains(const std::vector<int32_t>& ids, int32_t id) {
  return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

PartitionLeader::Outcome PartitionLeader::become_leader(const Term& term, int64_t log_end,
                                                        int64_t durable_end, int64_t high_watermark,
                                                        int64_t now_ms) {
  is_leader_ = true;
  term_ = term;
  epoch_start_ = log_end;
  log_end_ = log_end;
  durable_end_ = std::min(durable_end, log_end);
  // Committed bytes are in every log that may lead; a checkpoint above our end is of another life.
  high_watermark_ = std::max(high_watermark_, std::min(high_watermark, log_end));
  proposed_.reset();
  followers_.clear();
  for (int32_t id : term_.replicas) {
    if (id != self_) followers_[id].caught_up_ms = now_ms;
  }
  return advance();
}

PartitionLeader::Outcome PartitionLeader::metadata_changed(const Term& term, int64_t now_ms) {
  if (!is_leader_ || term.leader_epoch != term_.leader_epoch) return {};
  if (term.partition_epoch > term_.partition_epoch) proposed_.reset();
  if (term.partition_epoch >= term_.partition_epoch) term_ = term;
  std::erase_if(followers_, [&](const auto& f) { return !contains(term_.replicas, f.first); });
  for (int32_t id : term_.replicas) {
    if (id != self_) followers_.try_emplace(id, Follower{.caught_up_ms = now_ms});
  }
  return advance();
}

void PartitionLeader::resign() {
  is_leader_ = false;
  proposed_.reset();
  followers_.clear();
}

PartitionLeader::Outcome PartitionLeader::appended(int64_t log_end) {
  log_end_ = std::max(log_end_, log_end);
  return {};
}

PartitionLeader::Outcome PartitionLeader::durable(int64_t end) {
  durable_end_ = std::max(durable_end_, std::min(end, log_end_));
  return advance();
}

PartitionLeader::Outcome PartitionLeader::follower_fetched(int32_t replica, int64_t fetch_offset,
                                                           int64_t now_ms) {
  const auto it = followers_.find(replica);
  if (!is_leader_ || it == followers_.end() || fetch_offset > log_end_) return {};
  Follower& follower = it->second;
  follower.durable_end = fetch_offset;
  // Caught up now, or it now has all that there was when it asked last.
  if (fetch_offset >= log_end_) {
    follower.caught_up_ms = now_ms;
  } else if (fetch_offset >= follower.log_end_at_fetch) {
    follower.caught_up_ms = std::max(follower.caught_up_ms, follower.fetched_ms);
  }
  follower.log_end_at_fetch = log_end_;
  follower.fetched_ms = now_ms;

  Outcome outcome = advance();
  const bool may_join = !contains(term_.isr, replica) && fetch_offset >= high_watermark_ &&
                        fetch_offset >= epoch_start_;
  if (may_join) {
    std::vector<int32_t> isr = term_.isr;
    isr.push_back(replica);
    outcome.propose = propose(std::move(isr));
  }
  return outcome;
}

PartitionLeader::Outcome PartitionLeader::tick(int64_t now_ms) {
  Outcome outcome;
  if (!is_leader_) return outcome;
  std::vector<int32_t> keep;
  for (int32_t id : term_.isr) {
    const auto it = followers_.find(id);
    const bool lags = it != followers_.end() && it->second.durable_end < log_end_ &&
                      now_ms - it->second.caught_up_ms > lag_time_max_ms_;
    if (!lags) keep.push_back(id);
  }
  if (keep.size() < term_.isr.size()) outcome.propose = propose(std::move(keep));
  return outcome;
}

PartitionLeader::Outcome PartitionLeader::proposal_answered(ErrorCode error) {
  const bool was_not_taken =
      error == ErrorCode::kIneligibleReplica || error == ErrorCode::kOperationNotAttempted;
  if (was_not_taken) proposed_.reset();
  return advance();
}

std::vector<int32_t> PartitionLeader::max_isr() const {
  std::vector<int32_t> all = term_.isr;
  if (proposed_) {
    for (int32_t id : proposed_->isr) {
      if (!contains(all, id)) all.push_back(id);
    }
  }
  return all;
}

ErrorCode PartitionLeader::may_append_for_all() const {
  if (!is_leader_) return ErrorCode::kNotLeaderOrFollower;
  return has_enough_replicas() ? ErrorCode::kNone : ErrorCode::kNotEnoughReplicas;
}

std::optional<ErrorCode> PartitionLeader::committed(int64_t last_offset,
                                                    int32_t leader_epoch) const {
  if (!is_leader_ || leader_epoch != term_.leader_epoch) return ErrorCode::kNotLeaderOrFollower;
  if (high_watermark_ > last_offset) return ErrorCode::kNone;
  return std::nullopt;
}

ErrorCode PartitionLeader::timed_out() const {
  return has_enough_replicas() ? ErrorCode::kRequestTimedOut
                               : ErrorCode::kNotEnoughReplicasAfterAppend;
}

bool PartitionLeader::has_enough_replicas() const {
  const auto minimum =
      std::min(static_cast<size_t>(std::max(term_.min_insync_replicas, 1)), term_.replicas.size());
  return term_.isr.size() >= minimum;
}

PartitionLeader::Outcome PartitionLeader::advance() {
  Outcome outcome;
  if (!is_leader_ || !has_enough_replicas()) return outcome;
  int64_t committed_end = durable_end_;
  for (int32_t id : max_isr()) {
    if (id == self_) continue;
    const auto it = followers_.find(id);
    committed_end = std::min(committed_end, it == followers_.end() ? -1 : it->second.durable_end);
  }
  if (committed_end > high_watermark_) {
    high_watermark_ = committed_end;
    outcome.high_watermark_moved = true;
  }
  return outcome;
}

std::optional<PartitionLeader::Proposal> PartitionLeader::propose(std::vector<int32_t> isr) {
  if (proposed_) return std::nullopt;
  proposed_ = Proposal{std::move(isr), term_.leader_epoch, term_.partition_epoch};
  return proposed_;
}

}  // namespace moldau
