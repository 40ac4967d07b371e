#include "storage/flusher.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace moldau {
namespace {

using Files = std::vector<std::shared_ptr<File>>;

struct Request {
  Files files;
  Flusher::Done done;
};

Files each_once(const std::vector<Request>& requests) {
  Files files;
  for (const auto& request : requests)
    files.insert(files.end(), request.files.begin(), request.files.end());
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

// The files of one round; each thread takes the next that is untaken.
class Round {
 public:
  explicit Round(Files files) : files_(std::move(files)) {}

  void sync_share() {
    for (;;) {
      const size_t index = next_.fetch_add(1);
      if (index >= files_.size()) return;
      finish_one(files_[index]->sync());
    }
  }

  absl::Status wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return done_count_ == files_.size(); });
    return status_;
  }

 private:
  void finish_one(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (status_.ok()) status_ = status;
    if (++done_count_ == files_.size()) finished_.notify_all();
  }

  const Files files_;
  std::atomic<size_t> next_{0};
  std::mutex mutex_;  // Several threads finish files of one round.
  std::condition_variable finished_;
  size_t done_count_ = 0;
  absl::Status status_;
};

class ThreadedFlusher : public Flusher {
 public:
  explicit ThreadedFlusher(int parallelism) : leader_([this] { run_rounds(); }) {
    for (int i = 0; i < parallelism; ++i) helpers_.emplace_back([this] { help(); });
  }

  ~ThreadedFlusher() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_all();
    leader_.join();
    {
      std::lock_guard lock(mutex_);
      finished_ = true;
    }
    shared_.notify_all();
    for (auto& helper : helpers_) helper.join();
  }

  void sync(Files files, Done done) override {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back({std::move(files), std::move(done)});
    }
    arrived_.notify_one();
  }

 private:
  void run_rounds() {
    absl::Status status;  // Final once it is an error.
    for (auto requests = next_requests(); !requests.empty(); requests = next_requests()) {
      if (status.ok()) status = sync_all(each_once(requests));
      for (auto& request : requests) request.done(status);
    }
  }

  std::vector<Request> next_requests() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }

  absl::Status sync_all(Files files) {
    const bool shared = files.size() > 1;
    auto round = std::make_shared<Round>(std::move(files));
    if (shared) {
      {
        std::lock_guard lock(mutex_);
        round_ = round;
        ++round_number_;
      }
      shared_.notify_all();
    }
    round->sync_share();
    absl::Status status = round->wait();
    std::lock_guard lock(mutex_);
    round_.reset();  // Holds files open.
    return status;
  }

  void help() {
    for (uint64_t seen = 0;;) {
      std::shared_ptr<Round> round;
      {
        std::unique_lock lock(mutex_);
        shared_.wait(lock, [&] { return finished_ || (round_ && round_number_ != seen); });
        if (finished_) return;
        seen = round_number_;
        round = round_;
      }
      round->sync_share();
    }
  }

  std::mutex mutex_;  // Requests come from every shard.
  std::condition_variable arrived_;
  std::condition_variable shared_;
  std::vector<Request> waiting_;
  std::shared_ptr<Round> round_;
  uint64_t round_number_ = 0;
  bool stopping_ = false;
  bool finished_ = false;
  std::vector<std::thread> helpers_;
  std::thread leader_;  // Last: it uses all of the above.
};

class InlineFlusher : public Flusher {
 public:
  void sync(Files files, Done done) override {
    for (const auto& file : files)
      if (status_.ok()) status_ = file->sync();
    done(status_);
  }

 private:
  absl::Status status_;
};

}  // namespace

std::unique_ptr<Flusher> make_threaded_flusher(int parallelism) {
  return std::make_unique<ThreadedFlusher>(parallelism);
}

std::unique_ptr<Flusher> make_inline_flusher() { return std::make_unique<InlineFlusher>(); }

}  // namespace moldau
