// Runs a coordinator core (coordinator_core.h) over a partition that this broker leads.
//
//   submit(event) -> step -> records and answers -> apply -> append -> committed -> Table ->
//   answers
//
// One round at a time: everything that arrives while a round waits for its commit is decided in the
// next one and shares its append. A round's answers are given when its records are committed, so
// nobody is ever told what could still be lost, reads included. If anything goes wrong with a round
// the core is thrown away and made again from the Table and the log.
//
// The term begins with loading: the Table holds the fold of the log up to an offset, the rest of
// the log is folded in. The fold starts again from the log's beginning if the Table's
// - is of another topic, or of another version of the core's state;
// - is not of this log: its offset is out of range, or was written in another leader epoch;
// - is old and behind: compaction may have removed tombstones that it has not seen.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "broker/coordinator_core.h"
#include "broker/coordinator_log.h"
#include "broker/folded_state.h"
#include "protocol/error_code.h"
#include "protocol/record_batch.h"
#include "protocol/records/control_record_type.h"
#include "protocol/records/frame.h"
#include "replication/clock.h"
#include "replication/event.h"
#include "storage/table.h"

#include "absl/status/status.h"

namespace moldau {

struct ReplicatedCoreOptions {
  std::chrono::milliseconds commit_timeout{5000};  // offsets.commit.timeout.ms
  std::chrono::milliseconds retry_backoff{100};    // Before loading again after a failure.
  size_t max_batch_bytes = 1000 * 1000;            // Below the topic's max.message.bytes.
  size_t load_bytes = 5 << 20;                     // offsets.load.buffer.size
  // How long a fold may be behind and still be continued; at most delete.retention.ms.
  std::chrono::milliseconds max_fold_age = std::chrono::hours(12);
  std::function<void(const std::string&)> note;  // One line for the broker's log, or empty.
};

// The answer to an event, or why there is none.
template <class Reply>
struct Submitted {
  ErrorCode error = ErrorCode::kNone;
  Reply reply{};
};

template <class Core>
class ReplicatedCore : public std::enable_shared_from_this<ReplicatedCore<Core>> {
 public:
  using Event = typename Core::Event;
  using Reply = typename Core::Reply;
  using Wakeup = ::moldau::Event;
  using MakeCore = std::function<std::unique_ptr<Core>(FoldedState&)>;

  // Everything on the executor of `clock`. `table` outlives the object; `table_prefix` is this
  // partition's own.
  ReplicatedCore(asio::any_io_executor executor, Clock& clock, std::shared_ptr<CoordinatorLog> log,
                 Table& table, std::string table_prefix, MakeCore make_core,
                 ReplicatedCoreOptions options)
      : executor_(std::move(executor)),
        clock_(clock),
        log_(std::move(log)),
        state_(table, std::move(table_prefix)),
        make_core_(std::move(make_core)),
        options_(std::move(options)),
        leader_epoch_(log_->leader_epoch()),
        work_(clock) {}

  // Begins the term. Held in a shared_ptr, which the term shares.
  void start() {
    asio::co_spawn(
        executor_, [self = this->shared_from_this()] { return self->run(); }, asio::detached);
  }

  // Ends the term: everybody who waits is told NOT_COORDINATOR.
  void stop() {
    if (is_stopped_) return;
    is_stopped_ = true;
    answer_all(ErrorCode::kNotCoordinator);
    for (auto* waiting : std::exchange(until_loaded_, {})) waiting->set();
    work_.set();
  }

  bool is_stopped() const { return is_stopped_; }
  bool is_loading() const { return !core_; }
  int32_t leader_epoch() const { return leader_epoch_; }

  // True if the core serves, false if it does not yet at the deadline or was stopped.
  asio::awaitable<bool> loaded(Clock::Time deadline) {
    auto self = this->shared_from_this();
    while (is_loading() && !is_stopped_ && clock_.now() < deadline) {
      Wakeup done(clock_);
      until_loaded_.push_back(&done);
      co_await done.wait_until(deadline);
      std::erase(until_loaded_, &done);
    }
    co_return !is_loading() && !is_stopped_;
  }

