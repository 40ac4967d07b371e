#include "broker/groups/offsets.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/records/frame.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Uuid kOrders{1}, kOrdersAgain{2};

// One core, its records applied as the shell does it.
class OffsetsTest : public testing::Test {
 protected:
  CommitOffsets::Reply commit(const CommitOffsets& event, Time now = {.wall_ms = 1000}) {
    auto decision = core_.commit(event, now);
    apply(std::move(decision.records));
    return std::move(decision.reply);
  }
  FetchOffsets::Reply fetch(const FetchOffsets& event) { return core_.fetch(event); }
  ForgetTopics::Reply forget(const ForgetTopics& event) {
    auto decision = core_.forget(event);
    apply(std::move(decision.records));
    return decision.reply;
  }
  void apply(std::vector<CoordinatorRecord> records) {
    records_ = std::move(records);
    for (const auto& record : records_) core_.apply(record);
  }

  // "topic-partition offset/epoch 'metadata' error"
  static std::vector<std::string> lines(const FetchOffsets::Reply& reply) {
    std::vector<std::string> out;
    for (const auto& topic : reply.topics)
      for (const auto& p : topic.partitions)
        out.push_back(topic.name + "-" + std::to_string(p.partition) + " " +
                      std::to_string(p.offset) + "/" + std::to_string(p.leader_epoch) + " '" +
                      p.metadata + "' " + name(p.error));
    return out;
  }
  std::vector<std::string> fetch_lines(std::string group, std::vector<int32_t> partitions,
                                       bool require_stable = false, Uuid topic_id = {}) {
    FetchOffsets event{.group = std::move(group), .require_stable = require_stable};
    event.topics.emplace();
    event.topics->push_back(
        {.name = "orders", .id = topic_id, .partitions = std::move(partitions)});
    return lines(fetch(event));
  }
  static CommitOffsets simple(std::string group, int32_t partition, int64_t offset) {
    CommitOffsets event{.group = std::move(group)};
    event.partitions.push_back(
        {.topic = "orders", .topic_id = kOrders, .partition = partition, .offset = offset});
    return event;
  }
  // As Kafka writes it from 4.2 on.
  void commit_with_id(const Uuid& topic_id, int32_t partition, int64_t offset) {
    const OffsetCommitKey key{.group = "g", .topic = "orders", .partition = partition};
    const OffsetCommitValue value{.offset = offset, .topic_id = topic_id};
    apply({{.key = encode_key(key), .value = encode_value(value, 4)}});
  }
  CoordinatorRecord transactional(int32_t partition, int64_t offset, int64_t producer_id) {
    auto decision = core_.commit(simple("g", partition, offset), {});
    decision.records.at(0).producer_id = producer_id;
    return decision.records.at(0);
  }

  std::unique_ptr<Table> table_ = make_memory_table();
  FoldedState state_{*table_, "p"};
  Offsets core_{state_, {.max_metadata = 10, .max_removed_at_once = 2, .max_examined_at_once = 3}};
  std::vector<CoordinatorRecord> records_;  // Of the last step.
};

TEST_F(OffsetsTest, WhatWasCommittedIsFetched) {
  CommitOffsets event{.group = "g"};
  event.partitions.push_back({.topic = "orders",
                              .topic_id = kOrders,
                              .partition = 2,
                              .offset = 42,
                              .leader_epoch = 7,
                              .metadata = "m"});
  event.partitions.push_back({.topic = "orders", .partition = 0, .offset = 1});
  EXPECT_THAT(commit(event).partitions, ElementsAre(ErrorCode::kNone, ErrorCode::kNone));
  EXPECT_THAT(fetch_lines("g", {0, 2}),
              ElementsAre("orders-0 1/-1 '' NONE", "orders-2 42/7 'm' NONE"));
}

TEST_F(OffsetsTest, NothingCommittedIsMinusOneWithEmptyMetadata) {
  EXPECT_THAT(fetch_lines("unknown", {0, 5}),
              ElementsAre("orders-0 -1/-1 '' NONE", "orders-5 -1/-1 '' NONE"));
}

TEST_F(OffsetsTest, ALaterCommitReplacesAnEarlierOneAndMayGoBack) {
  commit(simple("g", 0, 10));
  commit(simple("g", 0, 3));
  EXPECT_THAT(fetch_lines("g", {0}), ElementsAre("orders-0 3/-1 '' NONE"));
}

TEST_F(OffsetsTest, GroupsAreApartThoughOneNameBeginsWithTheOther) {
  commit(simple("g", 0, 1));
  commit(simple("gg", 0, 2));
  commit(simple("", 0, 3));
  EXPECT_THAT(lines(fetch({.group = "g"})), ElementsAre("orders-0 1/-1 '' NONE"));
  EXPECT_THAT(lines(fetch({.group = "gg"})), ElementsAre("orders-0 2/-1 '' NONE"));
  EXPECT_THAT(lines(fetch({.group = ""})), ElementsAre("orders-0 3/-1 '' NONE"));
}

