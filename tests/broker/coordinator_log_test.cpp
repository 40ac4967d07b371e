// A coordinator over a partition of this machine: log, flusher and table on its disk.
#include "broker/coordinator_log.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/group_core.h"
#include "broker/replicated_core.h"
#include "broker/runtime/clock.h"
#include "storage/disk.h"
#include "storage/flusher.h"
#include "storage/log.h"
#include "storage/table.h"

namespace moldau {
namespace {

using testing::ElementsAre;

class CoordinatorOnDisk : public testing::Test {
 protected:
  CoordinatorOnDisk() {
    std::string name = "/tmp/coordinator_log_test.XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~CoordinatorOnDisk() override { std::filesystem::remove_all(directory_); }

  // One life of the process: serves until `work` ends, then is gone without a word.
  template <class F>
  void live(int32_t leader_epoch, F work) {
    asio::io_context context;
    RealClock clock(context);
    auto disk = make_posix_disk();
    auto flusher = make_inline_flusher();
    auto table = open_rocksdb_table(directory_ + "/table");
    ASSERT_TRUE(table.ok()) << table.status();
    LogConfig config;
    config.segment_bytes = 16 << 10;  // Several segments.
    config.cleanup_delete = false;
    config.cleanup_compact = true;
    auto log = Log::open(*disk, {.directory = directory_ + "/__consumer_offsets-3",
                                 .topic_partition = {"__consumer_offsets", 3},
                                 .topic_id = Uuid{7},
                                 .config = config,
                                 .now_ms = clock.wall_ms()});
    ASSERT_TRUE(log.ok()) << log.status();
    Replica::Options options{.broker_id = 1};
    options.clock = &clock;
    auto replica = std::make_shared<Replica>(context.get_executor(), *std::move(log), *flusher,
                                             std::move(options));
    PartitionImage image{.leader = 1, .leader_epoch = leader_epoch, .replicas = {1}, .isr = {1}};
    ASSERT_TRUE(replica->become_leader(image).ok());
    auto core = std::make_shared<ReplicatedCore<GroupCore>>(
        context.get_executor(), clock, make_coordinator_log(replica, {}), **table, "p",
        [](FoldedState& state) {
          const GroupCore::Limits limits;
          return std::make_unique<GroupCore>(state, limits);
        },
        ReplicatedCoreOptions{});
    core->start();
    bool is_done = false;
    auto main = [&]() -> asio::awaitable<void> {
      const bool is_loaded = co_await core->loaded(clock.now() + std::chrono::seconds(10));
      EXPECT_TRUE(is_loaded);
      co_await work(*core);
      is_done = true;
      context.stop();
    };
    asio::co_spawn(context, main(), asio::detached);
    context.run_for(std::chrono::seconds(60));
    EXPECT_TRUE(is_done);
    core->stop();
    context.restart();
    context.poll();
    clock.close();
  }

  static asio::awaitable<void> commit(ReplicatedCore<GroupCore>& core, int32_t partition,
                                      int64_t offset) {
    CommitOffsets event{.group = "g"};
    event.partitions.push_back({.topic = "t", .partition = partition, .offset = offset});
    auto answer = co_await core.submit(std::move(event));
    EXPECT_EQ(answer.error, ErrorCode::kNone) << name(answer.error);
  }
  static asio::awaitable<std::vector<int64_t>> fetch_all(ReplicatedCore<GroupCore>& core) {
    FetchOffsets event{.group = "g"};
    auto answer = co_await core.submit(std::move(event));
    EXPECT_EQ(answer.error, ErrorCode::kNone) << name(answer.error);
    std::vector<int64_t> offsets;
    for (const auto& topic : answer.reply.topics)
      for (const auto& p : topic.partitions) offsets.push_back(p.offset);
    co_return offsets;
  }

  std::string directory_;
};

TEST_F(CoordinatorOnDisk, CommittedOffsetsAreThereInTheNextLife) {
  live(1, [](ReplicatedCore<GroupCore>& core) -> asio::awaitable<void> {
    for (int i = 0; i < 500; ++i) co_await commit(core, i % 3, i);
  });
  live(2, [](ReplicatedCore<GroupCore>& core) -> asio::awaitable<void> {
    auto offsets = co_await fetch_all(core);
    EXPECT_THAT(offsets, ElementsAre(498, 499, 497));
    co_await commit(core, 1, 7);
  });
  std::filesystem::remove_all(directory_ + "/table");  // It is made again from the log.
  live(3, [](ReplicatedCore<GroupCore>& core) -> asio::awaitable<void> {
    auto offsets = co_await fetch_all(core);
    EXPECT_THAT(offsets, ElementsAre(498, 7, 497));
  });
}

}  // namespace
}  // namespace moldau
