// Transcripts: one event a line, then what it led to.
#include "replication/partition/leader.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau {
namespace {

class PartitionLeaderTest : public testing::Test {
 protected:
  void lead(std::vector<int32_t> replicas, std::vector<int32_t> isr, int32_t minimum = 1,
            int64_t log_end = 0, int64_t high_watermark = 0) {
    term = {.leader_epoch = term.leader_epoch + 1,
            .partition_epoch = term.partition_epoch + 1,
            .replicas = std::move(replicas),
            .isr = std::move(isr),
            .min_insync_replicas = minimum};
    note(leader.become_leader(term, log_end, log_end, high_watermark, now));
  }
  void append(int64_t end) { note(leader.appended(end)); }
  void durable(int64_t end) { note(leader.durable(end)); }
  void fetch(int32_t id, int64_t offset) { note(leader.follower_fetched(id, offset, now)); }
  void controller_says(std::vector<int32_t> isr) {
    ++term.partition_epoch;
    term.isr = std::move(isr);
    note(leader.metadata_changed(term, now));
  }
  void note(const PartitionLeader::Outcome& outcome) {
    said =
        absl::StrCat("hw ", leader.high_watermark(), outcome.high_watermark_moved ? " moved" : "");
    if (outcome.propose) {
      absl::StrAppend(&said, " propose {", absl::StrJoin(outcome.propose->isr, ","), "} on ",
                      outcome.propose->partition_epoch);
    }
  }
  // Of the append that ended at `end`, in the current term.
  std::string fate(int64_t end) { return fate(end, term.leader_epoch); }
  std::string fate(int64_t end, int32_t epoch) {
    const auto decided = leader.committed(end - 1, epoch);
    return decided ? name(*decided) : "undecided";
  }

