#include "replication/metadata_log.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "replication/event.h"
#include "replication/metadata/kraft_batch.h"
#include "replication/quorum_state.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr const char* kLogName = "__cluster_metadata";
constexpr const char* kQuorumState = "quorum-state";
constexpr const char* kBootstrap = "bootstrap.checkpoint";
constexpr const char* kSnapshotSuffix = ".checkpoint";
constexpr size_t kReplayBytes = 1 << 20;
// Of one batch when the records do not have to stay together; and of proposals in one round.
constexpr size_t kBatchRecords = 1000;
constexpr size_t kProposalsPerRound = 1000;

using SnapshotId = MetadataLog::SnapshotId;

std::string snapshot_name(const SnapshotId& id) {
  char name[64];
  std::snprintf(name, sizeof(name), "%020" PRId64 "-%010" PRId32 "%s", id.end_offset, id.epoch,
                kSnapshotSuffix);
  return name;
}

std::optional<SnapshotId> parse_snapshot_name(const std::string& name) {
  SnapshotId id;
  if (name.size() != 42 || name[20] != '-' || !name.ends_with(kSnapshotSuffix) ||
      !absl::SimpleAtoi(name.substr(0, 20), &id.end_offset) ||
      !absl::SimpleAtoi(name.substr(21, 10), &id.epoch)) {
    return std::nullopt;
  }
  return id;
}

class LocalQuorum final : public MetadataLog {
 public:
  LocalQuorum(asio::any_io_executor executor, Disk& disk, Flusher& flusher, Options options)
      : executor_(std::move(executor)),
        disk_(disk),
        flusher_(flusher),
        options_(std::move(options)),
        clock_(*options_.clock),
        path_(absl::StrCat(options_.directory, "/", kLogName, "-0")),
        controller_(options_.controller) {}

  absl::Status open();

  std::shared_ptr<const ClusterImage> image() const override {
    return std::atomic_load(&committed_);
  }
  void subscribe(Subscriber subscriber) override { subscribers_.push_back(std::move(subscriber)); }
  int32_t leader_epoch() const override { return epoch_; }
  int64_t log_start_offset() const override { return log_->log_start_offset(); }
  int64_t log_end_offset() const override { return log_->log_end_offset(); }
  int64_t high_watermark() const override { return log_->durable_offset(); }
  std::optional<SnapshotId> latest_snapshot() const override {
    if (snapshots_.empty()) return std::nullopt;
    return snapshots_.rbegin()->first;
  }
  const std::vector<std::string>& notes() const override { return notes_; }

  asio::awaitable<absl::Status> snapshot() override {
    auto proposal = std::make_shared<Proposal>();
    proposal->kind = Proposal::Kind::kSnapshot;
    absl::Status status = co_await submit(proposal);
    co_return status;
  }
  asio::awaitable<absl::Status> close() override {
    auto proposal = std::make_shared<Proposal>();
    proposal->kind = Proposal::Kind::kClose;
    absl::Status status = co_await submit(proposal);
    co_return status;
  }

 protected:
  asio::awaitable<absl::Status> submit(std::shared_ptr<Proposal> proposal) override;

 private:
  struct SnapshotFile {
    uint64_t bytes = 0;
    int64_t last_contained_ms = kNoTimestamp;
  };
  // A proposal and who waits for it. Not in one object, which the waiter's coroutine holds: the two
  // would keep each other alive.
  struct Entry {
    std::shared_ptr<Proposal> proposal;
    absl::AnyInvocable<void(absl::Status)> done;
  };
  // One round of proposals, from being decided to being answered.
  struct Round {
    std::vector<Entry> changes;  // To be answered when the round is committed.
    std::vector<Entry> snapshots;
    std::optional<Entry> close;
    std::vector<MetadataRecord> records;
  };

  // Opening, in this order.
  absl::StatusOr<MetadataReplay> load_snapshots();
  absl::Status open_log(int64_t from);
  absl::Status replay_log(MetadataReplay& replay);
  absl::Status check_voters(const QuorumRules& rules) const;
  absl::Status begin_epoch(int32_t after);
  absl::Status write_first_snapshot();
  absl::Status append_opening(bool is_new, bool abort_transaction);
  absl::Status append_bootstrap();
  absl::Status sync_now();