  // Errors: COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE (the log did
  // not take it, or not in time: the outcome is unknown), MESSAGE_TOO_LARGE (a record that no batch
  // holds; nothing was done).
  template <class E>
  asio::awaitable<Submitted<typename E::Reply>> submit(E event) {
    using Result = Submitted<typename E::Reply>;
    auto self = this->shared_from_this();
    if (is_stopped_) co_return Result{.error = ErrorCode::kNotCoordinator};
    if (is_loading()) co_return Result{.error = ErrorCode::kCoordinatorLoadInProgress};
    auto waiting = std::make_shared<Waiting>(clock_);
    const Ticket ticket = ++last_ticket_;
    waiting_.emplace(ticket, waiting);
    queue_.push_back({ticket, clock_.now() + options_.commit_timeout, Event(std::move(event))});
    work_.set();
    co_await waiting->done.wait();
    if (!waiting->reply) co_return Result{.error = waiting->error};
    co_return Result{.reply = std::get<typename E::Reply>(*std::move(waiting->reply))};
  }

 private:
  struct Waiting {
    explicit Waiting(Clock& clock) : done(clock) {}
    Wakeup done;
    ErrorCode error = ErrorCode::kNone;
    std::optional<Reply> reply;
  };
  struct Queued {
    Ticket ticket;
    Clock::Time deadline;
    Event event;
  };
  struct Round {
    std::string batches;
    std::vector<typename Outcome<Reply>::Answer> answers;
    std::vector<Ticket> tickets;  // Whose events were decided in it.
    bool is_lost = false;         // The core may hold what the log can not take.
  };

  Time now() const {
    using std::chrono::duration_cast, std::chrono::milliseconds;
    return {.wall_ms = clock_.wall_ms(),
            .steady_ms = duration_cast<milliseconds>(clock_.now().time_since_epoch()).count()};
  }

  void note(const std::string& line) const {
    if (options_.note) options_.note(line);
  }

  asio::awaitable<void> run() {
    auto self = this->shared_from_this();
    while (!is_stopped_) {
      const absl::Status loaded = co_await load();
      if (loaded.ok() && !is_stopped_) co_await serve();
      core_.reset();
      state_.discard();
      if (is_stopped_) break;
      if (!loaded.ok()) note("could not load: " + std::string(loaded.message()));
      answer_all(ErrorCode::kCoordinatorNotAvailable);
      co_await sleep_until(clock_, clock_.now() + options_.retry_backoff);
    }
  }

  // --- Loading
  // ------------------------------------------------------------------------------------

  asio::awaitable<absl::Status> load() {
    const int64_t end = log_->log_end_offset();
    const absl::Status settled = co_await wait_until_committed(end - 1);
    if (!settled.ok()) co_return settled;
    int64_t offset = 0;
    if (auto status = find_start(end, offset); !status.ok()) co_return status;
    auto core = make_core_(state_);
    while (offset < end && !is_stopped_) {
      auto chunk = co_await log_->read(offset, end, options_.load_bytes);
      if (!chunk.ok()) co_return chunk.status();
      if (chunk->next_offset <= offset) co_return absl::DataLossError("the log can not be read");
      if (auto status = fold_in(*core, chunk->batches); !status.ok()) co_return status;
      offset = chunk->next_offset;
      if (is_stopped_) break;
      if (auto status = commit_state(offset); !status.ok()) co_return status;
    }
    if (is_stopped_) co_return absl::CancelledError("the term ended");
    core->begin(now());
    if (!state_.status().ok()) co_return state_.status();
    core_ = std::move(core);
    for (auto* waiting : std::exchange(until_loaded_, {})) waiting->set();
    co_return absl::OkStatus();
  }

  asio::awaitable<absl::Status> wait_until_committed(int64_t last_offset) {
    while (last_offset >= log_->log_start_offset()) {
      const auto deadline = clock_.now() + options_.commit_timeout;
      const ErrorCode error = co_await log_->committed(last_offset, leader_epoch_, deadline);
      if (is_stopped_) co_return absl::CancelledError("the term ended");
      if (error == ErrorCode::kNone) break;
      if (error == ErrorCode::kRequestTimedOut) continue;
      end_term_after(error);
      co_return absl::UnavailableError(name(error));
    }
    co_return absl::OkStatus();
  }

  // Where the fold goes on; clears the state if it has to start again.
  absl::Status find_start(int64_t end, int64_t& offset) {
    const auto position = state_.position();
    offset = log_->log_start_offset();
    if (position && continues(*position, end)) {
      offset = position->end_offset;
      return absl::OkStatus();
    }
    if (position) note("folding the log again from offset " + std::to_string(offset));
    return state_.clear();
  }

  bool continues(const FoldedState::Position& position, int64_t end) const {
    if (position.version != Core::kStateVersion || position.topic_id != log_->topic_id())
      return false;
    if (position.end_offset < log_->log_start_offset() || position.end_offset > end) return false;
    if (position.end_offset > log_->log_start_offset() &&
        log_->epoch_at(position.end_offset - 1) != position.leader_epoch)
      return false;
    return position.end_offset == end ||
           clock_.wall_ms() - position.folded_at_ms < options_.max_fold_age.count();
  }

