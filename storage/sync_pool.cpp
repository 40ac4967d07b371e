#include "storage/sync_pool.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace moldau {

// The files of one call; each thread takes the next that is untaken.
class SyncPool::Round {
 public:
  explicit Round(Files files) : files_(std::move(files)) {}

  bool has_untaken() const { return next_ < files_.size(); }

  // False if there is none left to take.
  bool sync_one() {
    const size_t index = next_.fetch_add(1);
    if (index >= files_.size()) return false;
    finish_one(files_[index]->sync());
    return true;
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

SyncPool::SyncPool(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { help(); });
}

SyncPool::~SyncPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (auto& thread : threads_) thread.join();
}

absl::Status SyncPool::sync_all(Files files) {
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  const bool is_shared = files.size() > 1;
  auto round = std::make_shared<Round>(std::move(files));
  if (is_shared) {
    {
      std::lock_guard lock(mutex_);
      rounds_.push_back(round);
    }
    arrived_.notify_all();
  }
  while (round->sync_one()) {
  }
  absl::Status status = round->wait();
  if (is_shared) {
    std::lock_guard lock(mutex_);
    std::erase(rounds_, round);  // It holds files open.
  }
  return status;
}

// One file at a time and of the latest call: a checkpoint of many files must not hold up who waits
// for a few.
std::shared_ptr<SyncPool::Round> SyncPool::next_round() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::erase_if(rounds_, [](const auto& round) { return !round->has_untaken(); });
    if (stopping_) return nullptr;
    if (!rounds_.empty()) return rounds_.back();
    arrived_.wait(lock);
  }
}

void SyncPool::help() {
  while (auto round = next_round()) round->sync_one();
}

}  // namespace moldau