  int64_t append_bytes(std::string batch, absl::Status& status);
  absl::Status append_control(std::span<const ControlRecord> records);
  absl::Status append_records(std::span<const MetadataRecord> records, bool atomic);

  void enqueue(Entry entry);
  asio::awaitable<void> run();
  void decide(Entry entry, Round& round);
  asio::awaitable<void> commit(Round& round);
  asio::awaitable<absl::Status> flush();
  asio::awaitable<void> publish(const Round& round);
  bool is_snapshot_due() const;
  asio::awaitable<absl::Status> take_snapshot();
  asio::awaitable<void> remove_needless();
  asio::awaitable<absl::Status> close_log();
  void fail(const absl::Status& status);

  std::string path_of(const std::string& name) const { return absl::StrCat(path_, "/", name); }

  const asio::any_io_executor executor_;
  Disk& disk_;
  Flusher& flusher_;
  const Options options_;
  Clock& clock_;
  const std::string path_;

  std::unique_ptr<Log> log_;
  Controller controller_;
  QuorumRules rules_;
  int32_t epoch_ = 0;
  std::map<SnapshotId, SnapshotFile> snapshots_;
  uint64_t bytes_since_snapshot_ = 0;
  int64_t snapshot_ms_ = 0;
  int64_t last_append_ms_ = 0;
  std::vector<std::string> notes_;

  std::shared_ptr<const ClusterImage> committed_;  // Swapped atomically: image() is for any thread.
  std::vector<Subscriber> subscribers_;
  std::deque<Entry> queue_;
  bool is_running_ = false;
  absl::Status refusal_;  // Why nothing can be changed any more.
};

absl::Status LocalQuorum::open() {
  if (absl::Status status = disk_.make_directories(path_); !status.ok()) return status;
  absl::StatusOr<MetadataReplay> replay = load_snapshots();
  if (!replay.ok()) return replay.status();
  const int64_t from = replay->image().offset() + 1;
  absl::Status status = open_log(from);
  if (!status.ok()) return status;
  const bool is_new = log_->log_end_offset() == 0;
  status = replay_log(*replay);
  if (!status.ok()) return status;
  if (status = check_voters(replay->rules()); !status.ok()) return status;

  const bool abort_transaction = replay->is_in_transaction();
  replay->abort_open_transaction();
  rules_ = replay->rules();
  const int32_t last_epoch = std::max(replay->image().epoch(), log_->latest_epoch());
  controller_.load(std::move(replay->image()));
  snapshot_ms_ = clock_.wall_ms();
  status = begin_epoch(last_epoch);
  if (status.ok() && is_new && snapshots_.empty()) status = write_first_snapshot();
  if (status.ok()) status = append_opening(is_new, abort_transaction);
  if (status.ok() && controller_.image().feature(kMetadataVersionFeature) == 0) {
    status = append_bootstrap();
  }
  if (status.ok()) status = sync_now();
  if (!status.ok()) return status;
  committed_ = std::make_shared<const ClusterImage>(controller_.image());
  return absl::OkStatus();
}

// The newest snapshot that can be read; those that were not finished go.
absl::StatusOr<MetadataReplay> LocalQuorum::load_snapshots() {
  absl::StatusOr<std::vector<std::string>> names = disk_.list(path_);
  if (!names.ok()) return names.status();
  for (const auto& name : *names) {
    if (name.ends_with(".part") || name.ends_with(".deleted")) {
      if (absl::Status status = disk_.remove(path_of(name)); !status.ok()) return status;
    } else if (const auto id = parse_snapshot_name(name)) {
      snapshots_[*id] = {};
    }
  }
  std::optional<Snapshot> newest;
  for (auto it = snapshots_.rbegin(); it != snapshots_.rend(); ++it) {
    const auto& [id, file] = *it;
    absl::StatusOr<std::string> bytes = disk_.read_file(path_of(snapshot_name(id)));
    if (!bytes.ok()) return bytes.status();
    absl::StatusOr<Snapshot> snapshot = decode_snapshot(as_bytes(*bytes), id.end_offset, id.epoch);
    if (!snapshot.ok()) {
      notes_.push_back(absl::StrCat("snapshot ", snapshot_name(id), " can not be used: ",
                                    std::string(snapshot.status().message())));
      continue;
    }
    it->second = {.bytes = bytes->size(),
                  .last_contained_ms = snapshot->last_contained_log_timestamp_ms};
    if (!newest) newest = *std::move(snapshot);
  }
  std::erase_if(snapshots_, [](const auto& s) { return s.second.bytes == 0; });
  if (!newest) return MetadataReplay();
  return MetadataReplay(std::move(newest->image), std::move(newest->rules));
}

