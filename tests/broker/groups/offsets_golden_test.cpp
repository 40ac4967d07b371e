// Committed offsets against an Apache Kafka 4.4.0 broker: the bytes below are the segment files of
// its __consumer_offsets, three partitions, after
// - an admin client set by-admin: orders-2 to 42, leader epoch 7, metadata "a note é😀";
// - a client older than 2.1 (OffsetCommit v2, retention of a day) set retained: orders-0 to 9;
// - a consumer committed simple: orders-0 1 and orders-1 2^40 "m", the latter was then deleted;
// - transactions set simple: orders-0 to 100, committed, and to 200, aborted.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/group_core.h"
#include "broker/replicated_core.h"
#include "tests/broker/simulated_coordinator_log.h"

#include "absl/strings/escaping.h"

namespace moldau {
namespace {

using testing::ElementsAre;

constexpr const char* kByAdmin =
    "0000000000000000000000880000000002eb8db4f7000000000000000001a2072ae55b000001a2072ae55bff"
    "ffffffffffffffffff0000000000000001aa01000000300001000862792d61646d696e00066f726465727300"
    "0000026e0004000000000000002a000000070e61206e6f746520c3a9f09f9880000001a2072ae55201001002"
    "1d3262e9b74dbc8e8f295642fd978800";
constexpr const char* kRetained =
    "00000000000000000000006c00000000029eea14e7000000000000000001a2072ae6c5000001a2072ae6c5ff"
    "ffffffffffffffffff000000000000000174000000300001000872657461696e656400066f72646572730000"
    "000038000100000000000000090000000001a2072ae6c5000001a20c5142c500";
constexpr const char* kSimple =
    "0000000000000000000000c20000000002f6f537c6000000000001000001a2072ae658000001a2072ae658ff"
    "ffffffffffffffffff00000000000000028c010000002c0001000673696d706c6500066f7264657273000000"
    "005400040000000000000001ffffffff01000001a2072ae658010010021d3262e9b74dbc8e8f295642fd9788"
    "008e010000022c0001000673696d706c6500066f7264657273000000015600040000010000000000ffffffff"
    "026d000001a2072ae658010010021d3262e9b74dbc8e8f295642fd97880000000000000000020000004e0000"
    "000002c3b7537c000000000000000001a2072ae706000001a2072ae706ffffffffffffffffffff0000000000"
    "000001380000002c0001000673696d706c6500066f7264657273000000010100000000000000000300000079"
    "00000000025245cb18001000000000000001a2072ae999000001a2072ae99900000000000000000000000000"
    "00000000018c010000002c0001000673696d706c6500066f7264657273000000005400040000000000000064"
    "ffffffff01000001a2072ae995010010021d3262e9b74dbc8e8f295642fd9788000000000000000004000000"
    "420000000002266e2e2a003000000000000001a2072ae9e4000001a2072ae9e400000000000000000001ffff"
    "ffff000000012000000008000000010c000000000000000000000000000005000000790000000002500f9683"
    "001000000000000001a2072aea43000001a2072aea430000000000000000000100000000000000018c010000"
    "002c0001000673696d706c6500066f72646572730000000054000400000000000000c8ffffffff01000001a2"
    "072aea43010010021d3262e9b74dbc8e8f295642fd9788000000000000000006000000420000000002dab3eb"
    "9a003000000000000001a2072aea52000001a2072aea5200000000000000000002ffffffff00000001200000"
    "0008000000000c00000000000000";

const Uuid kOrders{0x02, 0x1d, 0x32, 0x62, 0xe9, 0xb7, 0x4d, 0xbc,
                   0x8e, 0x8f, 0x29, 0x56, 0x42, 0xfd, 0x97, 0x88};

std::vector<CoordinatorRecord> records_of(const std::string& segment) {
  std::vector<CoordinatorRecord> out;
  const auto walked =
      for_each_batch(as_bytes(segment), [&](const BatchHeader& header, Bytes batch) {
        if (header.is_control()) return true;
        return for_each_record(batch,
                               [&](const Record& record) {
                                 auto& added = out.emplace_back();
                                 added.key = as_text(*record.key);
                                 if (record.value) added.value = as_text(*record.value);
                                 return true;
                               })
            .ok();
      });
  EXPECT_TRUE(walked.ok());
  return out;
}

CoordinatorRecord written_by_us(CommitOffsets event, int64_t now_ms) {
  auto table = make_memory_table();
  FoldedState state(*table, "p");
  Offsets core(state, {});
  return core.commit(event, {.wall_ms = now_ms}).records.at(0);
}

// The same as Kafka before 4.2 wrote it, and as we do: without the id of the topic.
CoordinatorRecord before_topic_ids(CoordinatorRecord record) {
  const auto value = decode_value<OffsetCommitValue>(as_bytes(*record.value));
  record.value = encode_value(*value, 3);
  return record;
}

int64_t timestamp_in(const CoordinatorRecord& record) {
  return decode_value<OffsetCommitValue>(as_bytes(*record.value))->commit_timestamp;
}

TEST(OffsetsGolden, AnAdminsCommitIsWrittenAsKafkaWritesIt) {
  const auto theirs = before_topic_ids(records_of(absl::HexStringToBytes(kByAdmin)).at(0));
  CommitOffsets event{.group = "by-admin"};
  event.partitions.push_back({.topic = "orders",
                              .topic_id = kOrders,
                              .partition = 2,
                              .offset = 42,
                              .leader_epoch = 7,
                              .metadata = "a note \u00e9\U0001f600"});
  EXPECT_EQ(written_by_us(event, timestamp_in(theirs)), theirs);
}

TEST(OffsetsGolden, ACommitWithARetentionIsWrittenAsKafkaWritesIt) {
  const auto theirs = records_of(absl::HexStringToBytes(kRetained)).at(0);
  CommitOffsets event{.group = "retained", .version = 2, .retention_ms = 86'400'000};
  event.partitions.push_back(
      {.topic = "orders", .topic_id = kOrders, .partition = 0, .offset = 9, .metadata = {}});
  EXPECT_EQ(written_by_us(event, timestamp_in(theirs)), theirs);
}

TEST(OffsetsGolden, AConsumersCommitsAndTheirDeletionAreWrittenAsKafkaWritesThem) {
  const auto theirs = records_of(absl::HexStringToBytes(kSimple));
  CommitOffsets event{.group = "simple"};
  event.partitions.push_back({.topic = "orders", .topic_id = kOrders, .partition = 0, .offset = 1});
  EXPECT_EQ(written_by_us(event, timestamp_in(theirs[0])), before_topic_ids(theirs[0]));
  event.partitions[0].partition = 1;
  event.partitions[0].offset = 1LL << 40;
  event.partitions[0].metadata = "m";
  EXPECT_EQ(written_by_us(event, timestamp_in(theirs[1])), before_topic_ids(theirs[1]));

  auto table = make_memory_table();
  FoldedState state(*table, "p");
  Offsets core(state, {});
  core.apply(theirs[1]);
  const ForgetTopics forget{.topics = {{"orders", kOrders}}};
  EXPECT_THAT(core.forget(forget).records, ElementsAre(theirs.at(2)));
}

// Loads a partition that Kafka wrote and asks for all of a group.
std::vector<std::string> loaded(const char* segment, std::string group) {
  SimulatedTime time;
  auto log = std::make_shared<SimulatedCoordinatorLog>(time);
  const std::string bytes = absl::HexStringToBytes(segment);
  log->load(as_bytes(bytes));
  auto table = make_memory_table();
  auto core = std::make_shared<ReplicatedCore<GroupCore>>(
      time.context().get_executor(), time, log, *table, "p",
      [](FoldedState& state) { return std::make_unique<GroupCore>(state, GroupCore::Limits{}); },
      ReplicatedCoreOptions{});
  core->start();
  std::vector<std::string> out;
  auto ask = [&]() -> asio::awaitable<void> {
    FetchOffsets fetch{.group = group, .require_stable = true};
    auto answer = co_await core->submit(std::move(fetch));
    for (const auto& topic : answer.reply.topics)
      for (const auto& p : topic.partitions)
        out.push_back(topic.name + "-" + std::to_string(p.partition) + " " +
                      std::to_string(p.offset) + "/" + std::to_string(p.leader_epoch) + " " +
                      p.metadata);
  };
  time.run_ready();
  asio::co_spawn(time.context(), ask(), asio::detached);
  time.run_ready();
  core->stop();
  time.run_ready();
  return out;
}

TEST(OffsetsGolden, WhatKafkaCommittedIsFetched) {
  EXPECT_THAT(loaded(kByAdmin, "by-admin"), ElementsAre("orders-2 42/7 a note \u00e9\U0001f600"));
  EXPECT_THAT(loaded(kRetained, "retained"), ElementsAre("orders-0 9/-1 "));
}

TEST(OffsetsGolden, KafkasTombstonesAndEndedTransactionsAreUnderstood) {
  EXPECT_THAT(loaded(kSimple, "simple"), ElementsAre("orders-0 100/-1 "));
}

}  // namespace
}  // namespace moldau