TEST_F(OffsetsTest, FetchWithoutTopicsAnswersAllOfTheGroup) {
  CommitOffsets event{.group = "g"};
  for (const char* topic : {"b", "a", "a"})
    event.partitions.push_back(
        {.topic = topic, .partition = static_cast<int32_t>(event.partitions.size()), .offset = 5});
  commit(event);
  const auto reply = fetch({.group = "g"});
  EXPECT_THAT(lines(reply),
              ElementsAre("a-1 5/-1 '' NONE", "a-2 5/-1 '' NONE", "b-0 5/-1 '' NONE"));
  EXPECT_EQ(reply.topics.size(), 2u);
  EXPECT_THAT(fetch({.group = "unknown"}).topics, IsEmpty());
}

TEST_F(OffsetsTest, OversizeMetadataIsRefusedForItsPartitionAlone) {
  CommitOffsets event{.group = "g"};
  event.partitions.push_back(
      {.topic = "orders", .partition = 0, .offset = 1, .metadata = "12345678901"});
  event.partitions.push_back({.topic = "orders",
                              .partition = 1,
                              .offset = 1,
                              .metadata = "\u00e9\u00e9\u00e9\u00e9\u00e9"
                                          "67890"});
  EXPECT_THAT(commit(event).partitions,
              ElementsAre(ErrorCode::kOffsetMetadataTooLarge, ErrorCode::kNone));
  EXPECT_THAT(fetch_lines("g", {0, 1}), ElementsAre("orders-0 -1/-1 '' NONE",
                                                    "orders-1 1/-1 '\u00e9\u00e9\u00e9\u00e9\u00e9"
                                                    "67890' NONE"));
}

TEST_F(OffsetsTest, ValuesAreOfAVersionThatToolsRead) {
  commit(simple("g", 0, 1));
  EXPECT_EQ(read_int16_prefix(as_bytes(*records_.at(0).value)).value(), 3);
  auto event = simple("g", 0, 1);
  event.retention_ms = 500;
  commit(event, {.wall_ms = 1000});
  const Bytes value = as_bytes(*records_.at(0).value);
  EXPECT_EQ(read_int16_prefix(value).value(), 1);
  EXPECT_EQ(decode_value<OffsetCommitValue>(value)->expire_timestamp, 1500);
}

TEST_F(OffsetsTest, CommitTimestampIsTheClientsIfItGaveOne) {
  auto event = simple("g", 0, 1);
  commit(event, {.wall_ms = 1000});
  EXPECT_EQ(decode_value<OffsetCommitValue>(as_bytes(*records_.at(0).value))->commit_timestamp,
            1000);
  event.partitions[0].commit_timestamp_ms = 77;
  commit(event, {.wall_ms = 1000});
  EXPECT_EQ(decode_value<OffsetCommitValue>(as_bytes(*records_.at(0).value))->commit_timestamp, 77);
}

TEST_F(OffsetsTest, OffsetsThatKafkaKeptForAnEarlierTopicOfTheSameNameAreNotTold) {
  commit_with_id(kOrders, 0, 9);
  EXPECT_THAT(fetch_lines("g", {0}, false, kOrders), ElementsAre("orders-0 9/-1 '' NONE"));
  EXPECT_THAT(fetch_lines("g", {0}, false, kOrdersAgain), ElementsAre("orders-0 -1/-1 '' NONE"));
}

TEST_F(OffsetsTest, DeletedTopicsAreForgottenAPartAtATime) {
  for (int32_t partition = 0; partition < 2; ++partition) commit(simple("g", partition, 1));
  commit_with_id(kOrders, 2, 1);
  commit_with_id(kOrdersAgain, 3, 1);
  commit(simple("g", 4, 1), {.wall_ms = 2001});
  const ForgetTopics forget{.topics = {{"orders", kOrders}}, .deleted_ms = 2000};
  EXPECT_FALSE(this->forget(forget).is_done);
  EXPECT_EQ(records_.size(), 2u);
  EXPECT_EQ(records_[0].value, std::nullopt);
  EXPECT_TRUE(this->forget(forget).is_done);
  EXPECT_THAT(lines(fetch({.group = "g"})),
              ElementsAre("orders-3 1/-1 '' NONE", "orders-4 1/-1 '' NONE"));
}