absl::Status LocalQuorum::open_log(int64_t from) {
  Log::OpenOptions options{.directory = path_,
                           .topic_partition = {kLogName, 0},
                           .topic_id = kMetadataTopicId,
                           // Nothing is snapshotted before it is durable.
                           .recovery_point = from,
                           .now_ms = clock_.wall_ms()};
  options.config.segment_bytes = options_.segment_bytes;
  options.config.segment_ms = options_.segment_ms;
  options.config.max_message_bytes = options_.segment_bytes;
  options.config.retention_ms = -1;
  absl::StatusOr<std::unique_ptr<Log>> log = Log::open(disk_, std::move(options));
  if (!log.ok()) return log.status();
  log_ = *std::move(log);
  if (!log_->health().ok()) return log_->health();
  const auto& found = log_->recovery_report().notes;
  notes_.insert(notes_.end(), found.begin(), found.end());
  if (log_->log_end_offset() < from || log_->log_start_offset() > from) {
    return absl::DataLossError(absl::StrCat(
        path_, ": the log holds offsets ", log_->log_start_offset(), " to ", log_->log_end_offset(),
        ", but the last snapshot that can be read ends at ", from));
  }
  return absl::OkStatus();
}

absl::Status LocalQuorum::replay_log(MetadataReplay& replay) {
  int64_t offset = replay.image().offset() + 1;
  const int64_t end = log_->log_end_offset();
  while (offset < end) {
    absl::StatusOr<ReadBytes> bytes = log_->read(offset, end, kReplayBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->next_offset <= offset) {
      return absl::DataLossError(absl::StrCat(path_, ": nothing to read at offset ", offset));
    }
    absl::Status bad;
    absl::Status status =
        for_each_batch(bytes->batches, [&](const BatchHeader& header, Bytes batch) {
          if (header.last_offset() < offset) return true;  // In the snapshot already.
          last_append_ms_ = std::max(last_append_ms_, header.max_timestamp);
          bytes_since_snapshot_ += batch.size();
          bad = replay.apply(header, batch);
          // Kafka does not stop for a record about something that is gone; nor do we.
          if (absl::IsFailedPrecondition(bad)) {
            notes_.emplace_back(bad.message());
            bad = absl::OkStatus();
          }
          return bad.ok();
        });
    status.Update(bad);
    if (!status.ok()) return status;
    offset = bytes->next_offset;
  }
  return absl::OkStatus();
}

absl::Status LocalQuorum::check_voters(const QuorumRules& rules) const {
  if (!rules.voters) return absl::OkStatus();
  const auto& all = rules.voters->voters;
  if (all.size() == 1 && all.front().voter_id == options_.controller.node_id) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path_, ": the metadata quorum has ", all.size(),
                   " voters; only a quorum of this node alone can be led here"));
}

// A new epoch is on disk before anything is said in it.
absl::Status LocalQuorum::begin_epoch(int32_t after) {
  const std::string path = path_of(kQuorumState);
  QuorumState state;
  if (disk_.exists(path)) {
    absl::StatusOr<std::string> json = disk_.read_file(path);
    if (!json.ok()) return json.status();
    absl::StatusOr<QuorumState> decoded = decode_quorum_state(*json);
    if (!decoded.ok()) return decoded.status();
    state = *decoded;
  }
  epoch_ = std::max(after, state.leader_epoch) + 1;
  state = {.leader_id = options_.controller.node_id, .leader_epoch = epoch_};
  const std::string json = encode_quorum_state(state);
  if (absl::Status status = disk_.write_file(path, as_bytes(json)); !status.ok()) return status;
  return log_->begin_epoch(epoch_);
}

