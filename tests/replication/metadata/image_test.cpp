#include "replication/metadata/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replication/metadata/kraft_batch.h"
#include "tests/replication/metadata/cluster.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// One of every record that has a lasting effect.
std::vector<MetadataRecord> everything() {
  std::vector<MetadataRecord> all;
  const auto add = [&](auto record) { all.emplace_back(std::move(record)); };
  static const std::string kSalt = "salt", kStored = "stored", kServer = "server";
  FeatureLevelRecord feature;
  feature.name = "group.version";
  feature.feature_level = 1;
  add(feature);
  feature.name = kMetadataVersionFeature;
  feature.feature_level = 25;
  add(feature);
  RegisterControllerRecord controller;
  controller.controller_id = 1;
  controller.incarnation_id = uuid_of(3);
  controller.end_points.push_back({"CONTROLLER", "host", 9093, 0});
  add(controller);
  RegisterBrokerRecord broker;
  broker.broker_id = 1;
  broker.broker_epoch = 7;
  broker.incarnation_id = uuid_of(4);
  broker.end_points.push_back({"PLAINTEXT", "host", 65000, 0});
  broker.features.push_back({kMetadataVersionFeature, 7, 25});
  broker.rack = "r";
  broker.log_dirs = {uuid_of(5)};
  add(broker);
  BrokerRegistrationChangeRecord unfence;
  unfence.broker_id = 1;
  unfence.broker_epoch = 7;
  unfence.fenced = -1;
  add(unfence);
  TopicRecord topic;
  topic.name = "t";
  topic.topic_id = uuid_of(6);
  add(topic);
  PartitionRecord partition;
  partition.partition_id = 0;
  partition.topic_id = uuid_of(6);
  partition.replicas = {1, 2};
  partition.isr = {1};
  partition.leader = 1;
  partition.leader_epoch = 3;
  partition.partition_epoch = 4;
  partition.directories = {uuid_of(5), kDirUnassigned};
  partition.eligible_leader_replicas = {2};
  add(partition);
  ConfigRecord config;
  config.resource_type = 2;
  config.resource_name = "t";
  config.name = "retention.ms";
  config.value = "5";
  add(config);
  config.resource_type = 4;
  config.resource_name = "";
  add(config);
  ClientQuotaRecord quota;
  quota.entity = {{"user", "u"}, {"client-id", std::nullopt}};
  quota.key = "producer_byte_rate";
  quota.value = 12.5;
  add(quota);
  ProducerIdsRecord ids;
  ids.next_producer_id = 3000;
  add(ids);
  AccessControlEntryRecord acl;
  acl.id = uuid_of(8);
  acl.resource_name = "t";
  acl.principal = "User:bob";
  acl.host = "*";
  add(acl);
  UserScramCredentialRecord credential;
  credential.name = "alice";
  credential.mechanism = 1;
  credential.salt = as_bytes(kSalt);
  credential.stored_key = as_bytes(kStored);
  credential.server_key = as_bytes(kServer);
  credential.iterations = 4096;
  add(credential);
  DelegationTokenRecord token;
  token.owner = "User:bob";
  token.token_id = "id";
  add(token);
  return all;
}

// What records say, for comparison.
std::vector<std::string> encoded(const std::vector<MetadataRecord>& records) {
  std::vector<std::string> out;
  for (const auto& record : records) {
    out.push_back(std::string(record_name(record)) + encode_metadata_record(record));
  }
  return out;
}

TEST(ClusterImageTest, RecordsOfAnImageMakeItAgain) {
  ClusterImage image;
  ASSERT_TRUE(image.apply(everything()).ok());
  ClusterImage again;
  const std::vector<MetadataRecord> records = image.to_records();
  ASSERT_TRUE(again.apply(records).ok());
  EXPECT_TRUE(again.same_state(image));
  EXPECT_EQ(encoded(again.to_records()), encoded(records));
  EXPECT_THAT(records, SizeIs(everything().size() - 1)) << "unfencing is part of the registration";
  EXPECT_STREQ(record_name(records.front()), "FeatureLevelRecord");
  EXPECT_EQ(std::get<FeatureLevelRecord>(records.front()).name, kMetadataVersionFeature);
  EXPECT_FALSE(again.broker(1)->fenced);
  EXPECT_THAT(again.partition("t", 0)->elr, ElementsAre(2));
  EXPECT_EQ(again.next_producer_id(), 3000);
  again.set_position(5, 1);
  EXPECT_TRUE(again.same_state(image));
}

