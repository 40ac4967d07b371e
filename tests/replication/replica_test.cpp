#include "replication/replica.h"

#include "tests/replication/shell_fixture.h"

namespace moldau {
namespace {

using std::chrono::milliseconds;

struct CountingWatcher final : Watcher {
  void notify() override { ++notified; }
  int notified = 0;
};

class ReplicaTest : public ShellTest {
 protected:
  ~ReplicaTest() override {
    replica.reset();
    settle();
  }

  void open(Replica::Durability durability = {}, int64_t recovery_point = 0) {
    replica.reset();
    Log::OpenOptions log{.directory = "/data/t-0",
                         .topic_partition = {"t", 0},
                         .recovery_point = recovery_point,
                         .now_ms = clock.wall_ms()};
    auto opened = Log::open(disk, log);
    ASSERT_TRUE(opened.ok()) << opened.status();
    Replica::Options options{.broker_id = 1, .durability = durability, .clock = &clock};
    options.on_storage_failure = [this](const absl::Status& status) { failure = status; };
    replica = std::make_shared<Replica>(context.get_executor(), *std::move(opened), flusher,
                                        std::move(options));
  }
  void lead(int32_t epoch, std::vector<int32_t> isr = {1}) {
    partition = {.leader = 1,
                 .leader_epoch = epoch,
                 .partition_epoch = partition.partition_epoch + 1,
                 .replicas = isr,
                 .isr = isr};
    ASSERT_TRUE(replica->become_leader(partition).ok());
    settle();
  }
  // Appends so many records.
  AppendResult append(int records, int16_t acks = -1) {
    BatchBuilder builder({});
    for (int i = 0; i < records; ++i) builder.add(clock.wall_ms(), std::nullopt, as_bytes("value"));
    std::string batch = builder.build();
    const MutableBytes bytes{reinterpret_cast<uint8_t*>(batch.data()), batch.size()};
    return replica->append(bytes, AppendOrigin::kClient, clock.wall_ms(), acks);
  }
  AppendResult append_later(int records, AppendRound& round) {
    BatchBuilder builder({});
    for (int i = 0; i < records; ++i) builder.add(clock.wall_ms(), std::nullopt, as_bytes("value"));
    auto batch = std::make_shared<std::string>(builder.build());
    const MutableBytes bytes{reinterpret_cast<uint8_t*>(batch->data()), batch->size()};
    return replica->append_later(bytes, batch, round, clock.wall_ms());
  }
  Pending<ErrorCode> wait_for(int64_t last_offset, milliseconds timeout = milliseconds(1000)) {
    return start(replica->committed(last_offset, replica->leader_epoch(), clock.now() + timeout));
  }
  void finish_round() {
    EXPECT_TRUE(flusher.finish_round());
    settle();
  }