TEST_F(OffsetsTest, GroupsThatHaveAnOffsetAreListedOnce) {
  EXPECT_THAT(core_.groups(), IsEmpty());
  for (const char* group : {"g", "gg", "a", ""})
    for (int32_t partition = 0; partition < 2; ++partition) commit(simple(group, partition, 1));
  EXPECT_THAT(core_.groups(), ElementsAre("", "a", "g", "gg"));
  EXPECT_TRUE(core_.has_any("g"));
  EXPECT_FALSE(core_.has_any("ggg"));
}

TEST_F(OffsetsTest, OneOffsetOrAllOfAGroupAreRemoved) {
  for (int32_t partition = 0; partition < 3; ++partition) commit(simple("g", partition, 1));
  commit(simple("gg", 0, 1));
  EXPECT_EQ(core_.remove("g", "orders", 7), std::nullopt);
  apply({core_.remove("g", "orders", 1).value()});
  EXPECT_THAT(lines(fetch({.group = "g"})),
              ElementsAre("orders-0 1/-1 '' NONE", "orders-2 1/-1 '' NONE"));
  apply(core_.remove_all("g"));
  EXPECT_THAT(core_.groups(), ElementsAre("gg"));
}

TEST_F(OffsetsTest, DueOffsetsAreRemovedAPartAtATime) {
  for (int32_t partition = 0; partition < 5; ++partition)
    commit(simple("g", partition, partition), {.wall_ms = 1000 + partition});
  const auto is_due = [](const OffsetCommitKey&, const OffsetCommitValue& value) {
    return value.commit_timestamp != 1003;
  };
  auto walked = core_.remove_due("", is_due);
  ASSERT_TRUE(walked.next);
  EXPECT_EQ(walked.records.size(), 3u);
  apply(walked.records);
  walked = core_.remove_due(*walked.next, is_due);
  EXPECT_EQ(walked.next, std::nullopt);
  apply(walked.records);
  EXPECT_THAT(lines(fetch({.group = "g"})), ElementsAre("orders-3 3/-1 '' NONE"));
}

TEST_F(OffsetsTest, WhatATransactionMayYetChangeIsNotDue) {
  commit(simple("g", 0, 1));
  core_.apply(transactional(0, 100, 5));
  const auto is_due = [](const OffsetCommitKey&, const OffsetCommitValue&) { return true; };
  EXPECT_THAT(core_.remove_due("", is_due).records, IsEmpty());
}

TEST_F(OffsetsTest, ATransactionsOffsetsCountWhenItIsCommitted) {
  commit(simple("g", 0, 1));
  core_.apply(transactional(0, 100, 5));
  EXPECT_THAT(fetch_lines("g", {0}), ElementsAre("orders-0 1/-1 '' NONE"));
  EXPECT_THAT(fetch_lines("g", {0, 1}, true),
              ElementsAre("orders-0 -1/-1 '' UNSTABLE_OFFSET_COMMIT", "orders-1 -1/-1 '' NONE"));
  core_.end_transaction(6, true);  // Another producer's.
  EXPECT_THAT(fetch_lines("g", {0}), ElementsAre("orders-0 1/-1 '' NONE"));
  core_.end_transaction(5, true);
  EXPECT_THAT(fetch_lines("g", {0}, true), ElementsAre("orders-0 100/-1 '' NONE"));
}

TEST_F(OffsetsTest, AnAbortedTransactionLeavesWhatWasThere) {
  commit(simple("g", 0, 1));
  core_.apply(transactional(0, 100, 5));
  core_.end_transaction(5, false);
  core_.end_transaction(5, true);
  EXPECT_THAT(fetch_lines("g", {0}, true), ElementsAre("orders-0 1/-1 '' NONE"));
}

TEST_F(OffsetsTest, ACommitOutsideOfAnOpenTransactionIsTheNewerOne) {
  core_.apply(transactional(0, 100, 5));
  commit(simple("g", 0, 7));
  core_.end_transaction(5, true);
  EXPECT_THAT(fetch_lines("g", {0}, true), ElementsAre("orders-0 7/-1 '' NONE"));
}

TEST_F(OffsetsTest, OpenTransactionsSurviveInTheTable) {
  core_.apply(transactional(0, 100, 5));
  ASSERT_TRUE(state_.commit({.end_offset = 1}).ok());
  Offsets again(state_, {});
  again.end_transaction(5, true);
  EXPECT_THAT(fetch_lines("g", {0}), ElementsAre("orders-0 100/-1 '' NONE"));
}

TEST_F(OffsetsTest, RecordsOfOtherKindsAreLeftAlone) {
  core_.apply({.key = std::string("\0\x02\0\1g", 5), .value = "group metadata"});
  core_.apply({.key = "", .value = "no type"});
  core_.apply({.key = std::string("\0\1\0", 3), .value = "cut"});
  EXPECT_EQ(state_.uncommitted(), 0u);
}

}  // namespace
}  // namespace moldau