  PartitionLeader leader{1, 100};
  PartitionLeader::Term term{.leader_epoch = 4, .partition_epoch = 9};
  int64_t now = 1000;
  std::string said;
};

TEST_F(PartitionLeaderTest, AloneTheHighWatermarkIsWhatIsDurable) {
  lead({1}, {1});
  append(10);
  EXPECT_EQ(said, "hw 0");
  EXPECT_EQ(fate(10), "undecided");
  durable(6);
  EXPECT_EQ(said, "hw 6 moved");
  EXPECT_EQ(fate(6), "NONE");
  EXPECT_EQ(fate(10), "undecided");
  durable(10);
  EXPECT_EQ(said, "hw 10 moved");
  EXPECT_EQ(fate(10), "NONE");
  durable(8);
  EXPECT_EQ(said, "hw 10") << "it never goes back";
}

TEST_F(PartitionLeaderTest, TheSlowestOfTheIsrCounts) {
  lead({1, 2, 3}, {1, 2, 3});
  append(10);
  durable(10);
  EXPECT_EQ(said, "hw 0");
  fetch(2, 10);
  EXPECT_EQ(said, "hw 0") << "broker 3 has not been heard of in this epoch";
  fetch(3, 4);
  EXPECT_EQ(said, "hw 4 moved");
  fetch(3, 10);
  EXPECT_EQ(said, "hw 10 moved");
  fetch(9, 99);
  EXPECT_EQ(said, "hw 10") << "not a replica";
  fetch(3, 99);
  EXPECT_EQ(said, "hw 10") << "nobody has more than the leader";
}

TEST_F(PartitionLeaderTest, OurOwnDurableEndCountsToo) {
  lead({1, 2}, {1, 2});
  append(10);
  fetch(2, 10);
  EXPECT_EQ(said, "hw 0");
  durable(3);
  EXPECT_EQ(said, "hw 3 moved");
}

TEST_F(PartitionLeaderTest, BelowTheMinimumNothingIsCommitted) {
  lead({1, 2, 3}, {1}, 2);
  EXPECT_EQ(leader.may_append_for_all(), ErrorCode::kNotEnoughReplicas);
  append(10);
  durable(10);
  EXPECT_EQ(said, "hw 0");
  EXPECT_EQ(fate(10), "undecided");
  EXPECT_EQ(leader.timed_out(), ErrorCode::kNotEnoughReplicasAfterAppend);
  fetch(2, 10);
  EXPECT_EQ(said, "hw 0 propose {1,2} on 10");
  EXPECT_EQ(leader.may_append_for_all(), ErrorCode::kNotEnoughReplicas) << "only proposed";
  controller_says({1, 2});
  EXPECT_EQ(said, "hw 10 moved");
  EXPECT_EQ(leader.may_append_for_all(), ErrorCode::kNone);
  EXPECT_EQ(leader.timed_out(), ErrorCode::kRequestTimedOut);
}

TEST_F(PartitionLeaderTest, AMinimumAboveTheReplicasIsAllOfThem) {
  lead({1}, {1}, 2);
  EXPECT_EQ(leader.may_append_for_all(), ErrorCode::kNone);
}

TEST_F(PartitionLeaderTest, WhoIsProposedCountsBeforeTheControllerHasAgreed) {
  lead({1, 2}, {1});
  append(5);
  durable(5);
  fetch(2, 5);
  EXPECT_EQ(said, "hw 5 propose {1,2} on 10");
  append(8);
  durable(8);
  EXPECT_EQ(said, "hw 5") << "broker 2 may be in the ISR already";
  note(leader.proposal_answered(ErrorCode::kInvalidUpdateVersion));
  EXPECT_EQ(said, "hw 5") << "the controller's state is unknown: wait for metadata";
  note(leader.proposal_answered(ErrorCode::kIneligibleReplica));
  EXPECT_EQ(said, "hw 8 moved") << "broker 2 is certainly not in it";
}

TEST_F(PartitionLeaderTest, OneProposalAtATime) {
  lead({1, 2, 3}, {1});
  fetch(2, 0);
  EXPECT_EQ(said, "hw 0 propose {1,2} on 10");
  fetch(3, 0);
  EXPECT_EQ(said, "hw 0");
  controller_says({1, 2});
  fetch(3, 0);
  EXPECT_EQ(said, "hw 0 propose {1,2,3} on 11");
}

TEST_F(PartitionLeaderTest, ToJoinAFollowerNeedsAllOfEarlierEpochs) {
  lead({1, 2}, {1}, 1, 20, 15);
  EXPECT_EQ(said, "hw 20 moved") << "what we have is durable";
  fetch(2, 15);
  EXPECT_EQ(said, "hw 20");
  fetch(2, 20);
  EXPECT_EQ(said, "hw 20 propose {1,2} on 10");
}

TEST_F(PartitionLeaderTest, LatestOffsetsWaitForTheStartOfTheEpoch) {
  lead({1, 2}, {1, 2}, 1, 20, 15);
  EXPECT_EQ(said, "hw 15");
  EXPECT_FALSE(leader.is_settled());
  fetch(2, 19);
  EXPECT_FALSE(leader.is_settled());
  fetch(2, 20);
  EXPECT_EQ(said, "hw 20 moved");
  EXPECT_TRUE(leader.is_settled());
}

TEST_F(PartitionLeaderTest, WhoDoesNotKeepUpLeaves) {
  lead({1, 2, 3}, {1, 2, 3});
  append(10);
  durable(10);
  fetch(2, 10);
  fetch(3, 5);
  now += 90;
  fetch(2, 10);
  fetch(3, 7);
  note(leader.tick(now));
  EXPECT_EQ(said, "hw 7") << "not too late yet";
  now += 20;
  note(leader.tick(now));
  EXPECT_EQ(said, "hw 7 propose {1,2} on 10");
  append(12);
  durable(12);
  fetch(2, 12);
  EXPECT_EQ(said, "hw 7") << "broker 3 is in the ISR until the controller says otherwise";
  controller_says({1, 2});
  EXPECT_EQ(said, "hw 12 moved");
}

TEST_F(PartitionLeaderTest, KeepingUpWithAMovingEndIsKeepingUp) {
  lead({1, 2}, {1, 2});
  for (int64_t end = 10; end < 200; end += 10) {
    append(end);
    fetch(2, end - 10);  // Always what was there when it asked last.
    now += 50;
    note(leader.tick(now));
    EXPECT_FALSE(said.find("propose") != std::string::npos) << said;
  }
}

TEST_F(PartitionLeaderTest, AnotherEpochDoesNotAnswerForThisOne) {
  lead({1, 2}, {1, 2});
  append(10);
  durable(10);
  const int32_t epoch = term.leader_epoch;
  lead({1, 2}, {1}, 1, 10);
  EXPECT_EQ(said, "hw 10 moved");
  EXPECT_EQ(fate(10, epoch), "NOT_LEADER_OR_FOLLOWER") << "committed, but by another epoch";
  leader.resign();
  EXPECT_EQ(fate(10), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(leader.may_append_for_all(), ErrorCode::kNotLeaderOrFollower);
}

TEST_F(PartitionLeaderTest, ACheckpointAboveTheLogIsCutToIt) {
  lead({1}, {1}, 1, 5, 100);
  EXPECT_EQ(leader.high_watermark(), 5);
}

}  // namespace
}  // namespace moldau
