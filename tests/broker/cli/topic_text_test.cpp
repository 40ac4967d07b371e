#include "broker/cli/topic_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TopicText two_partitions() {
  const std::vector<int32_t> none;
  return {.name = "t",
          .topic_id = "3PFeSWAdT4-tCLsLZFzF0Q",
          .configs = {{"cleanup.policy", "compact,delete"}, {"min.insync.replicas", "2"}},
          .partitions = {{0, 1, {1, 2}, {1, 2}, none, none}, {1, -1, {2, 1}, {2}, {}, {}}}};
}

TEST(TopicText, IsAsKafkasToolPrintsIt) {
  EXPECT_EQ(describe_text(two_partitions(), {}),
            "Topic: t\tTopicId: 3PFeSWAdT4-tCLsLZFzF0Q\tPartitionCount: 2\tReplicationFactor: "
            "2\tConfigs: cleanup.policy=compact,delete,min.insync.replicas=2\n"
            "\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: \n"
            "\tTopic: t\tPartition: 1\tLeader: none\tReplicas: 2,1\tIsr: 2\tElr: "
            "N/A\tLastKnownElr: N/A\n");
}

TEST(TopicText, FiltersOnPartitionsLeaveOutTheHeader) {
  const std::string second =
      "\tTopic: t\tPartition: 1\tLeader: none\tReplicas: 2,1\tIsr: 2\tElr: N/A\tLastKnownElr: "
      "N/A\n";
  EXPECT_EQ(describe_text(two_partitions(), {.under_replicated = true}), second);
  EXPECT_EQ(describe_text(two_partitions(), {.unavailable = true, .live_brokers = {1}}), second);
  EXPECT_EQ(describe_text(two_partitions(), {.under_min_isr = true}), second);
  EXPECT_THAT(describe_text(two_partitions(), {.at_min_isr = true}), HasSubstr("Partition: 0"));
}

TEST(TopicText, OverridesAreHeadersOnly) {
  TopicText plain = two_partitions();
  plain.configs.clear();
  EXPECT_EQ(describe_text(plain, {.with_overrides = true}), "");
  EXPECT_THAT(describe_text(two_partitions(), {.with_overrides = true}),
              testing::Not(HasSubstr("Partition: ")));
}

TEST(TopicText, JsonHoldsTheSame) {
  EXPECT_EQ(describe_json({.name = "t",
                           .topic_id = "id",
                           .configs = {{"a", "\"b\""}},
                           .partitions = {{0, 1, {1}, {1}, {}, {}}}}),
            R"({"topic":"t","topicId":"id","configs":{"a":"\"b\""},"partitions":[{"partition":0,)"
            R"("leader":1,"replicas":[1],"isr":[1]}]})");
}

TEST(ReplicaAssignment, PartitionsAreApartByCommas) {
  const auto assignment = parse_replica_assignment("1:2,2:3");
  ASSERT_TRUE(assignment.ok());
  EXPECT_THAT(*assignment, ElementsAre(ElementsAre(1, 2), ElementsAre(2, 3)));
}

TEST(ReplicaAssignment, WhatMakesNoSenseIsRefused) {
  EXPECT_FALSE(parse_replica_assignment("").ok());
  EXPECT_FALSE(parse_replica_assignment("1:x").ok());
  EXPECT_THAT(std::string(parse_replica_assignment("1:1").status().message()),
              HasSubstr("duplicate"));
  EXPECT_THAT(std::string(parse_replica_assignment("1:2,3").status().message()),
              HasSubstr("different replication factor"));
}

}  // namespace
}  // namespace moldau::cli
