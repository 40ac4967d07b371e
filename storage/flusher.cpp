#include "storage/flusher.h"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "storage/journal.h"
#include "storage/sync_pool.h"

namespace moldau {
namespace {

struct Request {
  enum class Kind { kSync, kSettle, kClose };
  Kind kind = Kind::kSync;
  std::vector<Unsynced> files;
  std::string directory;  // To be settled.
  Flusher::Done done;
};

// A thread for one piece of work at a time; whoever hands it out asks for the result.
class Background {
 public:
  using Work = std::function<absl::Status()>;

  Background() : thread_([this] { run(); }) {}
  ~Background() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void start(Work work) {
    std::lock_guard lock(mutex_);
    work_ = std::move(work);
    result_.reset();
    changed_.notify_all();
  }
  std::optional<absl::Status> result() {
    std::lock_guard lock(mutex_);
    return std::exchange(result_, {});
  }
  absl::Status wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return *std::exchange(result_, {});
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || work_; });
      if (!work_) return;
      Work work = std::exchange(work_, {});
      lock.unlock();
      absl::Status status = work();
      work = {};
      lock.lock();
      result_ = std::move(status);
      changed_.notify_all();
    }
  }

  std::mutex mutex_;  // The thread and the one that hands out.
  std::condition_variable changed_;
  Work work_;
  std::optional<absl::Status> result_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses all of the above.
};

// A journal and what goes on around it. Belongs to the leading thread.
class Journaling {
 public:
  Journaling(SyncPool& pool, JournalOptions options)
      : pool_(pool),
        options_(std::move(options)),
        journal_(*options_.disk, options_.directory),
        background_(std::make_unique<Background>()) {}

  using Clock = std::chrono::steady_clock;
  // When look_after() should be called, if no round comes before.
  std::optional<Clock::time_point> due() const { return due_; }

  // After this, syncing the files that are returned makes the round durable.
  Files absorb(const std::vector<Unsynced>& round) {
    if (state_ == State::kAbsent && journal_.is_small(round) &&
        ++wanted_rounds_ >= options_.wanted_rounds)
      start_making();
    return journal_.absorb(round);
  }

  // Sees what the background has done and gives it more to do. An error is final.
  absl::Status look_after() {
    if (work_ != Work::kNone)
      if (auto result = background_->result())
        if (auto status = finish_work(*result); !status.ok()) return status;
    if (journal_.is_broken() && journal_.is_used()) return retire();
    const auto now = Clock::now();
    if (due_ && *due_ <= now) {
      journal_.seal();
      due_.reset();
    }
    if (work_ == Work::kNone && journal_.wants_checkpoint()) start_checkpoint();
    if (!journal_.holds_files())
      due_.reset();
    else if (!due_)
      due_ = now + std::chrono::milliseconds(options_.longest_hold_ms);
    return absl::OkStatus();
  }

  absl::Status settle(const std::string& directory) {
    if (!journal_.is_used()) return absl::OkStatus();
    if (auto status = pool_.sync_all(journal_.held_files_in(directory)); !status.ok())
      return status;
    auto file = journal_.note_settled(directory);
    if (!file) {
      if (auto status = wait_for_work(); !status.ok()) return status;
      file = journal_.note_settled(directory);
    }
    return file ? file->sync() : retire();
  }

  absl::Status retire() {
    if (auto status = wait_for_work(); !status.ok()) return status;
    if (state_ != State::kReady) {
      state_ = State::kOff;
      return absl::OkStatus();
    }
    state_ = State::kOff;
    due_.reset();
    if (auto status = pool_.sync_all(journal_.held_files()); !status.ok()) return status;
    return journal_.retire();
  }

 private:
  enum class State { kAbsent, kReady, kOff };
  enum class Work { kNone, kMaking, kCheckpoint };

  void start_making() {
    state_ = State::kOff;  // Until it is there.
    work_ = Work::kMaking;
    background_->start([this] {
      auto file = Journal::make_file(*options_.disk, options_.directory, options_.size_bytes);
      if (file.ok()) made_ = *std::move(file);
      return absl::OkStatus();  // It goes without.
    });
  }

  void start_checkpoint() {
    work_ = Work::kCheckpoint;
    background_->start(
        [this, files = journal_.checkpoint_files()] { return pool_.sync_all(files); });
  }

  absl::Status finish_work(const absl::Status& result) {
    const Work work = std::exchange(work_, Work::kNone);
    if (!result.ok()) return result;
    if (work == Work::kCheckpoint) journal_.checkpointed();
    if (work == Work::kMaking && made_) {
      journal_.use(std::exchange(made_, {}), options_.size_bytes);
      state_ = State::kReady;
    }
    return absl::OkStatus();
  }