TEST(ClusterImageTest, WhatIsRemovedIsGone) {
  ClusterImage image;
  ASSERT_TRUE(image.apply(everything()).ok());
  RemoveTopicRecord topic;
  topic.topic_id = uuid_of(6);
  ConfigRecord config;
  config.resource_type = 4;
  config.name = "retention.ms";
  ClientQuotaRecord quota;
  quota.entity = {{"user", "u"}, {"client-id", std::nullopt}};
  quota.key = "producer_byte_rate";
  quota.remove = true;
  RemoveAccessControlEntryRecord acl;
  acl.id = uuid_of(8);
  RemoveUserScramCredentialRecord credential;
  credential.name = "alice";
  credential.mechanism = 1;
  RemoveDelegationTokenRecord token;
  token.token_id = "id";
  UnregisterControllerRecord controller;
  controller.controller_id = 1;
  UnregisterBrokerRecord broker;
  broker.broker_id = 1;
  broker.broker_epoch = 7;
  FeatureLevelRecord feature;
  feature.name = "group.version";
  ASSERT_TRUE(image
                  .apply(std::vector<MetadataRecord>{topic, config, quota, acl, credential, token,
                                                     controller, broker, feature})
                  .ok());
  const auto left = image.to_records();
  ASSERT_THAT(left, SizeIs(2));
  EXPECT_STREQ(record_name(left[0]), "FeatureLevelRecord");
  EXPECT_STREQ(record_name(left[1]), "ProducerIdsRecord");
}

TEST(ClusterImageTest, CopiesDoNotSeeLaterChanges) {
  Cluster cluster;
  cluster.create("a");
  const ClusterImage before = cluster.image();
  const TopicPointer a = before.topic("a");
  cluster.create("b");
  PartitionChangeRecord change;
  change.partition_id = 0;
  change.topic_id = a->id;
  change.leader = kNoLeader;
  cluster.apply({change});
  EXPECT_EQ(before.topic("b"), nullptr);
  EXPECT_EQ(before.partition("a", 0)->leader, 1);
  EXPECT_EQ(cluster.partition("a", 0).leader, kNoLeader);
  EXPECT_EQ(cluster.partition("a", 0).leader_epoch, 1);
  EXPECT_EQ(cluster.image().topic(a->id), cluster.image().topic("a"));
  EXPECT_NE(cluster.image().topic("a"), a);
}

TEST(ClusterImageTest, RecordsAboutNothingAreToldAndChangeNothing) {
  Cluster cluster;
  cluster.create("a");
  ClusterImage image = cluster.image();
  PartitionChangeRecord change;
  change.topic_id = uuid_of(99);
  change.partition_id = 0;
  EXPECT_TRUE(absl::IsFailedPrecondition(image.apply(change)));
  change.topic_id = image.topic("a")->id;
  change.partition_id = 1;
  EXPECT_TRUE(absl::IsFailedPrecondition(image.apply(change)));
  FenceBrokerRecord fence;
  fence.id = 1;
  fence.epoch = 12345;
  EXPECT_TRUE(absl::IsFailedPrecondition(image.apply(fence)));
  EXPECT_TRUE(image.same_state(cluster.image()));
}

TEST(ClusterImageTest, ATopicMayBeDeletedAndCreatedInOneBatch) {
  Cluster cluster;
  const auto first = cluster.create("a", 3);
  RemoveTopicRecord remove;
  remove.topic_id = first.topic_id;
  TopicRecord create;
  create.name = "a";
  create.topic_id = uuid_of(50);
  ClusterImage image = cluster.image();
  ASSERT_TRUE(image.apply(std::vector<MetadataRecord>{remove, create}).ok());
  EXPECT_EQ(image.topic("a")->id, uuid_of(50));
  EXPECT_THAT(image.topic("a")->partitions, IsEmpty());
  EXPECT_EQ(image.topic(first.topic_id), nullptr);
}

TEST(MetadataDeltaTest, SaysWhatChanged) {
  Cluster cluster;
  cluster.create("kept");
  cluster.create("gone");
  const ClusterImage before = cluster.image();
  std::vector<MetadataRecord> records;
  const auto remember = [&] {
    records.insert(records.end(), cluster.last.begin(), cluster.last.end());
  };
  cluster.create({.name = "new",
                  .num_partitions = 1,
                  .replication_factor = 1,
                  .configs = {{"retention.ms", "5"}}});
  remember();
  DeleteTopicsRequest remove;
  remove.topic_names = {"gone"};
  cluster.commit(cluster.controller.delete_topics(remove));
  remember();
  const MetadataDelta delta = delta_of(before, records, cluster.image());
  ASSERT_THAT(delta.topics, SizeIs(2));
  const auto& created = delta.topics.at(cluster.image().topic("new")->id);
  EXPECT_EQ(created.before, nullptr);
  EXPECT_EQ(created.after->name, "new");
  const auto& deleted = delta.topics.at(before.topic("gone")->id);
  EXPECT_EQ(deleted.before->name, "gone");
  EXPECT_EQ(deleted.after, nullptr);
  EXPECT_TRUE(delta.configs.contains({ConfigResourceType::kTopic, "new"}));
  EXPECT_THAT(delta.brokers, IsEmpty());
  EXPECT_FALSE(delta.features);
  EXPECT_THAT(delta_from_nothing(cluster.image()).topics, SizeIs(2));
}

