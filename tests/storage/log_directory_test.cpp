#include "storage/log_directory.h"

#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogDirectoryTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<LogDirectory>> try_open(int32_t node_id = 1) {
    directory_.reset();
    return LogDirectory::open(disk_, {.path = "/data",
                                      .node_id = node_id,
                                      .new_cluster_id = "cluster",
                                      .new_directory_id = {9, 9}});
  }
  void open() {
    auto directory = try_open();
    ASSERT_TRUE(directory.ok()) << directory.status();
    directory_ = *std::move(directory);
  }
  std::unique_ptr<Log> open_log(const TopicPartition& tp) {
    auto log = directory_->open_log(tp, {1}, {}, 1000);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }

  SimulatedDisk disk_;
  std::unique_ptr<LogDirectory> directory_;
};

TEST_F(LogDirectoryTest, ANewOneIsMarkedAndKeepsItsIds) {
  open();
  EXPECT_THAT(disk_.contents("/data/meta.properties"), HasSubstr("cluster.id=cluster\n"));
  EXPECT_THAT(disk_.contents("/data/meta.properties"), HasSubstr("version=1\n"));
  open();
  EXPECT_EQ(directory_->meta().cluster_id, "cluster");
  EXPECT_EQ(directory_->meta().directory_id, (Uuid{9, 9}));
}

TEST_F(LogDirectoryTest, AnotherNodesDirectoryIsRefused) {
  open();
  EXPECT_TRUE(absl::IsFailedPrecondition(try_open(2).status()));
}

TEST_F(LogDirectoryTest, IsOpenOnlyOnce) {
  open();
  auto second = LogDirectory::open(disk_, {.path = "/data", .node_id = 1});
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
}

TEST_F(LogDirectoryTest, TheCleanMarkerCountsOnce) {
  open();
  EXPECT_FALSE(directory_->was_clean_shutdown());
  ASSERT_TRUE(directory_->write_clean_shutdown_marker(5).ok());
  open();
  EXPECT_TRUE(directory_->was_clean_shutdown());
  open();
  EXPECT_FALSE(directory_->was_clean_shutdown());
}

TEST_F(LogDirectoryTest, CheckpointsAreKafkasAndReachTheLogs) {
  open();
  open_log({"orders", 3});
  ASSERT_TRUE(directory_->write_log_starts({{{"orders", 3}, 7}}).ok());
  ASSERT_TRUE(directory_->write_high_watermarks({{{"orders", 3}, 8}, {{"x", 0}, 1}}).ok());
  EXPECT_EQ(disk_.contents("/data/replication-offset-checkpoint"), "0\n2\norders 3 8\nx 0 1\n");
  open();
  EXPECT_EQ(directory_->checkpointed_high_watermark({"orders", 3}), 8);
  EXPECT_EQ(open_log({"orders", 3})->log_start_offset(), 7);
}

TEST_F(LogDirectoryTest, PartitionsAreFoundByTheirDirectories) {
  open();
  open_log({"a-topic", 12});
  open_log({"__cluster_metadata", 0});
  ASSERT_TRUE(disk_.open("/data/a-file-3", Disk::Mode::kCreate).ok());
  auto found = directory_->find_partitions();
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, ElementsAre(TopicPartition{"a-topic", 12}));
}

TEST_F(LogDirectoryTest, OneSyncMakesTheLogsOfAllPartitionsDurable) {
  open();
  std::vector<std::unique_ptr<Log>> logs;
  for (int32_t partition = 0; partition < 20; ++partition) {
    logs.push_back(open_log({"orders", partition}));
    std::string batch = make_batch({.records = partition + 1});
    ASSERT_EQ(logs.back()->append(mutable_bytes(batch), {}).error, ErrorCode::kNone);
    ASSERT_TRUE(logs.back()->write_out().ok());
  }
  disk_.fail_syncs(true);
  EXPECT_TRUE(absl::IsDataLoss(directory_->sync_everything()));
  disk_.fail_syncs(false);
  const int syncs = disk_.sync_count();
  ASSERT_TRUE(directory_->sync_everything().ok());
  EXPECT_EQ(disk_.sync_count(), syncs + 1);
  ASSERT_TRUE(directory_->write_clean_shutdown_marker(1).ok());
  logs.clear();
  std::mt19937_64 random(1);
  disk_.lose_power(random);
  open();
  ASSERT_TRUE(directory_->was_clean_shutdown());
  for (int32_t partition = 0; partition < 20; ++partition) {
    const auto log = open_log({"orders", partition});
    EXPECT_EQ(log->log_end_offset(), partition + 1);
    EXPECT_TRUE(log->recovery_report().notes.empty());
  }
}

TEST_F(LogDirectoryTest, ADeletedPartitionLeavesNothingToMeasureANewOneBy) {
  open();
  open_log({"orders", 0});
  ASSERT_TRUE(directory_->write_recovery_points({{{"orders", 0}, 100}}).ok());
  auto path = directory_->mark_for_deletion({"orders", 0}, {0xab});
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_THAT(*path, HasSubstr("/data/orders-0.ab"));
  EXPECT_TRUE(path->ends_with("-delete"));
  EXPECT_EQ(disk_.contents("/data/recovery-point-offset-checkpoint"), "0\n0\n");
  EXPECT_TRUE(directory_->find_partitions()->empty());
  open();
  EXPECT_FALSE(disk_.exists(*path));
}

TEST(OffsetCheckpointTest, AnEmptyFileWasMadeAndNeverWritten) {
  auto offsets = parse_offset_checkpoint("");
  ASSERT_TRUE(offsets.ok());
  EXPECT_TRUE(offsets->empty());
}

TEST(OffsetCheckpointTest, DamageIsNoticed) {
  for (const char* text : {"1\n0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na x 1\n",
                           "0\n1\na 0 -1\n", "0\n1\na 0 99999999999999999999\n"})
    EXPECT_FALSE(parse_offset_checkpoint(text).ok()) << text;
}

}  // namespace
}  // namespace moldau
