#include "storage/flusher.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "tests/storage/simulated_disk.h"

namespace moldau {
namespace {

// A file whose sync waits until it is let go.
class SlowFile : public File {
 public:
  absl::StatusOr<size_t> read_at(uint64_t, MutableBytes) override { return size_t{0}; }
  absl::StatusOr<size_t> read_cached_at(uint64_t, MutableBytes) override { return size_t{0}; }
  absl::Status write_at(uint64_t, Bytes) override { return absl::OkStatus(); }
  absl::Status truncate(uint64_t) override { return absl::OkStatus(); }
  absl::StatusOr<uint64_t> size() override { return uint64_t{0}; }
  const std::string& path() const override { return path_; }

  absl::Status sync() override {
    std::unique_lock lock(mutex_);
    ++started_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    return status_;
  }
  void wait_for_sync(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started_ >= count; });
  }
  void let_go(absl::Status status = absl::OkStatus()) {
    std::lock_guard lock(mutex_);
    open_ = true;
    status_ = std::move(status);
    changed_.notify_all();
  }
  int sync_count() {
    std::lock_guard lock(mutex_);
    return started_;
  }

 private:
  const std::string path_ = "slow";
  std::mutex mutex_;
  std::condition_variable changed_;
  int started_ = 0;
  bool open_ = false;
  absl::Status status_;
};

TEST(FlusherTest, ArrivalsDuringARoundShareTheNextOne) {
  auto file = std::make_shared<SlowFile>();
  std::atomic<int> done = 0;
  auto flusher = make_threaded_flusher(1);
  flusher->sync({{.file = file}}, [&](absl::Status status) { done += status.ok(); });
  file->wait_for_sync(1);
  for (int i = 0; i < 50; ++i)
    flusher->sync({{.file = file}}, [&](absl::Status status) { done += status.ok(); });
  EXPECT_EQ(done, 0);
  file->let_go();
  flusher.reset();
  EXPECT_EQ(done, 51);
  EXPECT_EQ(file->sync_count(), 2);
}

TEST(FlusherTest, FilesOfOneRoundAreSyncedInParallel) {
  auto first = std::make_shared<SlowFile>();
  auto second = std::make_shared<SlowFile>();
  auto flusher = make_threaded_flusher(1);
  flusher->sync({{.file = first}, {.file = second}}, [](absl::Status) {});
  first->wait_for_sync(1);
  second->wait_for_sync(1);  // Both are out before either is back.
  first->let_go();
  second->let_go();
}

TEST(FlusherTest, AFailedSyncIsFinal) {
  auto file = std::make_shared<SlowFile>();
  file->let_go(absl::DataLossError("I/O error"));
  std::vector<absl::Status> answers;
  auto flusher = make_threaded_flusher(1);
  const auto keep = [&](absl::Status status) { answers.push_back(std::move(status)); };
  flusher->sync({{.file = file}}, keep);
  file->wait_for_sync(1);
  file->let_go();
  flusher->sync({{.file = file}}, keep);
  flusher.reset();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(absl::IsDataLoss(answers[0]));
  EXPECT_TRUE(absl::IsDataLoss(answers[1]));
  EXPECT_EQ(file->sync_count(), 1);
}

TEST(FlusherTest, NoFilesAreDurableAtOnce) {
  bool done = false;
  make_threaded_flusher(1)->sync({}, [&](absl::Status status) { done = status.ok(); });
  EXPECT_TRUE(done);
}

TEST(FlusherTest, TheInlineOneSyncsWithinTheCallAndKeepsItsError) {
  SimulatedDisk disk;
  auto file = *disk.open("/a", Disk::Mode::kCreate);
  auto flusher = make_inline_flusher();
  absl::Status last;
  const auto keep = [&](absl::Status status) { last = std::move(status); };
  flusher->sync({{.file = file}}, keep);
  EXPECT_TRUE(last.ok());
  disk.fail_syncs(true);
  flusher->sync({{.file = file}}, keep);
  EXPECT_FALSE(last.ok());
  disk.fail_syncs(false);
  flusher->sync({{.file = file}}, keep);
  EXPECT_FALSE(last.ok());
}

}  // namespace
}  // namespace moldau
