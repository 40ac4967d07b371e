#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/metadata/cluster.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(RegisterBrokerTest, TheEpochIsTheOffsetOfTheRecord) {
  Cluster cluster(0);
  cluster.apply({NoOpRecord{}, NoOpRecord{}});
  const int64_t offset = cluster.next;
  const auto response =
      cluster.commit(cluster.controller.register_broker(Cluster::registration(1)));
  EXPECT_EQ(response.error_code, 0);
  EXPECT_EQ(response.broker_epoch, offset);
  const BrokerImage* broker = cluster.image().broker(1);
  ASSERT_NE(broker, nullptr);
  EXPECT_TRUE(broker->fenced);
  EXPECT_EQ(broker->endpoint("PLAINTEXT")->port, 9092);
  EXPECT_EQ(broker->endpoint("SSL"), nullptr);
}

TEST(RegisterBrokerTest, WhatDoesNotFitIsRefused) {
  Cluster cluster(2);
  const auto error = [&](const BrokerRegistrationRequest& request) {
    return static_cast<ErrorCode>(cluster.controller.register_broker(request).response.error_code);
  };
  auto request = Cluster::registration(3);
  request.cluster_id = "another";
  EXPECT_EQ(error(request), ErrorCode::kInconsistentClusterId);
  request = Cluster::registration(3);
  request.features[0].max_supported_version = 24;
  EXPECT_EQ(error(request), ErrorCode::kUnsupportedVersion);
  request = Cluster::registration(3);
  request.log_dirs = {uuid_of(201)};
  EXPECT_EQ(error(request), ErrorCode::kInvalidRequest) << "the directory of broker 1";
  request = Cluster::registration(2);
  request.incarnation_id = uuid_of(9);
  EXPECT_EQ(error(request), ErrorCode::kDuplicateBrokerRegistration) << "the other one lives";
}

TEST(RegisterBrokerTest, FeaturesThatThisNodeLacksKeepOthersOutOnly) {
  Cluster cluster(1);
  FeatureLevelRecord feature;
  feature.name = "group.version";
  feature.feature_level = 1;
  cluster.apply({feature});
  const auto error = [&](int32_t id) {
    return static_cast<ErrorCode>(
        cluster.controller.register_broker(Cluster::registration(id)).response.error_code);
  };
  EXPECT_EQ(error(1), ErrorCode::kNone);
  EXPECT_EQ(error(2), ErrorCode::kUnsupportedVersion);
}

TEST(RegisterBrokerTest, ARestartBeginsNewLeaderEpochs) {
  Cluster cluster;
  cluster.create("t", 2);
  auto request = Cluster::registration(1);
  request.incarnation_id = uuid_of(150);
  const auto response = cluster.commit(cluster.controller.register_broker(request));
  EXPECT_EQ(response.error_code, 0);
  EXPECT_EQ(cluster.commit(cluster.controller.unfence_broker(1, response.broker_epoch - 1)),
            ErrorCode::kStaleBrokerEpoch);
  EXPECT_EQ(cluster.commit(cluster.controller.unfence_broker(1, response.broker_epoch)),
            ErrorCode::kNone);
  EXPECT_FALSE(cluster.image().broker(1)->fenced);
  EXPECT_EQ(cluster.partition("t", 1).leader, 1);
  EXPECT_EQ(cluster.partition("t", 1).leader_epoch, 1);
  EXPECT_EQ(cluster.partition("t", 1).partition_epoch, 1);
  EXPECT_EQ(cluster.commit(cluster.controller.unfence_broker(1, response.broker_epoch)),
            ErrorCode::kNone);
  EXPECT_THAT(cluster.last, SizeIs(0)) << "already unfenced";
}

TEST(RegisterBrokerTest, AnEligibleReplicaLeadsWhenNobodyIsInSync) {
  Cluster cluster;
  cluster.create("t");
  PartitionChangeRecord left;  // As Kafka leaves a partition whose last replica was shut down.
  left.partition_id = 0;
  left.topic_id = cluster.image().topic("t")->id;
  left.leader = kNoLeader;
  left.isr.emplace();
  left.eligible_leader_replicas = {1};
  cluster.apply({left});
  auto request = Cluster::registration(1);
  request.incarnation_id = uuid_of(150);
  const auto response = cluster.commit(cluster.controller.register_broker(request));
  EXPECT_EQ(cluster.commit(cluster.controller.unfence_broker(1, response.broker_epoch)),
            ErrorCode::kNone);
  EXPECT_EQ(cluster.partition("t", 0).leader, 1);
  EXPECT_THAT(cluster.partition("t", 0).isr, ElementsAre(1));
  EXPECT_THAT(cluster.partition("t", 0).elr, ElementsAre());
}

