#include "replication/quorum_state.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

// As Kafka 4.2 left it.
constexpr std::string_view kOfKafka =
    R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1})";

TEST(QuorumStateTest, IsWrittenAsKafkaWritesIt) {
  const QuorumState state{.leader_id = 1, .leader_epoch = 1};
  EXPECT_EQ(encode_quorum_state(state), kOfKafka);
}

TEST(QuorumStateTest, BothVersionsAreRead) {
  EXPECT_EQ(*decode_quorum_state(kOfKafka), (QuorumState{.leader_id = 1, .leader_epoch = 1}));
  const auto old = decode_quorum_state(
      R"({"clusterId":"","leaderId":-1,"leaderEpoch":7, "votedId":2,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0})");
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(*old, (QuorumState{.leader_epoch = 7, .voted_id = 2}));
}

TEST(QuorumStateTest, AnythingElseIsRefused) {
  for (std::string_view bad :
       {"", "{}", "{\"leaderId\":1", R"({"leaderId":1,"leaderEpoch":-3,"votedId":-1})",
        R"({"leaderId":x,"leaderEpoch":3,"votedId":-1})"}) {
    EXPECT_FALSE(decode_quorum_state(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace moldau
