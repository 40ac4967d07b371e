#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/metadata/cluster.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(CreateTopicsTest, TopicHasItsPartitionsLedByTheBroker) {
  Cluster cluster;
  const auto topic = cluster.create("orders", 3);
  EXPECT_EQ(verdict(topic), "OK");
  EXPECT_EQ(topic.num_partitions, 3);
  EXPECT_EQ(topic.replication_factor, 1);
  ASSERT_NE(cluster.image().topic("orders"), nullptr);
  EXPECT_EQ(cluster.image().topic("orders")->id, topic.topic_id);
  EXPECT_EQ(cluster.image().topic(topic.topic_id), cluster.image().topic("orders"));
  ASSERT_THAT(cluster.image().topic("orders")->partitions, SizeIs(3));
  const PartitionImage& last = cluster.partition("orders", 2);
  EXPECT_EQ(last.leader, 1);
  EXPECT_EQ(last.leader_epoch, 0);
  EXPECT_EQ(last.partition_epoch, 0);
  EXPECT_THAT(last.isr, ElementsAre(1));
  EXPECT_THAT(last.directories, ElementsAre(uuid_of(201)));
}

TEST(CreateTopicsTest, MinusOneIsTheDefault) {
  Cluster cluster(3);
  cluster.controller.set_defaults(4, 2);
  const auto topic = cluster.create("t", -1, -1);
  EXPECT_EQ(topic.num_partitions, 4);
  EXPECT_EQ(topic.replication_factor, 2);
}

TEST(CreateTopicsTest, LeadersAndReplicasSpread) {
  Cluster cluster(3);
  cluster.create("t", 3, 2);
  std::set<int32_t> leaders;
  for (int32_t p = 0; p < 3; ++p) {
    leaders.insert(cluster.partition("t", p).leader);
    EXPECT_NE(cluster.partition("t", p).replicas[0], cluster.partition("t", p).replicas[1]);
  }
  EXPECT_THAT(leaders, SizeIs(3));
}

