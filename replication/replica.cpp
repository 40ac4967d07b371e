#include "replication/replica.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "absl/strings/str_cat.h"

namespace moldau {

// Keeps a waiter findable for as long as its coroutine waits.
struct Replica::WaiterEntry {
  WaiterEntry(Waiters& all, int64_t last_offset, Waiter* waiter)
      : waiters(all), at(all.emplace(last_offset, waiter)) {}
  ~WaiterEntry() { waiters.erase(at); }
  WaiterEntry(const WaiterEntry&) = delete;
  WaiterEntry& operator=(const WaiterEntry&) = delete;

  Waiters& waiters;
  Waiters::iterator at;
};

Replica::Replica(asio::any_io_executor executor, std::unique_ptr<Log> log, Flusher& flusher,
                 Options options)
    : executor_(std::move(executor)),
      log_(std::move(log)),
      flusher_(flusher),
      options_(std::move(options)),
      clock_(*options_.clock),
      durability_(options_.durability),
      min_insync_replicas_(options_.min_insync_replicas),
      core_(options_.broker_id),
      flush_ended_(clock_) {}

Replica::~Replica() {
  if (flush_timer_) clock_.take(*flush_timer_);
}

AppendResult Replica::append(MutableBytes batches, AppendOrigin origin, int64_t now_ms,
                             int16_t required_acks) {
  auto result = append_with(batches, {.origin = origin, .now_ms = now_ms}, required_acks);
  if (result.error == ErrorCode::kNone) log_has_grown();
  return result;
}

AppendResult Replica::append_later(MutableBytes batches, std::shared_ptr<const void> owner,
                                   AppendRound& round, int64_t now_ms, int16_t required_acks) {
  auto result = append_with(batches, {.now_ms = now_ms, .owner = std::move(owner)}, required_acks);
  if (result.error != ErrorCode::kNone || round_ == &round) return result;
  round_ = &round;
  round.add(shared_from_this());
  return result;
}

AppendResult Replica::append_with(MutableBytes batches, AppendOptions options,
                                  int16_t required_acks) {
  AppendResult result;
  result.error = check_leader();
  if (result.error == ErrorCode::kNone && required_acks == -1) {
    result.error = core_.may_append_for_all();
  }
  if (result.error != ErrorCode::kNone) return result;
  options.leader_epoch = core_.leader_epoch();
  result = log_->append(batches, options);
  if (!log_->health().ok()) fail(log_->health());
  return result;
}

void Replica::write_put_off() {
  round_ = nullptr;
  const bool is_written = log_->write_put_off().ok();  // Whoever waits for it finds that out.
  if (!log_->health().ok()) fail(log_->health());
  if (is_written && core_.is_leader()) log_has_grown();
}

void Replica::log_has_grown() {
  auto outcome = core_.appended(log_->log_end_offset());
  if (!is_write_through()) outcome = core_.durable(log_->log_end_offset());
  act_on(outcome);
  flush_if_due();
}

asio::awaitable<ErrorCode> Replica::committed(int64_t last_offset, int32_t leader_epoch,
                                              Deadline deadline) {
  auto self = shared_from_this();
  if (offline_) co_return ErrorCode::kKafkaStorageError;
  const std::optional<ErrorCode> decided = core_.committed(last_offset, leader_epoch);
  if (decided) co_return *decided;
  if (deadline <= clock_.now()) co_return core_.timed_out();

  Waiter waiter(clock_, leader_epoch);
  WaiterEntry entry(waiters_, last_offset, &waiter);
  bool was_answered = co_await waiter.answered.wait_until(deadline);
  if (was_answered || waiter.answer) co_return *waiter.answer;
  co_return core_.timed_out();
}

int64_t Replica::last_stable_offset() const {
  const std::optional<int64_t> open = log_->first_open_transaction_offset();
  return open ? std::min(*open, core_.high_watermark()) : core_.high_watermark();
}

ErrorCode Replica::check_leader_epoch(int32_t current_leader_epoch) const {
  if (current_leader_epoch == -1 || current_leader_epoch == core_.leader_epoch()) {
    return ErrorCode::kNone;
  }
  return current_leader_epoch < core_.leader_epoch() ? ErrorCode::kFencedLeaderEpoch
                                                     : ErrorCode::kUnknownLeaderEpoch;
}

ErrorCode Replica::check_leader() const {
  if (offline_) return ErrorCode::kKafkaStorageError;
  return core_.is_leader() ? ErrorCode::kNone : ErrorCode::kNotLeaderOrFollower;
}

absl::StatusOr<ReadPlan> Replica::plan_read(int64_t offset, ReadUpTo up_to, size_t max_bytes,
                                            bool at_least_one) {
  int64_t end = log_->log_end_offset();
  if (up_to == ReadUpTo::kHighWatermark) end = core_.high_watermark();
  if (up_to == ReadUpTo::kLastStable) end = last_stable_offset();
  // Between the bound and the log end there is nothing to read yet, but nothing wrong either.
  if (offset > end && offset <= log_->log_end_offset()) end = offset;
  return log_->plan_read(offset, end, max_bytes, at_least_one);
}

void Replica::watch(std::weak_ptr<Watcher> watcher) {
  if (watchers_.size() >= prune_watchers_at_) {
    std::erase_if(watchers_, [](const auto& w) { return w.expired(); });
    prune_watchers_at_ = std::max<size_t>(16, 2 * watchers_.size());
  }
  watchers_.push_back(std::move(watcher));
}

Replica::DeleteResult Replica::delete_records(int64_t offset) {
  if (const ErrorCode error = check_leader(); error != ErrorCode::kNone) return {error, -1};
  if (!log_->config().cleanup_delete) return {ErrorCode::kPolicyViolation, -1};
  const int64_t to = offset == -1 ? core_.high_watermark() : offset;
  if (to < 0 || to > core_.high_watermark()) return {ErrorCode::kOffsetOutOfRange, -1};
  if (to > log_->log_start_offset()) {
    const absl::Status status = log_->advance_log_start(to);
    if (!status.ok()) {
      fail(status);
      return {ErrorCode::kKafkaStorageError, -1};
    }
  }
  return {ErrorCode::kNone, log_->log_start_offset()};
}

PartitionLeader::Term Replica::term_of(const PartitionImage& partition) const {
  return {.leader_epoch = partition.leader_epoch,
          .partition_epoch = partition.partition_epoch,
          .replicas = partition.replicas,
          .isr = partition.isr,
          .min_insync_replicas = min_insync_replicas_};
}

absl::Status Replica::become_leader(const PartitionImage& partition) {
  if (offline_ || closed_) {
    return absl::UnavailableError(absl::StrCat(log_->topic_partition().to_string(), " is offline"));
  }
  if (partition.leader_epoch < partition_.leader_epoch) return absl::OkStatus();
  write_put_off();
  partition_ = partition;
  if (partition.leader != options_.broker_id) {
    resign();
    return absl::OkStatus();
  }
  const int64_t now_ms = clock_.wall_ms();
  if (core_.is_leader() && core_.leader_epoch() == partition.leader_epoch) {
    act_on(core_.metadata_changed(term_of(partition), now_ms));
    return absl::OkStatus();
  }
  absl::Status status = log_->health();  // Whoever has lost bytes may not lead.
  status.Update(log_->begin_epoch(partition.leader_epoch));
  if (!status.ok()) {
    fail(status);
    return status;
  }
  const int64_t end = log_->log_end_offset();
  auto outcome = core_.become_leader(term_of(partition), end,
                                     is_write_through() ? log_->durable_offset() : end,
                                     options_.high_watermark, now_ms);
  act_on(outcome);
  // Whoever waits for an earlier epoch's append can not know any more what becomes of it.
  answer_decided();
  // What recovery has read may be in memory only.
  flush_if_due();
  return absl::OkStatus();
}

void Replica::resign() {
  write_put_off();
  core_.resign();
  answer_all(ErrorCode::kNotLeaderOrFollower);
  notify_watchers();
}

void Replica::set_config(const LogConfig& log, const Durability& durability,
                         int32_t min_insync_replicas) {
  log_->set_config(log);
  durability_ = durability;
  min_insync_replicas_ = min_insync_replicas;
  if (!core_.is_leader()) return;
  act_on(core_.metadata_changed(term_of(partition_), clock_.wall_ms()));
  if (!is_write_through()) act_on(core_.durable(log_->log_end_offset()));
  flush_if_due();
}

void Replica::follower_fetched(int32_t replica, int64_t fetch_offset) {
  act_on(core_.follower_fetched(replica, fetch_offset, clock_.wall_ms()));
}

void Replica::act_on(const PartitionLeader::Outcome& outcome) {
  if (!outcome.high_watermark_moved) return;
  answer_decided();
  notify_watchers();
}

void Replica::answer_decided() {
  for (auto& [last_offset, waiter] : waiters_) {
    if (waiter->answer) continue;
    const auto decided = core_.committed(last_offset, waiter->leader_epoch);
    // In the order of offsets: who comes after the first that has to wait, waits too, unless its
    // epoch is over.
    if (!decided) break;
    waiter->answer = decided;
    waiter->answered.set();
  }
}

void Replica::answer_all(ErrorCode error) {
  for (auto& [last_offset, waiter] : waiters_) {
    if (waiter->answer) continue;
    waiter->answer = error;
    waiter->answered.set();
  }
}

void Replica::notify_watchers() {
  std::vector<std::weak_ptr<Watcher>> watchers;
  watchers.swap(watchers_);
  for (const auto& weak : watchers) {
    if (auto watcher = weak.lock()) watcher->notify();
  }
}

void Replica::flush_if_due() {
  if (flush_in_flight_ || offline_ || closed_) return;
  const int64_t unflushed = log_->log_end_offset() - log_->durable_offset();
  if (unflushed <= 0) return;
  if (is_write_through() || unflushed >= durability_.flush_messages) return start_flush();
  if (flush_timer_ || durability_.flush_ms >= INT64_MAX / 1'000'000) return;
  const auto at = clock_.now() + std::chrono::milliseconds(durability_.flush_ms);
  flush_timer_ = clock_.call_at(at, [this](bool) {
    flush_timer_.reset();
    if (!flush_in_flight_ && !offline_ && !closed_) start_flush();
  });
}

void Replica::start_flush() {
  if (flush_timer_) {
    clock_.take(*flush_timer_);
    flush_timer_.reset();
  }
  Log::Dirty dirty = log_->dirty_files();
  flush_in_flight_ = true;
  const int64_t end = dirty.end_offset;
  flusher_.sync(std::move(dirty.files),
                [weak = weak_from_this(), executor = executor_, end](absl::Status status) {
                  asio::post(executor, [weak, end, status = std::move(status)] {
                    if (auto self = weak.lock()) self->flushed(end, status);
                  });
                });
}

void Replica::flushed(int64_t end_offset, const absl::Status& status) {
  flush_in_flight_ = false;
  if (!status.ok()) {
    fail(status);
  } else if (!offline_) {
    log_->mark_durable(end_offset);
    act_on(core_.durable(end_offset));
    flush_if_due();
  }
  if (!flush_in_flight_) flush_ended_.set();
}

void Replica::fail(const absl::Status& status) {
  if (offline_) return;
  offline_ = true;
  core_.resign();
  answer_all(ErrorCode::kKafkaStorageError);
  notify_watchers();
  if (options_.on_storage_failure) options_.on_storage_failure(status);
}

asio::awaitable<void> Replica::until_flushed() {
  while (flush_in_flight_) {
    flush_ended_.reset();
    co_await flush_ended_.wait();
  }
}

asio::awaitable<void> Replica::end() {
  auto self = shared_from_this();
  closed_ = true;
  resign();
  co_await until_flushed();
}

}  // namespace moldau
