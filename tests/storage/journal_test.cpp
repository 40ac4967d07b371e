#include "storage/journal.h"

#include <cstdlib>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "storage/flusher.h"
#include "storage/log_directory.h"
#include "tests/storage/simulated_disk.h"

namespace moldau {
namespace {

constexpr uint64_t kTwoBlocksAHalf = 4 * 4096;

class JournalTest : public testing::Test {
 protected:
  void use_journal(uint64_t bytes = kTwoBlocksAHalf) {
    auto file = Journal::make_file(disk_, "/data", bytes);
    ASSERT_TRUE(file.ok()) << file.status();
    journal_ = std::make_unique<Journal>(disk_, "/data");
    journal_->use(*file, bytes);
  }
  // A file whose name is durable.
  std::shared_ptr<File> make(const std::string& path) {
    auto file = *disk_.open(path, Disk::Mode::kCreate);
    EXPECT_TRUE(disk_.sync_directory(parent_path(path)).ok());
    return file;
  }
  Unsynced append(const std::shared_ptr<File>& file, const std::string& bytes) {
    const uint64_t from = *file->size();
    EXPECT_TRUE(file->write_at(from, as_bytes(bytes)).ok());
    return {
        .file = file, .what = Unsynced::What::kAppended, .from = from, .to = from + bytes.size()};
  }
  // A round through the journal.
  void acknowledge(const std::vector<Unsynced>& round) {
    const Files files = journal_->absorb(round);
    ASSERT_EQ(files.size(), 1u);
    ASSERT_EQ(files[0]->path(), "/data/.moldau-journal");
    ASSERT_TRUE(files[0]->sync().ok());
  }
  void checkpoint() {
    for (const auto& file : journal_->checkpoint_files()) ASSERT_TRUE(file->sync().ok());
    journal_->checkpointed();
  }
  // As hard as can be: of what was not synced nothing is left.
  void crash() {
    journal_.reset();
    disk_.lose_power_and_all_unsynced();
  }
  ReplayedJournal replay() {
    auto replayed = replay_journal(disk_, "/data");
    EXPECT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_FALSE(disk_.exists("/data/.moldau-journal"));
    return replayed.ok() ? *replayed : ReplayedJournal();
  }
  static std::string path_of(int partition) {
    return "/data/t-" + std::to_string(partition) + "/00000000000000000000.log";
  }