  absl::Status fold_in(Core& core, Bytes batches) {
    absl::Status status;
    const auto walked = for_each_batch(batches, [&](const BatchHeader& header, Bytes batch) {
      status = for_each_record(batch, [&](const Record& record) {
        if (header.is_control()) {
          fold_in_marker(core, header, record);
        } else if (record.key) {
          core.apply(to_coordinator_record(header, record));
        }
        return true;
      });
      return status.ok();
    });
    status.Update(walked);
    status.Update(state_.status());
    return status;
  }

  static CoordinatorRecord to_coordinator_record(const BatchHeader& header, const Record& record) {
    CoordinatorRecord out{.key = std::string(as_text(*record.key))};
    if (record.value) out.value = std::string(as_text(*record.value));
    if (header.is_transactional()) out.producer_id = header.producer_id;
    return out;
  }

  // The key of a control record is version:int16 type:int16; types 0 and 1 end a transaction.
  static void fold_in_marker(Core& core, const BatchHeader& header, const Record& record) {
    if (!header.is_transactional() || !record.key || record.key->size() < 4) return;
    const auto type = read_int16_prefix(record.key->subspan(2));
    constexpr int16_t kAbort = 0, kCommit = 1;
    if (*type == kAbort || *type == kCommit)
      core.end_transaction(header.producer_id, *type == kCommit);
  }

  absl::Status commit_state(int64_t end_offset) {
    return state_.commit({.version = Core::kStateVersion,
                          .topic_id = log_->topic_id(),
                          .end_offset = end_offset,
                          .leader_epoch = log_->epoch_at(end_offset - 1),
                          .folded_at_ms = clock_.wall_ms()});
  }

  // --- Serving
  // ------------------------------------------------------------------------------------

  // Until the term ends or a round fails.
  asio::awaitable<void> serve() {
    while (!is_stopped_) {
      if (queue_.empty() && !is_wake_due()) {
        co_await work_.wait_until(wake_time());
        continue;
      }
      Round round = decide();
      if (!state_.status().ok()) {
        note("the folded state can not be read: " + std::string(state_.status().message()));
        co_return;
      }
      if (!round.batches.empty()) {
        const bool is_committed = co_await commit(round);
        if (!is_committed) co_return;
      }
      for (auto& answer : round.answers) answer_one(answer.ticket, std::move(answer.reply));
      if (round.is_lost) co_return;
    }
  }

  Clock::Time wake_time() const {
    const auto at = core_->wake_at();
    return at ? Clock::Time(std::chrono::milliseconds(*at)) : Clock::kNever;
  }
  bool is_wake_due() const { return wake_time() <= clock_.now(); }

  // Decides what has arrived, up to about a batch of records. What came in counts before time does:
  // a heartbeat that waited for a slow round is in time.
  Round decide() {
    Round round;
    std::vector<CoordinatorRecord> records;
    size_t bytes = 0;
    const auto may_go_on = [&] {
      return bytes < options_.max_batch_bytes && state_.status().ok() && !round.is_lost;
    };
    while (!queue_.empty() && may_go_on()) {
      Queued next = std::move(queue_.front());
      queue_.pop_front();
      round.tickets.push_back(next.ticket);
      take(core_->step(next.ticket, next.event, now()), next.ticket, round, records, bytes);
    }
    if (is_wake_due() && may_go_on()) take(core_->wake(now()), std::nullopt, round, records, bytes);
    close_batch(round, records);
    return round;
  }

  // The records of one outcome stay in one batch if one can hold them.
  void take(Outcome<Reply> outcome, std::optional<Ticket> ticket, Round& round,
            std::vector<CoordinatorRecord>& batch, size_t& bytes) {
    size_t more = 0, largest = 0;
    for (const auto& record : outcome.records) {
      more += size_in_batch(record);
      largest = std::max(largest, size_in_batch(record));
    }
    if (largest > options_.max_batch_bytes) {
      note("a record of " + std::to_string(largest) + " bytes is larger than a batch may be");
      if (ticket) answer_one(*ticket, ErrorCode::kMessageTooLarge);
      round.is_lost = true;
      return;
    }
    if (bytes + more > options_.max_batch_bytes) close_batch(round, batch);
    bytes += more;
    size_t in_batch = 0;
    for (auto& record : outcome.records) {
      const size_t size = size_in_batch(record);
      if (more > options_.max_batch_bytes && in_batch + size > options_.max_batch_bytes) {
        close_batch(round, batch);
        in_batch = 0;
      }
      in_batch += size;
      core_->apply(record);
      batch.push_back(std::move(record));
    }
    std::ranges::move(outcome.answers, std::back_inserter(round.answers));
  }