// What formatting leaves: who the voters are, before the first record.
absl::Status LocalQuorum::write_first_snapshot() {
  VotersRecord record;
  auto& voter = record.voters.emplace_back();
  voter.voter_id = options_.controller.node_id;
  voter.voter_directory_id = options_.directory_id;
  for (const auto& e : options_.endpoints) voter.endpoints.push_back({e.name, e.host, e.port});
  voter.kraft_version_feature.max_supported_version = 1;
  rules_ = {.kraft_version = 1, .voters = std::move(record)};
  const int64_t now_ms = clock_.wall_ms();
  const SnapshotId id{.end_offset = 0, .epoch = 0};
  const std::string file = encode_snapshot(ClusterImage(), rules_, now_ms, now_ms);
  snapshots_[id] = {.bytes = file.size(), .last_contained_ms = now_ms};
  return disk_.write_file(path_of(snapshot_name(id)), as_bytes(file));
}

absl::Status LocalQuorum::append_opening(bool is_new, bool abort_transaction) {
  std::vector<ControlRecord> opening{leader_change(options_.controller.node_id)};
  if (is_new && rules_.kraft_version > 0) {
    opening.push_back(kraft_version(rules_.kraft_version));
    if (rules_.voters) opening.push_back(voters(*rules_.voters));
  }
  if (absl::Status status = append_control(opening); !status.ok()) return status;
  if (!abort_transaction) return absl::OkStatus();
  notes_.emplace_back("a metadata transaction that was not finished has been aborted");
  AbortTransactionRecord abort;
  abort.reason = "The controller restarted within the transaction";
  const MetadataRecord record = std::move(abort);
  return append_records({&record, 1}, true);
}

absl::Status LocalQuorum::append_bootstrap() {
  const std::string path = absl::StrCat(options_.directory, "/", kBootstrap);
  if (disk_.exists(path)) {
    absl::StatusOr<std::string> file = disk_.read_file(path);
    if (!file.ok()) return file.status();
    absl::StatusOr<BootstrapRecords> formatted = decode_bootstrap(as_bytes(*file));
    if (!formatted.ok()) return formatted.status();
    if (!formatted->records.empty()) return append_records(formatted->records, true);
  }
  std::vector<MetadataRecord> records;
  for (const auto& [name, level] : options_.bootstrap_features) {
    FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records.emplace_back(std::move(record));
  }
  records.insert(records.end(), options_.bootstrap_records.begin(),
                 options_.bootstrap_records.end());
  return append_records(records, true);
}

absl::Status LocalQuorum::sync_now() {
  const Log::Dirty dirty = log_->dirty_files();
  for (const auto& unsynced : dirty.files) {
    if (absl::Status status = unsynced.file->sync(); !status.ok()) return status;
  }
  log_->mark_durable(dirty.end_offset);
  return disk_.sync_directory(path_);
}

// The last offset, -1 if it failed.
int64_t LocalQuorum::append_bytes(std::string batch, absl::Status& status) {
  const MutableBytes bytes{reinterpret_cast<uint8_t*>(batch.data()), batch.size()};
  last_append_ms_ = clock_.wall_ms();
  const AppendResult result = log_->append(
      bytes,
      {.leader_epoch = epoch_, .origin = AppendOrigin::kReplication, .now_ms = last_append_ms_});
  if (result.error != ErrorCode::kNone) {
    status = absl::UnavailableError(
        absl::StrCat("append to ", path_, ": ", name(result.error), " ", result.error_message));
    return -1;
  }
  bytes_since_snapshot_ += batch.size();
  return log_->log_end_offset() - 1;
}

absl::Status LocalQuorum::append_control(std::span<const ControlRecord> records) {
  absl::Status status;
  const BatchPosition at{log_->log_end_offset(), epoch_, clock_.wall_ms()};
  const int64_t last = append_bytes(control_batch(at, records), status);
  if (status.ok()) status = controller_.apply({}, last, epoch_);
  return status;
}

absl::Status LocalQuorum::append_records(std::span<const MetadataRecord> records, bool atomic) {
  absl::Status status;
  while (!records.empty() && status.ok()) {
    const auto batch =
        records.first(atomic ? records.size() : std::min(records.size(), kBatchRecords));
    const BatchPosition at{log_->log_end_offset(), epoch_, clock_.wall_ms()};
    const int64_t last = append_bytes(metadata_batch(at, batch), status);
    if (status.ok()) status = controller_.apply(batch, last, epoch_);
    records = records.subspan(batch.size());
  }
  return status;
}