TEST(CreateTopicsTest, NamesAreChecked) {
  Cluster cluster;
  EXPECT_EQ(verdict(cluster.create("")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(verdict(cluster.create(".")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(verdict(cluster.create("..")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: '..' is not allowed");
  EXPECT_EQ(verdict(cluster.create("a b")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'a b' contains one or more characters "
            "other than ASCII alphanumerics, '.', '_' and '-'");
  const std::string longest(249, 'x');
  EXPECT_EQ(verdict(cluster.create(longest)), "OK");
  EXPECT_EQ(verdict(cluster.create(longest + "x")),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: the length of '" + longest +
                "x' is longer than the max allowed length 249");
  EXPECT_EQ(verdict(cluster.create("__cluster_metadata")),
            "INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.");
  EXPECT_EQ(verdict(cluster.create("__consumer_offsets")), "OK");
}

TEST(CreateTopicsTest, DotAndUnderscoreCollide) {
  Cluster cluster;
  cluster.create("a.b_c");
  EXPECT_EQ(verdict(cluster.create("a_b.c")),
            "INVALID_TOPIC_EXCEPTION: Topic 'a_b.c' collides with existing topic: a.b_c");
  EXPECT_EQ(verdict(cluster.create("a.b.d")), "OK");
  CreateTopicsRequest both;
  both.topics = {{.name = "x.y", .num_partitions = 1, .replication_factor = 1},
                 {.name = "x_y", .num_partitions = 1, .replication_factor = 1}};
  const auto response = cluster.commit(cluster.controller.create_topics(both));
  EXPECT_EQ(verdict(response.topics[0]), "OK");
  EXPECT_EQ(verdict(response.topics[1]),
            "INVALID_TOPIC_EXCEPTION: Topic 'x_y' collides with existing topic: x.y");
}

TEST(CreateTopicsTest, WhatExistsOrComesTwiceIsRefused) {
  Cluster cluster;
  cluster.create("t");
  EXPECT_EQ(verdict(cluster.create("t")), "TOPIC_ALREADY_EXISTS: Topic 't' already exists.");
  CreateTopicsRequest twice;
  twice.topics.resize(3, {.name = "u", .num_partitions = 1, .replication_factor = 1});
  twice.topics[1].name = "v";
  const auto response = cluster.commit(cluster.controller.create_topics(twice));
  ASSERT_THAT(response.topics, SizeIs(2));
  EXPECT_EQ(verdict(response.topics[0]), "INVALID_REQUEST: Duplicate topic name.");
  EXPECT_EQ(verdict(response.topics[1]), "OK");
  EXPECT_EQ(cluster.image().topic("u"), nullptr);
}

TEST(CreateTopicsTest, CountsAreChecked) {
  Cluster cluster;
  EXPECT_EQ(verdict(cluster.create("t", 0)),
            "INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.");
  EXPECT_EQ(verdict(cluster.create("t", 1, 0)),
            "INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, or -1 to use "
            "the default value.");
  EXPECT_EQ(verdict(cluster.create("t", 1, 2)),
            "INVALID_REPLICATION_FACTOR: Replication factor: 2 larger than available brokers: 1.");
  EXPECT_EQ(verdict(cluster.create("t", 2'000'000'000)),
            "POLICY_VIOLATION: Excessively large number of partitions per request.");
  EXPECT_THAT(cluster.last, SizeIs(0));
  Cluster nobody(0);
  EXPECT_EQ(verdict(nobody.create("t")),
            "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 1 time(s): All brokers "
            "are currently fenced.");
}

CreateTopicsRequest::Topic assigned(std::vector<CreateTopicsRequest::Assignment> assignments) {
  return {.name = "t",
          .num_partitions = -1,
          .replication_factor = -1,
          .assignments = std::move(assignments)};
}

TEST(CreateTopicsTest, AssignmentsAreTakenAsGiven) {
  Cluster cluster(3);
  EXPECT_EQ(verdict(cluster.create(assigned({{1, {3, 2}}, {0, {2, 1}}}))), "OK");
  EXPECT_THAT(cluster.partition("t", 0).replicas, ElementsAre(2, 1));
  EXPECT_THAT(cluster.partition("t", 1).replicas, ElementsAre(3, 2));
  EXPECT_EQ(cluster.partition("t", 1).leader, 3);
}

TEST(CreateTopicsTest, AssignmentsAreChecked) {
  Cluster cluster(2);
  auto with_count = assigned({{0, {1}}});
  with_count.num_partitions = 1;
  EXPECT_EQ(verdict(cluster.create(with_count)),
            "INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was "
            "not set to -1.");
  with_count = assigned({{0, {1}}});
  with_count.replication_factor = 1;
  EXPECT_EQ(verdict(cluster.create(with_count)),
            "INVALID_REQUEST: A manual partition assignment was specified, but replication factor "
            "was not set to -1.");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {}}}))),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica "
            "list.");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {7}}}))),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 7, but no "
            "such broker is registered.");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {1, 1}}}))),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 "
            "more than once.");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {1}}, {1, {1, 2}}}))),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a partition with "
            "2 replica(s), but this is not consistent with previous partitions, which have 1 "
            "replica(s).");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {1}}, {0, {2}}}))),
            "INVALID_REPLICA_ASSIGNMENT: Found multiple manual partition assignments for partition "
            "0");
  EXPECT_EQ(verdict(cluster.create(assigned({{0, {1}}, {2, {2}}}))),
            "INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer "
            "sequence");
}

TEST(CreateTopicsTest, SettingsAreCheckedKeptAndAnswered) {
  Cluster cluster;
  const auto with = [](std::string name, std::optional<std::string> value) {
    return CreateTopicsRequest::Topic{.name = "t",
                                      .num_partitions = 1,
                                      .replication_factor = 1,
                                      .configs = {{std::move(name), std::move(value)}}};
  };
  EXPECT_EQ(verdict(cluster.create(with("no.such", "1"))),
            "INVALID_CONFIG: Unknown topic config name: no.such");
  EXPECT_EQ(verdict(cluster.create(with("retention.ms", std::nullopt))),
            "INVALID_CONFIG: Null value not supported for topic configs: retention.ms");
  const auto topic = cluster.create(with("retention.ms", "5"));
  EXPECT_EQ(verdict(topic), "OK");
  ASSERT_THAT(*topic.configs, SizeIs(1));
  EXPECT_EQ(topic.configs->front().value, "5");
  const ConfigResource resource{ConfigResourceType::kTopic, "t"};
  EXPECT_EQ(cluster.image().configs(resource).at("retention.ms"), "5");
}

TEST(CreateTopicsTest, ValidateOnlyChangesNothing) {
  Cluster cluster;
  CreateTopicsRequest request;
  request.validate_only = true;
  request.topics = {{.name = "t", .num_partitions = 2, .replication_factor = 1}};
  const auto decision = cluster.controller.create_topics(request);
  EXPECT_EQ(verdict(decision.response.topics[0]), "OK");
  EXPECT_EQ(decision.response.topics[0].num_partitions, 2);
  EXPECT_THAT(decision.records, SizeIs(0));
}