  absl::Status wait_for_work() {
    return work_ == Work::kNone ? absl::OkStatus() : finish_work(background_->wait());
  }

  SyncPool& pool_;
  const JournalOptions options_;
  Journal journal_;
  State state_ = State::kAbsent;
  int wanted_rounds_ = 0;
  std::optional<Clock::time_point> due_;
  Work work_ = Work::kNone;
  std::shared_ptr<File> made_;
  std::unique_ptr<Background> background_;  // Last: its work uses the rest.
};

class ThreadedFlusher : public Flusher {
 public:
  ThreadedFlusher(int parallelism, std::optional<JournalOptions> journal) : pool_(parallelism) {
    if (journal && journal->size_bytes > 0)
      journaling_ = std::make_unique<Journaling>(pool_, *std::move(journal));
    leader_ = std::thread([this] { run_rounds(); });
  }

  ~ThreadedFlusher() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_all();
    leader_.join();
  }

  void sync(std::vector<Unsynced> files, Done done) override {
    ask({.files = std::move(files), .done = std::move(done)});
  }
  absl::Status settle(const std::string& directory) override {
    return wait_for({.kind = Request::Kind::kSettle, .directory = directory});
  }
  absl::Status close() override { return wait_for({.kind = Request::Kind::kClose}); }

 private:
  void ask(Request request) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(request));
    }
    arrived_.notify_one();
  }

  absl::Status wait_for(Request request) {
    std::promise<absl::Status> answer;
    request.done = [&answer](absl::Status status) { answer.set_value(std::move(status)); };
    ask(std::move(request));
    return answer.get_future().get();
  }

  void run_rounds() {
    while (auto requests = next_requests()) {
      look_after_journal();
      sync_round(*requests);
      for (const auto& request : *requests)
        if (request.kind != Request::Kind::kSync) carry_out(request);
      look_after_journal();
    }
  }

  // Nullopt at the end; nothing if it is time to look after the journal.
  std::optional<std::vector<Request>> next_requests() {
    const auto has_come = [this] { return stopping_ || !waiting_.empty(); };
    const auto due = journaling_ ? journaling_->due() : std::nullopt;
    std::unique_lock lock(mutex_);
    if (due)
      arrived_.wait_until(lock, *due, has_come);
    else
      arrived_.wait(lock, has_come);
    if (stopping_ && waiting_.empty()) return std::nullopt;
    return std::exchange(waiting_, {});
  }

  void look_after_journal() {
    if (status_.ok() && journaling_) status_ = journaling_->look_after();
  }

  void sync_round(const std::vector<Request>& requests) {
    std::vector<Unsynced> round;
    for (const auto& request : requests)
      round.insert(round.end(), request.files.begin(), request.files.end());
    if (status_.ok() && !round.empty()) status_ = make_durable(round);
    for (const auto& request : requests)
      if (request.kind == Request::Kind::kSync) request.done(status_);
  }

  absl::Status make_durable(const std::vector<Unsynced>& round) {
    if (journaling_) return pool_.sync_all(journaling_->absorb(round));
    Files files;
    for (const auto& unsynced : round) files.push_back(unsynced.file);
    return pool_.sync_all(std::move(files));
  }

  void carry_out(const Request& request) {
    if (status_.ok() && journaling_)
      status_ = request.kind == Request::Kind::kSettle ? journaling_->settle(request.directory)
                                                       : journaling_->retire();
    request.done(status_);
  }

  SyncPool pool_;
  std::unique_ptr<Journaling> journaling_;
  absl::Status status_;  // The leader's; final once it is an error.
  std::mutex mutex_;     // Requests come from every shard.
  std::condition_variable arrived_;
  std::vector<Request> waiting_;
  bool stopping_ = false;
  std::thread leader_;
};

class InlineFlusher : public Flusher {
 public:
  void sync(std::vector<Unsynced> files, Done done) override {
    for (const auto& unsynced : files)
      if (status_.ok()) status_ = unsynced.file->sync();
    done(status_);
  }

 private:
  absl::Status status_;
};

}  // namespace

std::unique_ptr<Flusher> make_threaded_flusher(int parallelism,
                                               std::optional<JournalOptions> journal) {
  return std::make_unique<ThreadedFlusher>(parallelism, std::move(journal));
}

std::unique_ptr<Flusher> make_inline_flusher() { return std::make_unique<InlineFlusher>(); }

}  // namespace moldau