  SimulatedDisk disk_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalTest, ASmallRoundIsDurableWithOneSync) {
  use_journal();
  auto a = make(path_of(0)), b = make(path_of(1));
  acknowledge({append(a, "one"), append(b, "two")});
  acknowledge({append(a, " three")});
  crash();
  EXPECT_EQ(disk_.contents(path_of(0)), "");
  const auto replayed = replay();
  EXPECT_EQ(replayed.files, 2);
  EXPECT_EQ(replayed.bytes, 12u);
  EXPECT_EQ(disk_.contents(path_of(0)), "one three");
  EXPECT_EQ(disk_.contents(path_of(1)), "two");
  disk_.lose_power_and_all_unsynced();
  EXPECT_EQ(disk_.contents(path_of(0)), "one three") << "what was put back is durable";
  EXPECT_EQ(replay().files, 0);
}

TEST_F(JournalTest, LargeRoundsAndFilesThatAreNotAppendedToAreSyncedThemselves) {
  use_journal(1 << 20);
  auto a = make(path_of(0)), b = make(path_of(1));
  const auto large = append(a, std::string(Journal::kSmallBytesPerFile + 1, 'x'));
  EXPECT_EQ(journal_->absorb({large}), Files{a});
  EXPECT_EQ(journal_->absorb({large, append(b, "small")}).size(), 1u) << "small on average";
  EXPECT_EQ(journal_->absorb({{.file = a}}), Files{a});
  const Files mixed = journal_->absorb({append(b, "small"), {.file = a}});
  ASSERT_EQ(mixed.size(), 2u);
  EXPECT_EQ(mixed[0]->path(), "/data/.moldau-journal");
  EXPECT_EQ(mixed[1], a);
  auto elsewhere = make("/other/t-0/00000000000000000000.log");
  EXPECT_EQ(journal_->absorb({append(elsewhere, "x")}), Files{elsewhere});
}

TEST_F(JournalTest, AHalfTakesRoundsWhileTheOthersFilesAreSynced) {
  use_journal();
  auto a = make(path_of(0)), b = make(path_of(1));
  acknowledge({append(a, "1")});
  acknowledge({append(a, "2")});
  EXPECT_FALSE(journal_->wants_checkpoint());
  acknowledge({append(b, "3")});
  EXPECT_TRUE(journal_->wants_checkpoint());
  EXPECT_EQ(journal_->checkpoint_files(), Files{a});
  acknowledge({append(b, "4")});
  const auto more = append(b, "5");
  EXPECT_EQ(journal_->absorb({more}), Files{b}) << "both halves are full";
  checkpoint();
  acknowledge({more});
  EXPECT_EQ(journal_->checkpoint_files(), Files{b});
}

TEST_F(JournalTest, BlocksOfAnEarlierLapAreNotReplayed) {
  use_journal();
  auto a = make(path_of(0));
  acknowledge({append(a, "1")});
  acknowledge({append(a, "2")});
  acknowledge({append(a, "3")});
  acknowledge({append(a, "4")});
  checkpoint();
  acknowledge({append(a, "5")});  // The second block of this half is of the first lap still.
  checkpoint();
  auto status = a->write_at(0, as_bytes("xxxx"));  // So that replaying too much would be seen.
  ASSERT_TRUE(status.ok() && a->sync().ok());
  acknowledge({append(a, "6")});
  crash();
  EXPECT_EQ(replay().bytes, 2u);
  EXPECT_EQ(disk_.contents(path_of(0)), "xxxx56");
}

TEST_F(JournalTest, ATornLastBlockCountsForNothing) {
  use_journal();
  auto a = make(path_of(0));
  acknowledge({append(a, "1")});
  acknowledge({append(a, "2")});
  crash();
  disk_.flip_bit("/data/.moldau-journal", 4096 + 40);
  replay();
  EXPECT_EQ(disk_.contents(path_of(0)), "1");
}

TEST_F(JournalTest, ABadBlockThatWasDurableIsNotPassedOver) {
  use_journal(6 * 4096);
  auto a = make(path_of(0));
  for (const char* bytes : {"1", "2", "3"}) acknowledge({append(a, bytes)});
  crash();
  disk_.flip_bit("/data/.moldau-journal", 4096 + 40);
  EXPECT_TRUE(absl::IsDataLoss(replay_journal(disk_, "/data").status()));
  EXPECT_EQ(disk_.contents(path_of(0)), "");
  EXPECT_TRUE(disk_.exists("/data/.moldau-journal"));
}

TEST_F(JournalTest, NothingComesBackToASettledDirectory) {
  use_journal(1 << 20);
  auto a = make(path_of(0)), b = make(path_of(1));
  acknowledge({append(a, "old and long"), append(b, "kept")});
  EXPECT_EQ(journal_->held_files_in("/data/t-0"), Files{a});
  ASSERT_TRUE(a->sync().ok());
  auto file = journal_->note_settled("/data/t-0");
  ASSERT_TRUE(file && file->sync().ok());
  EXPECT_TRUE(journal_->held_files_in("/data/t-0").empty());
  ASSERT_TRUE(a->truncate(0).ok() && a->sync().ok());
  acknowledge({append(a, "new")});
  crash();
  replay();
  EXPECT_EQ(disk_.contents(path_of(0)), "new");
  EXPECT_EQ(disk_.contents(path_of(1)), "kept");
}

TEST_F(JournalTest, ADeletedFileStaysDeleted) {
  use_journal();
  auto a = make(path_of(0)), b = make(path_of(1));
  acknowledge({append(a, "1"), append(b, "2")});
  ASSERT_TRUE(disk_.rename(path_of(0), path_of(0) + ".deleted").ok());
  ASSERT_TRUE(disk_.sync_directory("/data/t-0").ok());
  crash();
  EXPECT_EQ(replay().files, 1);
  EXPECT_FALSE(disk_.exists(path_of(0)));
}

TEST_F(JournalTest, AnIndexThatMayBeTornIsRemoved) {
  use_journal();
  const std::string path = "/data/t-0/00000000000000000000.index";
  auto a = make(path_of(0));
  auto index = make(path);
  acknowledge({append(a, "1"), {.file = index, .what = Unsynced::What::kIndex}});
  crash();
  replay();
  disk_.lose_power_and_all_unsynced();
  EXPECT_FALSE(disk_.exists(path));
}

TEST_F(JournalTest, OneThatCanNotBeWrittenLeavesTheRoundToItsFiles) {
  use_journal();
  auto a = make(path_of(0));
  acknowledge({append(a, "1")});
  disk_.fail_writes_to("/data/.moldau-journal");
  EXPECT_EQ(journal_->absorb({append(a, "2")}), Files{a});
  EXPECT_TRUE(journal_->is_broken());
  EXPECT_EQ(journal_->held_files(), Files{a});
  EXPECT_EQ(journal_->note_settled("/data/t-0"), nullptr);
  ASSERT_TRUE(a->sync().ok() && journal_->retire().ok());
  EXPECT_FALSE(disk_.exists("/data/.moldau-journal"));
}

TEST_F(JournalTest, AlmostFullDiskGetsNone) {
  disk_.set_space_left(3 << 20);
  EXPECT_TRUE(absl::IsResourceExhausted(Journal::make_file(disk_, "/data", 1 << 20).status()));
  EXPECT_FALSE(disk_.exists("/data/.moldau-journal"));
}

TEST_F(JournalTest, BesideACleanStopItIsOfNoUse) {
  use_journal();
  auto a = make(path_of(0));
  acknowledge({append(a, "1")});
  ASSERT_TRUE(disk_.write_file("/data/.kafka_cleanshutdown", as_bytes("{}")).ok());
  crash();
  auto directory = LogDirectory::open(disk_, {.path = "/data", .new_directory_id = {1}});
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ((*directory)->replayed_journal().files, 0);
  EXPECT_FALSE(disk_.exists("/data/.moldau-journal"));
  EXPECT_EQ(disk_.contents(path_of(0)), "");
}

// The flusher's threads and a real file system.
class JournaledFlusherTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/journalXXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    for (int i = 0; i < kFiles; ++i) {
      std::filesystem::create_directory(root_ + "/t-" + std::to_string(i));
      files_.push_back(*disk_->open(path_of(i), Disk::Mode::kCreate));
    }
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string path_of(int i) const { return root_ + "/t-" + std::to_string(i) + "/0.log"; }
  bool has_journal() const { return std::filesystem::exists(root_ + "/.moldau-journal"); }

