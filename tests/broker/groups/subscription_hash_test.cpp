#include "broker/groups/subscription_hash.h"

#include <gtest/gtest.h>

#include "tests/broker/groups/topics.h"

namespace moldau {
namespace {

constexpr Uuid kOrders{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr Uuid kPayments{0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8,
                         0xf7, 0xf6, 0xf5, 0xf4, 0xf3, 0xf2, 0xf1, 0xf0};

ClusterImage two_topics() {
  ClusterImage image;
  register_broker(image, 1, "b");
  register_broker(image, 2, "a");
  register_broker(image, 3, "b\u00e9ta-\U0001f600");
  register_broker(image, 4, std::nullopt);
  create_topic(image, "orders", kOrders, 1, {1, 2});
  add_partitions(image, kOrders, 2, {4, 2});
  add_partitions(image, kOrders, 3, {});
  create_topic(image, "payments", kPayments, 100, {3, 2});
  return image;
}

// The values are what org.apache.kafka.coordinator.group.Utils of Kafka 4.4.0 answers.
TEST(SubscriptionHash, IsTheOneThatKafkaComputes) {
  const ClusterImage image = two_topics();
  EXPECT_EQ(topic_hash(*image.topic("orders"), image), -3682504339465033957);
  EXPECT_EQ(topic_hash(*image.topic("payments"), image), 7401221798058132528);
  EXPECT_EQ(subscription_hash({"orders"}, image), -7963157973551806000);
  EXPECT_EQ(subscription_hash({"orders", "payments"}, image), 5848658628629701703);
  EXPECT_EQ(subscription_hash({}, image), 0);
}

TEST(SubscriptionHash, LeavesOutTopicsThatAreNotThere) {
  const ClusterImage image = two_topics();
  EXPECT_EQ(subscription_hash({"orders", "other"}, image), -7963157973551806000);
  EXPECT_EQ(subscription_hash({"other"}, image), 0);
}

TEST(SubscriptionHash, ChangesWithPartitionsRacksAndId) {
  const int64_t before = subscription_hash({"orders"}, two_topics());
  ClusterImage grown = two_topics();
  add_partitions(grown, kOrders, 4, {1});
  EXPECT_NE(subscription_hash({"orders"}, grown), before);
  ClusterImage moved = two_topics();
  register_broker(moved, 2, "c");
  EXPECT_NE(subscription_hash({"orders"}, moved), before);
  ClusterImage again = two_topics();
  delete_topic(again, kOrders);
  create_topic(again, "orders", topic_id(1), 3, {1, 2});
  EXPECT_NE(subscription_hash({"orders"}, again), before);
}

}  // namespace
}  // namespace moldau
