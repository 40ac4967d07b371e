// Threads that sync files in parallel, for several callers at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"

namespace moldau {

using Files = std::vector<std::shared_ptr<File>>;

class SyncPool {
 public:
  explicit SyncPool(int threads);
  ~SyncPool();  // After the last call of sync_all() has returned.
  SyncPool(const SyncPool&) = delete;
  SyncPool& operator=(const SyncPool&) = delete;

  // Syncs each file once and returns the first error. The caller's thread takes its share.
  absl::Status sync_all(Files files);

 private:
  class Round;

  void help();
  std::shared_ptr<Round> next_round();

  std::mutex mutex_;  // Callers and threads share the rounds.
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Round>> rounds_;  // Those with files that nobody has taken yet.
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace moldau