  std::unique_ptr<Flusher> make_flusher() {
    return make_threaded_flusher(2, JournalOptions{.disk = disk_.get(),
                                                   .directory = root_,
                                                   .size_bytes = 256 << 10,
                                                   .wanted_rounds = 1,
                                                   .longest_hold_ms = 20});
  }
  void sync(Flusher& flusher, std::vector<Unsynced> files) {
    std::promise<absl::Status> done;
    flusher.sync(std::move(files), [&](absl::Status status) { done.set_value(status); });
    EXPECT_TRUE(done.get_future().get().ok());
  }
  // Rounds of 20 KB, so that there are some laps.
  void work(Flusher& flusher) {
    while (!has_journal()) append_and_sync(flusher);
    for (int i = 0; i < 60; ++i) append_and_sync(flusher);
  }
  void append_and_sync(Flusher& flusher) {
    std::vector<Unsynced> round;
    for (const auto& file : files_) {
      ASSERT_TRUE(file->write_at(written_, as_bytes(std::string(5000, 'x'))).ok());
      round.push_back({file, Unsynced::What::kAppended, written_, written_ + 5000});
    }
    written_ += 5000;
    sync(flusher, std::move(round));
  }

  static constexpr int kFiles = 4;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::string root_;
  Files files_;
  uint64_t written_ = 0;
};

TEST_F(JournaledFlusherTest, ACleanEndLeavesNone) {
  auto flusher = make_flusher();
  work(*flusher);
  EXPECT_TRUE(has_journal());
  EXPECT_TRUE(flusher->close().ok());
  EXPECT_FALSE(has_journal());
  append_and_sync(*flusher);
  EXPECT_FALSE(has_journal());
}

TEST_F(JournaledFlusherTest, WithoutOneThereIsSomethingToReplay) {
  auto flusher = make_flusher();
  work(*flusher);
  const uint64_t last = written_;
  append_and_sync(*flusher);
  flusher.reset();
  ASSERT_TRUE(has_journal());
  files_.clear();
  for (int i = 0; i < kFiles; ++i) std::filesystem::resize_file(path_of(i), last);
  auto replayed = replay_journal(*disk_, root_);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->files, kFiles);
  for (int i = 0; i < kFiles; ++i) EXPECT_EQ(*disk_->file_size(path_of(i)), written_);
  EXPECT_FALSE(has_journal());
}

TEST_F(JournaledFlusherTest, ASettledDirectoryIsLeftAlone) {
  auto flusher = make_flusher();
  work(*flusher);
  ASSERT_TRUE(flusher->settle(root_ + "/t-0").ok());
  flusher.reset();
  files_.clear();
  std::filesystem::resize_file(path_of(0), 0);
  ASSERT_TRUE(replay_journal(*disk_, root_).ok());
  EXPECT_EQ(*disk_->file_size(path_of(0)), 0u);
}

}  // namespace
}  // namespace moldau