asio::awaitable<absl::Status> LocalQuorum::submit(std::shared_ptr<Proposal> proposal) {
  auto start = [this, proposal](auto handler) {
    Entry entry{proposal, [handler = std::move(handler)](absl::Status status) mutable {
                  auto home = asio::get_associated_executor(handler);
                  asio::post(home,
                             [handler = std::move(handler), status = std::move(status)]() mutable {
                               std::move(handler)(std::move(status));
                             });
                }};
    asio::post(executor_,
               [this, entry = std::move(entry)]() mutable { enqueue(std::move(entry)); });
  };
  absl::Status status =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(absl::Status)>(
          start, asio::use_awaitable);
  co_return status;
}

void LocalQuorum::enqueue(Entry entry) {
  queue_.push_back(std::move(entry));
  if (is_running_) return;
  is_running_ = true;
  asio::co_spawn(executor_, run(), asio::detached);
}

asio::awaitable<void> LocalQuorum::run() {
  while (!queue_.empty()) {
    Round round;
    for (size_t i = 0; i < kProposalsPerRound && !queue_.empty() && !round.close; ++i) {
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      decide(std::move(entry), round);
    }
    co_await commit(round);
  }
  is_running_ = false;
}

void LocalQuorum::decide(Entry entry, Round& round) {
  if (!refusal_.ok()) return entry.done(refusal_);
  Proposal& proposal = *entry.proposal;
  if (proposal.kind == Proposal::Kind::kSnapshot) {
    round.snapshots.push_back(std::move(entry));
    return;
  }
  if (proposal.kind == Proposal::Kind::kClose) {
    round.close = std::move(entry);
    return;
  }
  if (proposal.deadline != Deadline::max() && proposal.deadline <= clock_.now()) {
    return entry.done(absl::DeadlineExceededError("not decided in time; nothing has changed"));
  }
  controller_.set_next_offset(log_->log_end_offset());
  Records decided = proposal.decide(controller_, clock_.wall_ms());
  round.changes.push_back(std::move(entry));
  if (decided.records.empty()) return;
  const int64_t before = log_->log_end_offset();
  absl::Status status = append_records(decided.records, decided.atomic);
  const auto appended = static_cast<ptrdiff_t>(log_->log_end_offset() - before);
  round.records.insert(round.records.end(), decided.records.begin(),
                       decided.records.begin() + appended);
  if (status.ok()) return;
  if (absl::IsFailedPrecondition(status)) return fail(status);  // The controller is at fault.
  // The disk is full, perhaps: what is not in the log did not happen.
  round.changes.back().done(status);
  round.changes.pop_back();
}

asio::awaitable<void> LocalQuorum::commit(Round& round) {
  if (refusal_.ok() && !round.records.empty()) {
    absl::Status flushed = co_await flush();
    if (!flushed.ok()) fail(flushed);
  }
  const bool is_committed = refusal_.ok();
  if (is_committed && !round.records.empty()) co_await publish(round);
  for (auto& entry : round.changes) entry.done(refusal_);
  if (is_committed && (is_snapshot_due() || !round.snapshots.empty())) {
    absl::Status status = co_await take_snapshot();
    if (!status.ok()) notes_.push_back(absl::StrCat("snapshot: ", std::string(status.message())));
    for (auto& entry : round.snapshots) entry.done(status);
  } else {
    for (auto& entry : round.snapshots) entry.done(refusal_);
  }
  if (round.close) {
    absl::Status status = co_await close_log();
    refusal_ = absl::UnavailableError("the metadata log is closed");
    round.close->done(status);
  }
}

asio::awaitable<absl::Status> LocalQuorum::flush() {
  struct Flushed {
    absl::Status status;
  };
  auto event = std::make_shared<SharedEvent>(executor_, clock_);
  auto flushed = std::make_shared<Flushed>();
  Log::Dirty dirty = log_->dirty_files();
  const int64_t end = dirty.end_offset;
  flusher_.sync(std::move(dirty.files), [event, flushed](absl::Status status) {
    flushed->status = std::move(status);
    event->set();
  });
  auto was_set = co_await event->wait_until(Clock::kNever);
  static_cast<void>(was_set);
  if (flushed->status.ok()) log_->mark_durable(end);
  co_return flushed->status;
}