TEST(DeleteTopicsTest, ByNameAndById) {
  Cluster cluster;
  const auto a = cluster.create({.name = "a",
                                 .num_partitions = 1,
                                 .replication_factor = 1,
                                 .configs = {{"retention.ms", "5"}}});
  const auto b = cluster.create("b");
  DeleteTopicsRequest request;
  request.topic_names = {"a", "nosuch"};
  request.topics = {{.topic_id = b.topic_id}, {.topic_id = uuid_of(77)}};
  const auto response = cluster.commit(cluster.controller.delete_topics(request));
  ASSERT_THAT(response.topics, SizeIs(4));
  EXPECT_EQ(verdict(response.topics[0]), "OK");
  EXPECT_EQ(response.topics[0].name, "b");
  EXPECT_EQ(verdict(response.topics[1]),
            std::string("UNKNOWN_TOPIC_ID: ") + default_message(ErrorCode::kUnknownTopicId));
  EXPECT_EQ(verdict(response.topics[2]), "OK");
  EXPECT_EQ(response.topics[2].topic_id, a.topic_id);
  EXPECT_EQ(verdict(response.topics[3]), std::string("UNKNOWN_TOPIC_OR_PARTITION: ") +
                                             default_message(ErrorCode::kUnknownTopicOrPartition));
  EXPECT_THAT(cluster.image().topics(), SizeIs(0));
  const ConfigResource resource{ConfigResourceType::kTopic, "a"};
  EXPECT_THAT(cluster.image().configs(resource), SizeIs(0));
}

TEST(DeleteTopicsTest, WhatIsUnclearIsRefused) {
  Cluster cluster;
  const auto a = cluster.create("a");
  DeleteTopicsRequest request;
  request.topics = {{.name = "a", .topic_id = a.topic_id}, {}, {.name = "x"}, {.name = "x"}};
  auto response = cluster.commit(cluster.controller.delete_topics(request));
  ASSERT_THAT(response.topics, SizeIs(3));
  EXPECT_EQ(verdict(response.topics[0]),
            "INVALID_REQUEST: You may not specify both topic name and topic id.");
  EXPECT_EQ(verdict(response.topics[1]),
            "INVALID_REQUEST: Neither topic name nor id were specified.");
  EXPECT_EQ(verdict(response.topics[2]), "INVALID_REQUEST: Duplicate topic name.");
  request.topics = {{.name = "a"}, {.topic_id = a.topic_id}};
  response = cluster.commit(cluster.controller.delete_topics(request));
  EXPECT_EQ(verdict(response.topics[0]),
            "INVALID_REQUEST: The provided topic name maps to an ID that was already supplied.");
  EXPECT_EQ(verdict(response.topics[1]), "OK");
  EXPECT_EQ(cluster.image().topic("a"), nullptr);
}

CreatePartitionsRequest grow(const std::string& name, int32_t count) {
  CreatePartitionsRequest request;
  request.topics.push_back({.name = name, .count = count});
  return request;
}

TEST(CreatePartitionsTest, PartitionsAreAdded) {
  Cluster cluster;
  cluster.create("t", 2);
  const auto response = cluster.commit(cluster.controller.create_partitions(grow("t", 5)));
  EXPECT_EQ(verdict(response.topics[0]), "OK");
  ASSERT_THAT(cluster.image().topic("t")->partitions, SizeIs(5));
  EXPECT_EQ(cluster.partition("t", 4).leader, 1);
}

TEST(CreatePartitionsTest, WhatIsNoIncreaseIsRefused) {
  Cluster cluster;
  cluster.create("t", 2);
  const auto refused = [&](const CreatePartitionsRequest& request) {
    return verdict(cluster.commit(cluster.controller.create_partitions(request)).topics[0]);
  };
  EXPECT_EQ(refused(grow("t", 2)), "INVALID_PARTITIONS: Topic already has 2 partition(s).");
  EXPECT_EQ(refused(grow("t", 1)),
            "INVALID_PARTITIONS: The topic t currently has 2 partition(s); 1 would not be an "
            "increase.");
  EXPECT_EQ(refused(grow("u", 3)), "UNKNOWN_TOPIC_OR_PARTITION: -");
  auto assigned_wrong = grow("t", 4);
  assigned_wrong.topics[0].assignments.emplace().push_back({.broker_ids = {1}});
  EXPECT_EQ(refused(assigned_wrong),
            "INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 "
            "assignment(s) were specified.");
  EXPECT_EQ(refused(grow("t", 1'000'000)),
            "POLICY_VIOLATION: Excessively large number of additional partitions per request.");
  auto only_validate = grow("t", 4);
  only_validate.validate_only = true;
  EXPECT_EQ(refused(only_validate), "OK");
  EXPECT_THAT(cluster.image().topic("t")->partitions, SizeIs(2));
}

}  // namespace
}  // namespace moldau