TEST(ControlledShutdownTest, LeadershipMovesToTheInSync) {
  Cluster cluster(2);
  cluster.create({.name = "t",
                  .num_partitions = -1,
                  .replication_factor = -1,
                  .assignments = {{0, {1, 2}}, {1, {1}}}});
  cluster.create(
      {.name = "u", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1, 2}}}});
  cluster.create(
      {.name = "alone", .num_partitions = -1, .replication_factor = -1, .assignments = {{0, {1}}}});
  EXPECT_EQ(cluster.image().topic("t"), nullptr) << "partitions of one topic have as many replicas";
  const int64_t epoch = cluster.image().broker(1)->epoch;
  EXPECT_EQ(cluster.commit(cluster.controller.begin_controlled_shutdown(1, epoch)),
            ErrorCode::kNone);
  EXPECT_TRUE(cluster.image().broker(1)->in_controlled_shutdown);
  EXPECT_EQ(cluster.partition("u", 0).leader, 2);
  EXPECT_THAT(cluster.partition("u", 0).isr, ElementsAre(2));
  EXPECT_EQ(cluster.partition("alone", 0).leader, 1);
}

TEST(ProducerIdsTest, BlocksFollowEachOther) {
  Cluster cluster;
  AllocateProducerIdsRequest request;
  request.broker_id = 1;
  request.broker_epoch = cluster.image().broker(1)->epoch;
  for (int64_t block = 0; block < 3; ++block) {
    const auto response = cluster.commit(cluster.controller.allocate_producer_ids(request));
    EXPECT_EQ(response.error_code, 0);
    EXPECT_EQ(response.producer_id_start, block * 1000);
    EXPECT_EQ(response.producer_id_len, 1000);
  }
  EXPECT_EQ(cluster.image().next_producer_id(), 3000);
  --request.broker_epoch;
  EXPECT_EQ(cluster.commit(cluster.controller.allocate_producer_ids(request)).error_code,
            code(ErrorCode::kStaleBrokerEpoch));
}

class AlterPartitionTest : public testing::Test {
 protected:
  AlterPartitionTest() : cluster(3) {
    cluster.create({.name = "t",
                    .num_partitions = -1,
                    .replication_factor = -1,
                    .assignments = {{0, {1, 2}}}});
    request.broker_id = 1;
    request.broker_epoch = cluster.image().broker(1)->epoch;
    request.topics.push_back({.topic_id = cluster.image().topic("t")->id});
    request.topics[0].partitions.push_back({});
    isr({1});
  }
  void isr(const std::vector<int32_t>& ids) {
    change().new_isr_with_epochs.clear();
    for (int32_t id : ids) change().new_isr_with_epochs.push_back({.broker_id = id});
  }
  AlterPartitionRequest::Partition& change() { return request.topics[0].partitions[0]; }
  AlterPartitionResponse::Partition ask() {
    return cluster.commit(cluster.controller.alter_partition(request)).topics[0].partitions[0];
  }
  ErrorCode error() { return static_cast<ErrorCode>(ask().error_code); }

  Cluster cluster;
  AlterPartitionRequest request;
};

TEST_F(AlterPartitionTest, ShrinksAndExpands) {
  EXPECT_EQ(ask().partition_epoch, 1);
  EXPECT_THAT(cluster.partition("t", 0).isr, ElementsAre(1));
  EXPECT_EQ(cluster.partition("t", 0).leader_epoch, 0) << "the leader is the same";
  isr({1, 2});
  EXPECT_EQ(error(), ErrorCode::kInvalidUpdateVersion) << "it builds on partition epoch 0";
  change().partition_epoch = 1;
  EXPECT_EQ(ask().partition_epoch, 2);
  EXPECT_THAT(cluster.partition("t", 0).isr, ElementsAre(1, 2));
}

TEST_F(AlterPartitionTest, RefusalsInOrder) {
  change().partition_epoch = 5;
  EXPECT_EQ(error(), ErrorCode::kNotController) << "the leader knows more than we do";
  change().partition_epoch = 0;
  change().leader_epoch = -1;
  EXPECT_EQ(error(), ErrorCode::kFencedLeaderEpoch);
  change().leader_epoch = 0;
  isr({2});
  EXPECT_EQ(error(), ErrorCode::kInvalidRequest) << "without the leader";
  isr({1, 3});
  EXPECT_EQ(error(), ErrorCode::kInvalidRequest) << "not a replica";
  isr({1, 2});
  change().new_isr_with_epochs[1].broker_epoch = 12345;
  EXPECT_EQ(error(), ErrorCode::kIneligibleReplica) << "another incarnation of broker 2";
  change().new_isr_with_epochs[1].broker_epoch = -1;
  cluster.commit(cluster.controller.begin_controlled_shutdown(2, cluster.image().broker(2)->epoch));
  change().partition_epoch = cluster.partition("t", 0).partition_epoch;
  EXPECT_EQ(error(), ErrorCode::kIneligibleReplica) << "broker 2 is leaving";
  request.broker_epoch = 0;
  EXPECT_EQ(cluster.controller.alter_partition(request).response.error_code,
            code(ErrorCode::kStaleBrokerEpoch));
  request.broker_id = 3;
  request.broker_epoch = cluster.image().broker(3)->epoch;
  EXPECT_EQ(error(), ErrorCode::kInvalidRequest) << "broker 3 does not lead it";
}

}  // namespace
}  // namespace moldau