TEST(MetadataRecordTest, FramesAreChecked) {
  EXPECT_FALSE(decode_metadata_record({}).ok());
  const std::string good = encode_metadata_record(NoOpRecord{});
  EXPECT_EQ(good, std::string("\x01\x14\x00\x00", 4));
  EXPECT_TRUE(decode_metadata_record(as_bytes(good)).ok());
  for (const auto& [at, value] : {std::pair<size_t, char>{0, 2}, {1, 6}, {2, 1}, {3, 5}}) {
    std::string bad = good;
    bad[at] = value;
    EXPECT_FALSE(decode_metadata_record(as_bytes(bad)).ok()) << at;
  }
}

TEST(MetadataRecordTest, TheOldestVersionThatLosesNothingIsWritten) {
  PartitionRecord partition;
  const auto version = [](const MetadataRecord& r) { return encode_metadata_record(r)[2]; };
  EXPECT_EQ(version(partition), 0);
  partition.directories = {uuid_of(1)};
  EXPECT_EQ(version(partition), 1);
  partition.last_known_elr = {1};
  EXPECT_EQ(version(partition), 2);
  RegisterBrokerRecord broker;
  broker.log_dirs = {uuid_of(1)};
  EXPECT_EQ(version(broker), 3);
}

TEST(SnapshotTest, HoldsTheImageAndTheRulesOfTheQuorum) {
  ClusterImage image;
  ASSERT_TRUE(image.apply(everything()).ok());
  image.set_position(41, 6);
  QuorumRules rules{.kraft_version = 1, .voters = VotersRecord{}};
  rules.voters->voters.push_back({.voter_id = 1, .voter_directory_id = uuid_of(5)});
  const std::string file = encode_snapshot(image, rules, 1234, 5678);
  const auto snapshot = decode_snapshot(as_bytes(file), 42, 6);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_TRUE(snapshot->image.same_state(image));
  EXPECT_EQ(snapshot->image.offset(), 41);
  EXPECT_EQ(snapshot->image.epoch(), 6);
  EXPECT_EQ(snapshot->last_contained_log_timestamp_ms, 1234);
  EXPECT_EQ(snapshot->rules.kraft_version, 1);
  ASSERT_TRUE(snapshot->rules.voters.has_value());
  EXPECT_EQ(snapshot->rules.voters->voters[0].voter_directory_id, uuid_of(5));
}

TEST(SnapshotTest, ACutOrAlteredOneIsRefused) {
  ClusterImage image;
  ASSERT_TRUE(image.apply(everything()).ok());
  const std::string file = encode_snapshot(image, {}, 0, 0);
  for (size_t size : {size_t{0}, size_t{10}, file.size() / 2, file.size() - 1}) {
    EXPECT_FALSE(decode_snapshot(as_bytes(file.substr(0, size)), 1, 1).ok()) << size;
  }
  for (size_t at = 20; at < file.size(); at += 97) {
    std::string bad = file;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_FALSE(decode_snapshot(as_bytes(bad), 1, 1).ok()) << at;
  }
}

TEST(MetadataReplayTest, AnAbortedTransactionCountsForNothing) {
  Cluster cluster;
  MetadataReplay replay(cluster.image());
  TopicRecord topic;
  topic.name = "never";
  topic.topic_id = uuid_of(60);
  const auto apply = [&](std::vector<MetadataRecord> records) {
    const BatchPosition at{replay.image().offset() + 1, 1, 0};
    const std::string batch = metadata_batch(at, records);
    const absl::Status status = replay.apply(*parse_batch_header(as_bytes(batch)), as_bytes(batch));
    EXPECT_TRUE(status.ok()) << status;
  };
  apply({BeginTransactionRecord{}, topic});
  EXPECT_TRUE(replay.is_in_transaction());
  apply({AbortTransactionRecord{}});
  EXPECT_FALSE(replay.is_in_transaction());
  EXPECT_TRUE(replay.image().same_state(cluster.image()));
  apply({BeginTransactionRecord{}, topic, EndTransactionRecord{}});
  EXPECT_NE(replay.image().topic("never"), nullptr);
  EXPECT_EQ(replay.image().offset(), cluster.image().offset() + 6);
}

}  // namespace
}  // namespace moldau
