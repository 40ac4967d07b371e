#include "broker/groups/consumer_protocol.h"

#include <random>

#include <gtest/gtest.h>

namespace moldau {
namespace {

ConsumerProtocolSubscription some_subscription(const std::string& user_data) {
  ConsumerProtocolSubscription subscription;
  subscription.topics = {"orders", "payments"};
  subscription.user_data = as_bytes(user_data);
  subscription.owned_partitions = {{"orders", {0, 2}}};
  subscription.generation_id = 7;
  subscription.rack_id = "r1";
  return subscription;
}

TEST(ConsumerProtocol, EachVersionHasItsFields) {
  const std::string user_data = "data";
  for (Version version = 0; version <= 3; ++version) {
    const std::string bytes = write_subscription(some_subscription(user_data), version);
    EXPECT_EQ(consumer_protocol_version(as_bytes(bytes)), version);
    const auto read = read_subscription(as_bytes(bytes));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->topics, (std::vector<std::string>{"orders", "payments"}));
    EXPECT_EQ(as_text(*read->user_data), "data");
    EXPECT_EQ(read->owned_partitions.size(), version >= 1 ? 1u : 0u);
    EXPECT_EQ(read->generation_id, version >= 2 ? 7 : -1);
    EXPECT_EQ(read->rack_id.value_or(""), version >= 3 ? "r1" : "");
  }
}

TEST(ConsumerProtocol, SubscriptionIsReadAsClientsWriteIt) {
  // kafka-python's, version 0: one topic "t" and null user data.
  const std::string bytes("\0\0\0\0\0\1\0\1t\xff\xff\xff\xff", 13);
  const auto read = read_subscription(as_bytes(bytes));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->topics, std::vector<std::string>{"t"});
  EXPECT_FALSE(read->user_data);
}

TEST(ConsumerProtocol, NewerVersionsAreReadAsTheNewestKnown) {
  const std::string user_data = "data";
  std::string bytes = write_subscription(some_subscription(user_data), 99);
  EXPECT_EQ(consumer_protocol_version(as_bytes(bytes)), 3);
  bytes[1] = 9;
  bytes += "a field of the future";
  const auto read = read_subscription(as_bytes(bytes));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->rack_id, "r1");
  EXPECT_EQ(consumer_protocol_version(as_bytes(bytes)), 9);
}

TEST(ConsumerProtocol, TrailingBytesAreIgnored) {
  ConsumerProtocolAssignment assignment;
  assignment.assigned_partitions = {{"t", {0, 1}}};
  const auto read = read_assignment(as_bytes(write_assignment(assignment, 1) + "more"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->assigned_partitions.size(), 1u);
  EXPECT_EQ(read->assigned_partitions[0].partitions, (std::vector<int32_t>{0, 1}));
}

TEST(ConsumerProtocol, MalformedBytesAreAnError) {
  const std::string user_data = "data";
  const std::string whole = write_subscription(some_subscription(user_data), 3);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_subscription(as_bytes(whole).first(size)).ok()) << size;
  }
  EXPECT_FALSE(read_subscription(as_bytes(std::string("\xff\xff\0\0\0\0", 6))).ok());
  EXPECT_FALSE(read_subscription(as_bytes(std::string("\0\0\x7f\xff\xff\xff", 6))).ok());
  EXPECT_FALSE(read_assignment({}).ok());
  EXPECT_EQ(consumer_protocol_version({}), 0);
}

TEST(ConsumerProtocol, AnyBytesAreReadOrRefused) {
  const std::string user_data = "data";
  const std::string whole = write_subscription(some_subscription(user_data), 3);
  std::minstd_rand random(1);
  int readable = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = whole;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes[random() % bytes.size()] = static_cast<char>(random());
    readable += read_subscription(as_bytes(bytes)).ok();
    readable += read_assignment(as_bytes(bytes)).ok();
  }
  EXPECT_GT(readable, 0);
}

}  // namespace
}  // namespace moldau