  std::shared_ptr<Replica> replica;
  PartitionImage partition;
  absl::Status failure;
};

TEST_F(ReplicaTest, NothingIsAcknowledgedOrShownBeforeItIsDurable) {
  open();
  lead(0);
  EXPECT_EQ(append(3).last_offset, 2);
  auto committed = wait_for(2);
  EXPECT_FALSE(committed->has_value());
  EXPECT_EQ(replica->high_watermark(), 0);
  const auto plan = replica->plan_read(0, ReadUpTo::kHighWatermark, 1000, true);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->file, nullptr) << "nothing to read yet";
  finish_round();
  EXPECT_EQ(*committed, ErrorCode::kNone);
  EXPECT_EQ(replica->high_watermark(), 3);
  EXPECT_NE(replica->plan_read(0, ReadUpTo::kHighWatermark, 1000, true)->file, nullptr);
  EXPECT_EQ(run(replica->committed(2, 0, clock.now())), ErrorCode::kNone) << "without a wait";
}

TEST_F(ReplicaTest, ArrivalsShareTheNextRound) {
  open();
  lead(0);
  append(1);
  auto first = wait_for(0);
  append(1);
  append(1);
  auto second = wait_for(1);
  auto third = wait_for(2);
  EXPECT_EQ(flusher.asked, 1) << "one round at a time";
  finish_round();
  EXPECT_TRUE(first->has_value());
  EXPECT_FALSE(second->has_value()) << "it came after the round began";
  EXPECT_EQ(flusher.asked, 2);
  finish_round();
  EXPECT_EQ(*second, ErrorCode::kNone);
  EXPECT_EQ(*third, ErrorCode::kNone);
  EXPECT_FALSE(flusher.finish_round()) << "nothing is waiting: no further round";
}

TEST_F(ReplicaTest, TooSlowIsATimeout) {
  open();
  lead(0);
  append(1);
  auto committed = wait_for(0, milliseconds(100));
  clock.advance(milliseconds(99));
  settle();
  EXPECT_FALSE(committed->has_value());
  clock.advance(milliseconds(1));
  settle();
  EXPECT_EQ(*committed, ErrorCode::kRequestTimedOut);
  finish_round();
  EXPECT_EQ(replica->high_watermark(), 1);
}

TEST_F(ReplicaTest, AFailedSyncFailsEveryWaiterAndTheReplica) {
  open();
  lead(0);
  auto watcher = std::make_shared<CountingWatcher>();
  replica->watch(watcher);
  append(1);
  auto first = wait_for(0);
  append(1);
  auto second = wait_for(1);
  disk.fail_syncs(true);
  finish_round();
  EXPECT_EQ(*first, ErrorCode::kKafkaStorageError);
  EXPECT_EQ(*second, ErrorCode::kKafkaStorageError);
  EXPECT_FALSE(failure.ok());
  EXPECT_EQ(watcher->notified, 1);
  EXPECT_TRUE(replica->is_offline());
  EXPECT_EQ(replica->high_watermark(), 0);
  EXPECT_EQ(append(1).error, ErrorCode::kKafkaStorageError);
  EXPECT_EQ(run(replica->committed(0, 0, clock.now())), ErrorCode::kKafkaStorageError);
  disk.fail_syncs(false);
  EXPECT_FALSE(flusher.finish_round()) << "a failed sync is not tried again";
}

TEST_F(ReplicaTest, WatchersAreToldOnce) {
  open();
  lead(0);
  auto watcher = std::make_shared<CountingWatcher>();
  auto gone = std::make_shared<CountingWatcher>();
  replica->watch(watcher);
  replica->watch(gone);
  gone.reset();
  append(1);
  EXPECT_EQ(watcher->notified, 0) << "an append that nobody may see is no news";
  finish_round();
  EXPECT_EQ(watcher->notified, 1);
  append(1);
  finish_round();
  EXPECT_EQ(watcher->notified, 1);
  replica->watch(watcher);
  replica->resign();
  EXPECT_EQ(watcher->notified, 2);
}

TEST_F(ReplicaTest, WithoutLeadershipNothingIsDone) {
  open();
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
  lead(3);
  append(1);
  auto committed = wait_for(0);
  partition.leader = 2;
  partition.leader_epoch = 4;
  ASSERT_TRUE(replica->become_leader(partition).ok());
  settle();
  EXPECT_EQ(*committed, ErrorCode::kNotLeaderOrFollower);
  EXPECT_FALSE(replica->is_leader());
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
  partition.leader = 1;
  partition.leader_epoch = 2;
  ASSERT_TRUE(replica->become_leader(partition).ok());
  EXPECT_FALSE(replica->is_leader()) << "that is old news";
  finish_round();
}

TEST_F(ReplicaTest, ANewEpochDoesNotAnswerForTheOld) {
  open();
  lead(0);
  append(1);
  auto committed = wait_for(0);
  lead(1);
  EXPECT_EQ(*committed, ErrorCode::kNotLeaderOrFollower);
  EXPECT_EQ(replica->log().epoch_at(0), 0);
  finish_round();
  append(1);
  EXPECT_EQ(replica->log().epoch_at(1), 1);
  EXPECT_EQ(replica->check_leader_epoch(-1), ErrorCode::kNone);
  EXPECT_EQ(replica->check_leader_epoch(1), ErrorCode::kNone);
  EXPECT_EQ(replica->check_leader_epoch(0), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(replica->check_leader_epoch(2), ErrorCode::kUnknownLeaderEpoch);
}

TEST_F(ReplicaTest, AllNeedsEnoughReplicas) {
  open();
  replica->set_config(replica->log().config(), {}, 2);
  partition.replicas = {1, 2};
  lead(0, {1, 2});
  EXPECT_EQ(append(1, -1).error, ErrorCode::kNone);
  auto committed = wait_for(0, milliseconds(10));
  finish_round();
  EXPECT_FALSE(committed->has_value()) << "broker 2 does not have it";
  replica->follower_fetched(2, 1);
  settle();
  EXPECT_EQ(*committed, ErrorCode::kNone);

  append(1, -1);
  committed = wait_for(1, milliseconds(10));
  partition.isr = {1};
  ++partition.partition_epoch;
  ASSERT_TRUE(replica->become_leader(partition).ok());
  EXPECT_EQ(append(1, -1).error, ErrorCode::kNotEnoughReplicas);
  EXPECT_EQ(append(1, 1).error, ErrorCode::kNone);
  clock.advance(milliseconds(10));
  settle();
  EXPECT_EQ(*committed, ErrorCode::kNotEnoughReplicasAfterAppend);
}

TEST_F(ReplicaTest, WhatRecoveryHasReadIsSyncedBeforeItIsShown) {
  flusher.is_instant = true;
  open();
  lead(0);
  append(2);
  settle();
  flusher.is_instant = false;
  append(3);
  flusher.forget();
  open();
  EXPECT_EQ(replica->log_end_offset(), 5);
  lead(1);
  EXPECT_EQ(replica->high_watermark(), 0);
  EXPECT_FALSE(replica->is_settled()) << "latest offsets can not be told yet";
  finish_round();
  EXPECT_EQ(replica->high_watermark(), 5);
  EXPECT_TRUE(replica->is_settled());
}

TEST_F(ReplicaTest, WithLargerFlushIntervalsAppendedCountsAsDurable) {
  open({.flush_messages = 3, .flush_ms = 50});
  lead(0);
  append(1);
  EXPECT_EQ(run(replica->committed(0, 0, clock.now())), ErrorCode::kNone);
  EXPECT_EQ(replica->high_watermark(), 1);
  EXPECT_EQ(flusher.asked, 0);
  append(2);
  EXPECT_EQ(flusher.asked, 1) << "three records are waiting";
  finish_round();
  append(1);
  EXPECT_EQ(flusher.asked, 1);
  clock.advance(milliseconds(50));
  EXPECT_EQ(flusher.asked, 2) << "one has waited for flush.ms";
  finish_round();
  clock.advance(milliseconds(5000));
  EXPECT_EQ(flusher.asked, 2) << "and nothing since";
}

TEST_F(ReplicaTest, RecordsAreDeletedUpToTheHighWatermark) {
  flusher.is_instant = true;
  open();
  lead(0);
  append(5);
  settle();
  flusher.is_instant = false;
  append(5);
  EXPECT_EQ(replica->delete_records(7).error, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(replica->delete_records(3).low_watermark, 3);
  EXPECT_EQ(replica->log_start_offset(), 3);
  EXPECT_EQ(replica->delete_records(2).low_watermark, 3) << "it never goes back";
  EXPECT_EQ(replica->delete_records(-1).low_watermark, 5);
  EXPECT_TRUE(
      absl::IsOutOfRange(replica->plan_read(4, ReadUpTo::kHighWatermark, 100, true).status()));
  LogConfig compacted = replica->log().config();
  compacted.cleanup_delete = false;
  compacted.cleanup_compact = true;
  replica->set_config(compacted, {}, 1);
  EXPECT_EQ(replica->delete_records(-1).error, ErrorCode::kPolicyViolation);
}

TEST_F(ReplicaTest, TheEndWaitsForTheRoundInFlight) {
  open();
  lead(0);
  append(1);
  auto committed = wait_for(0);
  const auto end = [this]() -> asio::awaitable<bool> {
    co_await replica->end();
    co_return true;
  };
  auto ended = start(end());
  EXPECT_EQ(*committed, ErrorCode::kNotLeaderOrFollower);
  EXPECT_FALSE(ended->has_value());
  finish_round();
  EXPECT_TRUE(ended->has_value());
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
}

TEST_F(ReplicaTest, ADroppedReplicaDoesNotMindItsRoundEnding) {
  open();
  lead(0);
  append(1);
  replica.reset();
  finish_round();
}

// --- Appends that share a round
// -------------------------------------------------------------------

boost::asio::awaitable<bool> has_ended(std::shared_ptr<AppendRound> round) {
  co_await round->ended();
  co_return true;
}

TEST_F(ReplicaTest, AppendsOfOneTurnAreWrittenTogetherAndThenTold) {
  open({.flush_messages = INT64_MAX});
  lead(0);
  append(1);  // Begins the epoch, of which a file is written.
  AppendRounds rounds(context.get_executor(), clock);
  auto watcher = std::make_shared<CountingWatcher>();
  replica->watch(watcher);
  const auto round = rounds.current();
  EXPECT_EQ(rounds.current(), round);
  const auto first = append_later(2, *round);
  const auto second = append_later(3, *round);
  EXPECT_EQ(second.last_offset, 5);
  EXPECT_EQ(replica->log_end_offset(), 1);
  EXPECT_EQ(replica->high_watermark(), 1);
  const int writes = disk.write_count();
  EXPECT_TRUE(*start(has_ended(round)));
  EXPECT_EQ(disk.write_count() - writes, 1);
  EXPECT_TRUE(replica->was_written(first) && replica->was_written(second));
  EXPECT_EQ(replica->high_watermark(), 6);
  EXPECT_EQ(watcher->notified, 1);
  EXPECT_TRUE(*start(has_ended(round))) << "also for who asks late";
  EXPECT_NE(rounds.current(), round);
}

TEST_F(ReplicaTest, ARoundThatCanNotBeWrittenIsTold) {
  open();
  lead(0);
  AppendRounds rounds(context.get_executor(), clock);
  const auto round = rounds.current();
  const auto result = append_later(2, *round);
  disk.set_space_left(10);
  EXPECT_TRUE(*start(has_ended(round)));
  EXPECT_FALSE(replica->was_written(result));
  EXPECT_EQ(replica->log_end_offset(), 0);
  disk.set_space_left(UINT64_MAX);
  EXPECT_EQ(append(1).last_offset, 0);
}

TEST_F(ReplicaTest, WhatATermTookInIsWrittenBeforeItEnds) {
  open();
  lead(0);
  AppendRounds rounds(context.get_executor(), clock);
  const auto round = rounds.current();
  const auto result = append_later(2, *round);
  replica->resign();
  EXPECT_EQ(replica->log_end_offset(), 2);
  EXPECT_TRUE(*start(has_ended(round)));
  EXPECT_TRUE(replica->was_written(result));
}

}  // namespace
}  // namespace moldau
