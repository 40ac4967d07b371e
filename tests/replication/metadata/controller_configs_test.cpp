#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/metadata/cluster.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

enum : int8_t { kSet, kDelete, kAppend, kSubtract };

class ControllerConfigsTest : public testing::Test {
 protected:
  ControllerConfigsTest() { cluster.create("t"); }

  std::string change(int8_t operation, const std::string& name, std::optional<std::string> value,
                     const std::string& topic = "t", int8_t type = 2) {
    IncrementalAlterConfigsRequest request;
    request.resources = {{.resource_type = type,
                          .resource_name = topic,
                          .configs = {{name, operation, std::move(value)}}}};
    return verdict(
        cluster.commit(cluster.controller.incremental_alter_configs(request)).responses[0]);
  }
  const Configs& configs() const {
    return cluster.image().configs({ConfigResourceType::kTopic, "t"});
  }

  Cluster cluster;
};

TEST_F(ControllerConfigsTest, SetAndDelete) {
  EXPECT_EQ(change(kSet, "retention.ms", "7"), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("retention.ms", "7")));
  EXPECT_EQ(change(kSet, "retention.ms", "7"), "OK");
  EXPECT_THAT(cluster.last, SizeIs(0)) << "the same value again is no change";
  EXPECT_EQ(change(kDelete, "retention.ms", std::nullopt), "OK");
  EXPECT_THAT(configs(), SizeIs(0));
}

TEST_F(ControllerConfigsTest, AppendBeginsFromTheDefault) {
  EXPECT_EQ(change(kAppend, "cleanup.policy", "compact"), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("cleanup.policy", "delete,compact")));
  EXPECT_EQ(change(kAppend, "cleanup.policy", "compact"), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("cleanup.policy", "delete,compact")));
  EXPECT_EQ(change(kSubtract, "cleanup.policy", "delete"), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("cleanup.policy", "compact")));
  EXPECT_EQ(change(kAppend, "retention.ms", "1"),
            "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.");
}

TEST_F(ControllerConfigsTest, BadChangesAreRefused) {
  EXPECT_EQ(change(kSet, "no.such", "1"), "INVALID_CONFIG: Unknown topic config name: no.such");
  EXPECT_EQ(change(kSet, "retention.ms", "soon"),
            "INVALID_CONFIG: Invalid value soon for configuration retention.ms: Not a number");
  EXPECT_EQ(change(kSet, "retention.ms", std::nullopt),
            "INVALID_CONFIG: Null value not supported for topic configs: retention.ms");
  EXPECT_EQ(change(9, "retention.ms", "1"),
            "INVALID_REQUEST: Unknown operation 9 on key retention.ms");
  EXPECT_EQ(
      change(kSet, "retention.ms", std::string(32768, '1')),
      "INVALID_CONFIG: The configuration value cannot be added because it exceeds the maximum "
      "value size of 32767 bytes.");
  EXPECT_THAT(configs(), SizeIs(0));
}

TEST_F(ControllerConfigsTest, TheResourceHasToBeThere) {
  EXPECT_EQ(change(kSet, "retention.ms", "1", "u"),
            "UNKNOWN_TOPIC_OR_PARTITION: The topic 'u' does not exist.");
  EXPECT_EQ(change(kSet, "retention.ms", "1", ""),
            "INVALID_REQUEST: Default topic resources are not allowed.");
  EXPECT_EQ(change(kSet, "segment.bytes", "1", "1", 4), "OK");
  EXPECT_EQ(change(kSet, "segment.bytes", "1", "", 4), "OK") << "the default of all brokers";
  EXPECT_EQ(change(kSet, "segment.bytes", "1", "9", 4),
            "BROKER_ID_NOT_REGISTERED: No broker with id 9 found.");
  EXPECT_EQ(change(kSet, "segment.bytes", "1", "one", 4),
            "INVALID_REQUEST: Unable to parse broker name as a base 10 number.");
  EXPECT_EQ(change(kSet, "segment.bytes", "1", "x", 3),
            "INVALID_REQUEST: Unexpected resource type 3.");
}

TEST_F(ControllerConfigsTest, DuplicatesAreRefused) {
  IncrementalAlterConfigsRequest request;
  request.resources = {{.resource_type = 2,
                        .resource_name = "t",
                        .configs = {{"retention.ms", kSet, "1"}, {"retention.ms", kSet, "2"}}}};
  EXPECT_EQ(verdict(cluster.controller.incremental_alter_configs(request).response.responses[0]),
            "INVALID_REQUEST: Error due to duplicate config keys: retention.ms");
  request.resources[0].configs.pop_back();
  request.resources.push_back(request.resources[0]);
  const auto decision = cluster.controller.incremental_alter_configs(request);
  ASSERT_THAT(decision.response.responses, SizeIs(1));
  EXPECT_EQ(verdict(decision.response.responses[0]), "INVALID_REQUEST: Duplicate resource.");
  EXPECT_THAT(decision.records, SizeIs(0));
}

TEST_F(ControllerConfigsTest, LegacyAlterReplacesEverything) {
  change(kSet, "retention.ms", "7");
  AlterConfigsRequest request;
  request.resources = {
      {.resource_type = 2, .resource_name = "t", .configs = {{"segment.bytes", "9"}}}};
  request.validate_only = true;
  EXPECT_EQ(verdict(cluster.commit(cluster.controller.alter_configs(request)).responses[0]), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("retention.ms", "7")));
  request.validate_only = false;
  EXPECT_EQ(verdict(cluster.commit(cluster.controller.alter_configs(request)).responses[0]), "OK");
  EXPECT_THAT(configs(), ElementsAre(Pair("segment.bytes", "9")));
}

}  // namespace
}  // namespace moldau