asio::awaitable<void> LocalQuorum::publish(const Round& round) {
  auto now = std::make_shared<const ClusterImage>(controller_.image());
  auto delta = std::make_shared<const MetadataDelta>(delta_of(*committed_, round.records, *now));
  std::atomic_store(&committed_, now);
  for (size_t i = 0; i < subscribers_.size(); ++i) co_await subscribers_[i](now, delta);
}

bool LocalQuorum::is_snapshot_due() const {
  if (static_cast<int64_t>(bytes_since_snapshot_) >= options_.max_bytes_between_snapshots) {
    return true;
  }
  return options_.max_snapshot_interval_ms > 0 && bytes_since_snapshot_ > 0 &&
         clock_.wall_ms() - snapshot_ms_ >= options_.max_snapshot_interval_ms;
}

asio::awaitable<absl::Status> LocalQuorum::take_snapshot() {
  const SnapshotId id{.end_offset = committed_->offset() + 1, .epoch = committed_->epoch()};
  bytes_since_snapshot_ = 0;
  snapshot_ms_ = clock_.wall_ms();
  if (snapshots_.contains(id)) co_return absl::OkStatus();
  SnapshotFile file{.last_contained_ms = last_append_ms_};
  auto write = [this, id, &file, image = committed_, now_ms = snapshot_ms_] {
    const std::string bytes = encode_snapshot(*image, rules_, file.last_contained_ms, now_ms);
    file.bytes = bytes.size();
    return disk_.write_file(path_of(snapshot_name(id)), as_bytes(bytes));
  };
  absl::Status status = co_await run_on(options_.blocking, write);
  if (!status.ok()) co_return status;
  snapshots_[id] = file;
  co_await remove_needless();
  co_return absl::OkStatus();
}

// Keeps the newest snapshot, and what is above it in the log; the rest goes when there is too much
// of it or it is too old, oldest first.
asio::awaitable<void> LocalQuorum::remove_needless() {
  const int64_t oldest_ms = clock_.wall_ms() - options_.max_retention_ms;
  std::vector<std::string> needless;
  while (snapshots_.size() > 1) {
    const auto oldest = snapshots_.begin();
    uint64_t total = log_->size_bytes();
    for (const auto& [id, file] : snapshots_) total += file.bytes;
    const bool too_much = options_.max_retention_bytes >= 0 &&
                          total > static_cast<uint64_t>(options_.max_retention_bytes);
    const bool too_old =
        options_.max_retention_ms >= 0 && oldest->second.last_contained_ms < oldest_ms;
    if (!too_much && !too_old) break;
    const int64_t start = std::next(oldest)->first.end_offset;
    if (start > log_->log_start_offset()) {
      if (absl::Status status = log_->advance_log_start(start); !status.ok()) {
        notes_.emplace_back(status.message());
        break;
      }
    }
    needless.push_back(path_of(snapshot_name(oldest->first)));
    snapshots_.erase(oldest);
  }
  for (auto& path : log_->take_deleted_files()) needless.push_back(std::move(path));
  if (needless.empty()) co_return;
  auto remove = [this, &needless] {
    absl::Status status;
    for (const auto& path : needless) status.Update(disk_.remove(path));
    return status;
  };
  absl::Status status = co_await run_on(options_.blocking, remove);
  if (!status.ok()) notes_.emplace_back(status.message());
}

asio::awaitable<absl::Status> LocalQuorum::close_log() {
  if (!refusal_.ok()) co_return refusal_;
  auto close = [this] { return log_->close(); };
  absl::Status status = co_await run_on(options_.blocking, close);
  co_return status;
}

void LocalQuorum::fail(const absl::Status& status) {
  if (!refusal_.ok()) return;
  refusal_ = absl::UnavailableError(
      absl::StrCat("the metadata log failed: ", std::string(status.message())));
  if (options_.on_failure) options_.on_failure(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetadataLog>> MetadataLog::open(asio::any_io_executor executor,
                                                               Disk& disk, Flusher& flusher,
                                                               Options options) {
  auto log = std::make_unique<LocalQuorum>(std::move(executor), disk, flusher, std::move(options));
  if (absl::Status status = log->open(); !status.ok()) return status;
  return log;
}

}  // namespace moldau
