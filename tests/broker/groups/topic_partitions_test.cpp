#include "broker/groups/topic_partitions.h"

#include <gtest/gtest.h>

#include "protocol/messages/consumer_group_heartbeat.h"
#include "tests/broker/groups/topics.h"

namespace moldau {
namespace {

const Uuid kA = topic_id(1), kB = topic_id(2), kC = topic_id(3);
const TopicPartitions kFirst{{kA, {0, 1, 2}}, {kB, {0}}};
const TopicPartitions kSecond{{kA, {1, 3}}, {kB, {0}}, {kC, {7}}};

TEST(TopicPartitions, SetOperationsLeaveNoEmptyTopics) {
  EXPECT_EQ(union_of(kFirst, kSecond), (TopicPartitions{{kA, {0, 1, 2, 3}}, {kB, {0}}, {kC, {7}}}));
  EXPECT_EQ(difference_of(kFirst, kSecond), (TopicPartitions{{kA, {0, 2}}}));
  EXPECT_EQ(difference_of(kSecond, kFirst), (TopicPartitions{{kA, {3}}, {kC, {7}}}));
  EXPECT_EQ(intersection_of(kFirst, kSecond), (TopicPartitions{{kA, {1}}, {kB, {0}}}));
  EXPECT_EQ(intersection_of(kFirst, {{kA, {5}}}), TopicPartitions{});
  EXPECT_EQ(difference_of(kFirst, kFirst), TopicPartitions{});
}

TEST(TopicPartitions, ContainsAndCounts) {
  EXPECT_TRUE(contains_all(kFirst, {{kA, {0, 2}}}));
  EXPECT_TRUE(contains_all(kFirst, {}));
  EXPECT_FALSE(contains_all(kFirst, {{kA, {0, 3}}}));
  EXPECT_FALSE(contains_all(kFirst, {{kC, {7}}}));
  EXPECT_TRUE(contains(kFirst, kA, 2));
  EXPECT_FALSE(contains(kFirst, kA, 3));
  EXPECT_FALSE(contains(kFirst, kC, 0));
  EXPECT_EQ(count(kSecond), 4u);
  EXPECT_EQ(count({}), 0u);
}

TEST(TopicPartitions, ListsOfMessagesAreBroughtIntoForm) {
  using Listed = ConsumerGroupHeartbeatRequest::TopicPartitions;
  std::vector<Listed> list(4);
  list[0].topic_id = kB;
  list[0].partitions = {3, 1, 3};
  list[1].topic_id = kA;
  list[2].topic_id = kB;
  list[2].partitions = {2, 1};
  list[3].topic_id = kC;
  list[3].partitions = {0};
  const TopicPartitions set = to_topic_partitions(list);
  EXPECT_EQ(set, (TopicPartitions{{kB, {1, 2, 3}}, {kC, {0}}}));
  const auto again = to_list<Listed>(set);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].topic_id, kB);
  EXPECT_EQ(again[0].partitions, (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(to_topic_partitions(again), set);
}

}  // namespace
}  // namespace moldau