  static size_t size_in_batch(const CoordinatorRecord& record) {
    constexpr size_t kMaxRecordOverhead = 30;
    return kMaxRecordOverhead + record.key.size() + (record.value ? record.value->size() : 0);
  }

  void close_batch(Round& round, std::vector<CoordinatorRecord>& records) const {
    if (records.empty()) return;
    BatchBuilder builder({});
    const int64_t now_ms = clock_.wall_ms();
    for (const auto& record : records) {
      std::optional<Bytes> value;
      if (record.value) value = as_bytes(*record.value);
      builder.add(now_ms, as_bytes(record.key), value);
    }
    round.batches += builder.build();
    records.clear();
  }

  // Appends the round and waits for it. False: the core may hold what the log does not.
  asio::awaitable<bool> commit(Round& round) {
    const MutableBytes batches{reinterpret_cast<uint8_t*>(round.batches.data()),
                               round.batches.size()};
    const AppendResult appended = log_->append(batches, clock_.wall_ms());
    if (appended.error != ErrorCode::kNone) {
      note(std::string("the log refused a round: ") + name(appended.error));
      answer_round(round, to_client(appended.error));
      end_term_after(appended.error);
      co_return false;
    }
    for (;;) {
      const auto deadline = clock_.now() + options_.commit_timeout;
      const ErrorCode error =
          co_await log_->committed(appended.last_offset, leader_epoch_, deadline);
      if (is_stopped_) co_return false;
      if (error == ErrorCode::kNone) break;
      answer_round(round, to_client(error));
      end_term_after(error);
      if (error != ErrorCode::kRequestTimedOut) co_return false;
      answer_overdue();  // The round is in the log and may be committed yet: nothing overtakes it.
    }
    const absl::Status status = commit_state(appended.last_offset + 1);
    if (!status.ok()) note("the folded state can not be written: " + std::string(status.message()));
    if (!status.ok()) answer_round(round, ErrorCode::kCoordinatorNotAvailable);
    co_return status.ok();
  }

  // Nothing can be appended to this log any more: trying again would be in vain.
  void end_term_after(ErrorCode error) {
    if (error == ErrorCode::kNotLeaderOrFollower || error == ErrorCode::kKafkaStorageError) stop();
  }

  static ErrorCode to_client(ErrorCode error) {
    switch (error) {
      case ErrorCode::kNotLeaderOrFollower:
      case ErrorCode::kKafkaStorageError:
        return ErrorCode::kNotCoordinator;
      case ErrorCode::kMessageTooLarge:
      case ErrorCode::kRecordListTooLarge:
        return ErrorCode::kMessageTooLarge;
      default:
        return ErrorCode::kCoordinatorNotAvailable;
    }
  }

  // --- Answers
  // ------------------------------------------------------------------------------------

  void answer_one(Ticket ticket, std::variant<ErrorCode, Reply> answer) {
    const auto it = waiting_.find(ticket);
    if (it == waiting_.end()) return;  // Told already that it takes too long.
    auto waiting = std::move(it->second);
    waiting_.erase(it);
    if (auto* reply = std::get_if<Reply>(&answer)) {
      waiting->reply = std::move(*reply);
    } else {
      waiting->error = std::get<ErrorCode>(answer);
    }
    waiting->done.set();
  }

  void answer_round(const Round& round, ErrorCode error) {
    for (const Ticket ticket : round.tickets) answer_one(ticket, error);
  }

  void answer_overdue() {
    while (!queue_.empty() && queue_.front().deadline <= clock_.now()) {
      answer_one(queue_.front().ticket, ErrorCode::kCoordinatorNotAvailable);
      queue_.pop_front();
    }
  }

  void answer_all(ErrorCode error) {
    queue_.clear();
    while (!waiting_.empty()) answer_one(waiting_.begin()->first, error);
  }

  asio::any_io_executor executor_;
  Clock& clock_;
  const std::shared_ptr<CoordinatorLog> log_;
  FoldedState state_;
  const MakeCore make_core_;
  const ReplicatedCoreOptions options_;
  const int32_t leader_epoch_;

  std::unique_ptr<Core> core_;  // While serving.
  bool is_stopped_ = false;
  Ticket last_ticket_ = 0;
  std::deque<Queued> queue_;                            // In the order of arrival; not decided yet.
  std::map<Ticket, std::shared_ptr<Waiting>> waiting_;  // Not answered yet.
  Wakeup work_;
  std::vector<Wakeup*> until_loaded_;
};

}  // namespace moldau
