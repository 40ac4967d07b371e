#include "broker/groups/classic_group.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/records/consumer_protocol_subscription.h"
#include "tests/broker/groups/classic_group_script.h"

namespace moldau {
namespace {

constexpr ClassicLimits kNoDelay{.initial_rebalance_delay_ms = 0};

std::string subscription(std::vector<std::string> topics, int32_t generation = -1) {
  ConsumerProtocolSubscription subscription;
  subscription.topics = std::move(topics);
  subscription.generation_id = generation;
  return encode_value(subscription, 2);
}

ScriptedClient static_client(std::string name, Version version = 9) {
  return {.name = name, .instance_id = "i" + name, .join_version = version};
}

class ClassicGroupTest : public testing::Test {
 protected:
  // "a" leads, "b" follows, in generation 2.
  void form_pair() {
    s.joins(a), s.joins(a), s.syncs(a);
    s.joins(b), s.joins(b), s.joins(a);
    s.syncs(b), s.syncs(a, {{a.id, "A"}, {b.id, "B"}});
    skip();
    ASSERT_STREQ(s.group().state(), "Stable");
    ASSERT_EQ(s.group().generation(), 2);
  }
  void skip() { skipped_ = s.text().size(); }
  std::string text() const { return "\n" + s.text().substr(skipped_); }

  ClassicGroupScript s{kNoDelay};
  ScriptedClient a{.name = "a"}, b{.name = "b"}, c{.name = "c"};

 private:
  size_t skipped_ = 1;
};

// --- Joining

TEST_F(ClassicGroupTest, MembersThatArriveInTheInitialDelayAreInTheFirstGeneration) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 3000});
  s.joins(a), s.joins(a);
  s.pass(1000), s.joins(b), s.joins(b);
  s.pass(10'000);
  s.syncs(b), s.syncs(a, {{"a-1", "left"}, {"b-2", "right"}});
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
1000 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-2'
1000 b joins
6000 time
  a: a-1 is in generation 1, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 1, range, led by a-1
11000 b syncs
11000 a syncs a-1='left' b-2='right'
  a: assigned 'left'
  b: assigned 'right'
  record: generation 1, range, led by a-1 a-1='left' b-2='right'
)");
}

TEST_F(ClassicGroupTest, NewcomersDrawOutTheInitialDelayToTheRebalanceTimeoutAtMost) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 3000});
  a.rebalance_timeout_ms = 7000;
  s.joins(a), s.joins(a);
  s.pass(2000), s.joins(b), s.joins(b);
  s.pass(3000), s.joins(c), s.joins(c);
  s.pass(1500);
  ScriptedClient d{.name = "d"};
  s.joins(d), s.joins(d);
  s.pass(60'000);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
2000 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-2'
2000 b joins
5000 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
5000 c joins
6500 d joins
  d: JoinGroup MEMBER_ID_REQUIRED 'd-4'
6500 d joins
7000 time
  a: a-1 is in generation 1, range, led by a-1 of a-1 b-2 c-3 d-4
  b: b-2 is in generation 1, range, led by a-1
  c: c-3 is in generation 1, range, led by a-1
  d: d-4 is in generation 1, range, led by a-1
17000 time
  record: generation 2, null, led by null
)");
}

TEST_F(ClassicGroupTest, ASecondMemberHasTheFirstJoinAgain) {
  s.joins(a), s.joins(a), s.syncs(a, {{"a-1", "all"}});
  s.joins(b), s.joins(b);
  s.beats(a), s.joins(a);
  s.syncs(b), s.syncs(a, {{"a-1", "left"}, {"b-2", "right"}});
  s.beats(a), s.beats(b);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
  a: a-1 is in generation 1, range, led by a-1 of a-1
0 a syncs a-1='all'
  a: assigned 'all'
  record: generation 1, range, led by a-1 a-1='all'
0 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-2'
0 b joins
0 a beats
  a: Heartbeat REBALANCE_IN_PROGRESS
0 a joins
  a: a-1 is in generation 2, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 2, range, led by a-1
0 b syncs
0 a syncs a-1='left' b-2='right'
  a: assigned 'left'
  b: assigned 'right'
  record: generation 2, range, led by a-1 a-1='left' b-2='right'
0 a beats
  a: Heartbeat NONE
0 b beats
  b: Heartbeat NONE
)");
}

TEST_F(ClassicGroupTest, OldClientsAreTakenInWithoutAnIdOfTheirOwn) {
  a.join_version = b.join_version = 0;
  a.rebalance_timeout_ms = b.rebalance_timeout_ms = -1;  // It is not in the request.
  s.joins(a), s.syncs(a, {{"a-1", "all"}});
  s.joins(b);
  s.pass(30'000, {&a});  // The session timeout is the rebalance timeout too.
  EXPECT_EQ(text(), R"(
0 a joins
  a: a-1 is in generation 1, range, led by a-1 of a-1
0 a syncs a-1='all'
  a: assigned 'all'
  record: generation 1, range, led by a-1 a-1='all'
0 b joins
10000 time
  b: b-2 is in generation 2, range, led by b-2 of b-2
20000 time
  record: generation 3, null, led by null
)");
}

TEST_F(ClassicGroupTest, ClientsOfAllAgesAreInOneGroup) {
  ScriptedClient old{.name = "old", .join_version = 0}, middle{.name = "mid", .join_version = 5};
  s.joins(old), s.syncs(old);
  s.joins(middle), s.joins(middle);
  s.joins(a), s.joins(a), s.joins(old);
  s.syncs(middle), s.syncs(a);
  s.syncs(old, {{"old-1", "x"}, {"mid-2", "y"}, {"a-3", "z"}});
  EXPECT_EQ(text(), R"(
0 old joins
  old: old-1 is in generation 1, range, led by old-1 of old-1
0 old syncs
  old: assigned ''
  record: generation 1, range, led by old-1 old-1=''
0 mid joins
  mid: JoinGroup MEMBER_ID_REQUIRED 'mid-2'
0 mid joins
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-3'
0 a joins
0 old joins
  a: a-3 is in generation 2, range, led by old-1
  mid: mid-2 is in generation 2, range, led by old-1
  old: old-1 is in generation 2, range, led by old-1 of a-3 mid-2 old-1
0 mid syncs
0 a syncs
0 old syncs a-3='z' mid-2='y' old-1='x'
  a: assigned 'z'
  mid: assigned 'y'
  old: assigned 'x'
  record: generation 2, range, led by old-1 a-3='z' mid-2='y' old-1='x'
)");
}

TEST_F(ClassicGroupTest, AnIdThatIsNotUsedInTimeHoldsUpTheOthersNoLonger) {
  form_pair();
  c.session_timeout_ms = 6000;
  s.joins(c);
  s.pass(2000, {&a, &b}), s.joins(a), s.joins(b);
  s.pass(10'000);
  s.joins(c);
  EXPECT_EQ(text(), R"(
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
2000 a joins
2000 b joins
6000 time
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
12000 c joins
  c: JoinGroup UNKNOWN_MEMBER_ID 'c-3'
)");
}

TEST_F(ClassicGroupTest, ANewMemberThatWaitsTooLongHasToComeAgain) {
  a.join_version = b.join_version = 3;
  b.rebalance_timeout_ms = 600'000;
  s.joins(a), s.syncs(a);
  s.joins(b);
  s.pass(400'000, {&a});
  EXPECT_EQ(text(), R"(
0 a joins
  a: a-1 is in generation 1, range, led by a-1 of a-1
0 a syncs
  a: assigned ''
  record: generation 1, range, led by a-1 a-1=''
0 b joins
300000 time
  b: JoinGroup UNKNOWN_MEMBER_ID ''
)");
}

TEST_F(ClassicGroupTest, AMemberThatJoinsTwiceGetsTheLaterAnswer) {
  form_pair();
  s.joins(a), s.joins(a);
  s.joins(b);
  s.syncs(b), s.syncs(b);
  s.syncs(a);
  EXPECT_EQ(text(), R"(
0 a joins
0 a joins
  a: JoinGroup REBALANCE_IN_PROGRESS 'a-1'
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 b syncs
0 b syncs
  b: SyncGroup REBALANCE_IN_PROGRESS
0 a syncs
  a: assigned ''
  b: assigned ''
  record: generation 3, range, led by a-1 a-1='' b-2=''
)");
}

TEST_F(ClassicGroupTest, AFollowerThatJoinsAgainUnchangedGoesOn) {
  form_pair();
  s.joins(b), s.syncs(b);
  EXPECT_EQ(text(), R"(
0 b joins
  b: b-2 is in generation 2, range, led by a-1
0 b syncs
  b: assigned 'B'
)");
}

TEST_F(ClassicGroupTest, ALeaderThatJoinsAgainHasAllJoinAgain) {
  form_pair();
  s.joins(a);
  s.beats(b), s.syncs(b), s.joins(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 b beats
  b: Heartbeat REBALANCE_IN_PROGRESS
0 b syncs
  b: SyncGroup REBALANCE_IN_PROGRESS
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, AMemberThatMissedTheAnswerToItsJoinGetsItAgain) {
  form_pair();
  s.joins(a), s.joins(b);
  s.joins(a), s.joins(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 a joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
0 b joins
  b: b-2 is in generation 3, range, led by a-1
)");
}

// What an incremental assignor does: partitions are given up in one generation and handed out in
// the next.
TEST_F(ClassicGroupTest, AMemberThatOwnsLessThanBeforeSaysSoByJoiningAgain) {
  a.protocols = b.protocols = {{"cooperative", "owns nothing"}};
  s.joins(a), s.joins(a), s.syncs(a, {{"a-1", "0 1"}});
  a.protocols = {{"cooperative", "owns 0 1"}};
  s.joins(b), s.joins(b), s.joins(a);
  s.syncs(b), s.syncs(a, {{"a-1", "0"}, {"b-2", ""}});
  a.protocols = {{"cooperative", "owns 0"}};
  s.joins(a), s.beats(b), s.joins(b);
  s.syncs(b), s.syncs(a, {{"a-1", "0"}, {"b-2", "1"}});
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
  a: a-1 is in generation 1, cooperative, led by a-1 of a-1
0 a syncs a-1='0 1'
  a: assigned '0 1'
  record: generation 1, cooperative, led by a-1 a-1='0 1'
0 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-2'
0 b joins
0 a joins
  a: a-1 is in generation 2, cooperative, led by a-1 of a-1 b-2
  b: b-2 is in generation 2, cooperative, led by a-1
0 b syncs
0 a syncs a-1='0' b-2=''
  a: assigned '0'
  b: assigned ''
  record: generation 2, cooperative, led by a-1 a-1='0' b-2=''
0 a joins
0 b beats
  b: Heartbeat REBALANCE_IN_PROGRESS
0 b joins
  a: a-1 is in generation 3, cooperative, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, cooperative, led by a-1
0 b syncs
0 a syncs a-1='0' b-2='1'
  a: assigned '0'
  b: assigned '1'
  record: generation 3, cooperative, led by a-1 a-1='0' b-2='1'
)");
}

TEST_F(ClassicGroupTest, AFollowerWithNewMetadataInterruptsAnAssignmentUnderWay) {
  form_pair();
  s.joins(a), s.joins(b), s.syncs(b);
  b.protocols = {{"range", "new"}};
  s.joins(b);
  s.syncs(a), s.joins(a);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 b syncs
0 b joins
  b: SyncGroup REBALANCE_IN_PROGRESS
0 a syncs
  a: SyncGroup REBALANCE_IN_PROGRESS
0 a joins
  a: a-1 is in generation 4, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 4, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, SessionTimeoutsOutOfBoundsAreRefused) {
  a.session_timeout_ms = 5999, s.joins(a);
  a.session_timeout_ms = 1'800'001, s.joins(a);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup INVALID_SESSION_TIMEOUT ''
0 a joins
  a: JoinGroup INVALID_SESSION_TIMEOUT ''
)");
}

TEST_F(ClassicGroupTest, AnIdThatTheGroupDoesNotKnowIsRefused) {
  c.id = "c-0", s.joins(c), s.beats(c), s.syncs(c), s.leaves(c);
  s.joins(a), s.joins(a);
  s.joins(c), s.beats(c), s.syncs(c), s.leaves(c);
  EXPECT_EQ(text(), R"(
0 c joins
  c: JoinGroup UNKNOWN_MEMBER_ID 'c-0'
0 c beats
  c: Heartbeat UNKNOWN_MEMBER_ID
0 c syncs
  c: SyncGroup UNKNOWN_MEMBER_ID
0 c leaves
  c: LeaveGroup UNKNOWN_MEMBER_ID
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
  a: a-1 is in generation 1, range, led by a-1 of a-1
0 c joins
  c: JoinGroup UNKNOWN_MEMBER_ID 'c-0'
0 c beats
  c: Heartbeat UNKNOWN_MEMBER_ID
0 c syncs
  c: SyncGroup UNKNOWN_MEMBER_ID
0 c leaves
  c: LeaveGroup UNKNOWN_MEMBER_ID
)");
}

// --- Protocols

TEST_F(ClassicGroupTest, TheProtocolThatMostPreferIsChosenAmongWhatAllSupport) {
  a.protocols = {{"only-a", "1"}, {"range", "2"}, {"sticky", "3"}};
  b.protocols = {{"sticky", "4"}, {"range", "5"}};
  c.protocols = {{"sticky", "6"}, {"range", "7"}};
  s.joins(a), s.joins(a);
  s.joins(b), s.joins(b), s.joins(c), s.joins(c);
  s.joins(a);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
  a: a-1 is in generation 1, only-a, led by a-1 of a-1
0 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-2'
0 b joins
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
0 c joins
0 a joins
  a: a-1 is in generation 2, sticky, led by a-1 of a-1 b-2 c-3
  b: b-2 is in generation 2, sticky, led by a-1
  c: c-3 is in generation 2, sticky, led by a-1
)");
  EXPECT_EQ(as_text(s.group().metadata().members.at(0).subscription), "3");
}

TEST_F(ClassicGroupTest, MembersHaveToShareAProtocolAndItsType) {
  form_pair();
  c.protocols = {{"sticky", ""}}, s.joins(c);
  c.protocols = {{"range", ""}}, c.protocol_type = "connect", s.joins(c);
  EXPECT_EQ(text(), R"(
0 c joins
  c: JoinGroup INCONSISTENT_GROUP_PROTOCOL ''
0 c joins
  c: JoinGroup INCONSISTENT_GROUP_PROTOCOL ''
)");
}

TEST_F(ClassicGroupTest, AGroupIsOfAnyTypeButHasOneAndHasAProtocol) {
  a.protocol_type = "", s.joins(a);
  a.protocol_type = "sr", a.protocols = {}, s.joins(a);
  a.protocols = {{"v0", "{}"}}, s.joins(a), s.joins(a);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup INCONSISTENT_GROUP_PROTOCOL ''
0 a joins
  a: JoinGroup INCONSISTENT_GROUP_PROTOCOL ''
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-3'
0 a joins
  a: a-3 is in generation 1, v0, led by a-3 of a-3
)");
  EXPECT_EQ(s.group().protocol_type(), "sr");
}

TEST_F(ClassicGroupTest, ASyncOfAnotherProtocolIsRefused) {
  form_pair();
  s.joins(a), s.joins(b);
  b.protocols = {{"sticky", ""}}, s.syncs(b);
  b.protocols = {{"range", ""}}, b.protocol_type = "connect", s.syncs(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 b syncs
  b: SyncGroup INCONSISTENT_GROUP_PROTOCOL
0 b syncs
  b: SyncGroup INCONSISTENT_GROUP_PROTOCOL
)");
}

TEST_F(ClassicGroupTest, ASyncHasToNameTheProtocolFromV5On) {
  form_pair();
  auto outcome = s.group().sync(
      99, {.request = {.generation_id = 2, .member_id = a.id}, .caller = {.version = 5}}, s.now());
  const auto& reply = std::get<SyncGroup::Reply>(outcome.answers.at(0).reply);
  EXPECT_EQ(reply.response.error_code, code(ErrorCode::kInconsistentGroupProtocol));
}

// --- Leaving and dying

TEST_F(ClassicGroupTest, WhenTheLeaderLeavesAnotherLeads) {
  form_pair();
  s.leaves(a);
  s.beats(b), s.joins(b), s.syncs(b, {{"b-2", "all"}});
  s.beats(a);
  EXPECT_EQ(text(), R"(
0 a leaves
  a: LeaveGroup NONE
0 b beats
  b: Heartbeat REBALANCE_IN_PROGRESS
0 b joins
  b: b-2 is in generation 3, range, led by b-2 of b-2
0 b syncs b-2='all'
  b: assigned 'all'
  record: generation 3, range, led by b-2 b-2='all'
0 a beats
  a: Heartbeat UNKNOWN_MEMBER_ID
)");
}

TEST_F(ClassicGroupTest, AGroupThatAllHaveLeftIsEmptyAndItsGenerationsGoOn) {
  form_pair();
  s.leaves(a), s.leaves(b);
  EXPECT_STREQ(s.group().state(), "Empty");
  EXPECT_TRUE(s.group().is_empty());
  s.joins(c), s.joins(c);
  EXPECT_EQ(text(), R"(
0 a leaves
  a: LeaveGroup NONE
0 b leaves
  b: LeaveGroup NONE
  record: generation 3, null, led by null
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
0 c joins
  c: c-3 is in generation 4, range, led by c-3 of c-3
)");
}

TEST_F(ClassicGroupTest, AGroupThatAllHaveLeftInItsInitialDelayIsEmptyAtOnce) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 3000});
  s.joins(a), s.joins(a), s.leaves(a);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
0 a leaves
  a: JoinGroup UNKNOWN_MEMBER_ID ''
  a: LeaveGroup NONE
  record: generation 1, null, led by null
)");
  EXPECT_EQ(s.group().wake_at(), std::nullopt);
}

TEST_F(ClassicGroupTest, AMemberThatIsKilledIsMissedWhenItsSessionEnds) {
  form_pair();
  s.pass(9000, {&a});
  s.beats(a);
  s.pass(3000, {&a});
  s.beats(a), s.joins(a);
  EXPECT_EQ(text(), R"(
9000 a beats
  a: Heartbeat NONE
12000 a beats
  a: Heartbeat REBALANCE_IN_PROGRESS
12000 a joins
  a: a-1 is in generation 3, range, led by a-1 of a-1
)");
}

TEST_F(ClassicGroupTest, AMemberThatWasPausedPastItsSessionComesBackAsANewOne) {
  form_pair();
  s.pass(11'000, {&a}), s.joins(a), s.syncs(a, {{"a-1", "all"}});
  s.beats(b), s.joins(b);
  EXPECT_EQ(s.commits(b), ErrorCode::kUnknownMemberId);
  b.id = "";
  s.joins(b), s.joins(b), s.joins(a);
  EXPECT_EQ(text(), R"(
11000 a joins
  a: a-1 is in generation 3, range, led by a-1 of a-1
11000 a syncs a-1='all'
  a: assigned 'all'
  record: generation 3, range, led by a-1 a-1='all'
11000 b beats
  b: Heartbeat UNKNOWN_MEMBER_ID
11000 b joins
  b: JoinGroup UNKNOWN_MEMBER_ID 'b-2'
11000 b joins
  b: JoinGroup MEMBER_ID_REQUIRED 'b-3'
11000 b joins
11000 a joins
  a: a-1 is in generation 4, range, led by a-1 of a-1 b-3
  b: b-3 is in generation 4, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, AMemberThatWaitsForTheOthersDoesNotExpire) {
  form_pair();
  s.joins(a);
  s.pass(50'000, {&b});
  s.joins(b);
  s.pass(9999);
  s.syncs(b);
  s.pass(20'000, {&a});
  s.syncs(a);
  EXPECT_EQ(text(), R"(
0 a joins
50000 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
59999 b syncs
79999 a syncs
  a: assigned ''
  b: assigned ''
  record: generation 3, range, led by a-1 a-1='' b-2=''
)");
}

TEST_F(ClassicGroupTest, AHeartbeatWhileItWaitsDoesNotStartASession) {
  form_pair();
  s.joins(a), s.beats(a);
  s.pass(30'000, {&b});
  s.joins(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 a beats
  a: Heartbeat REBALANCE_IN_PROGRESS
30000 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, WhoDoesNotJoinWithinTheRebalanceTimeoutIsOut) {
  a.rebalance_timeout_ms = b.rebalance_timeout_ms = 20'000;
  form_pair();
  b.protocols = {{"range", "new"}}, s.joins(b), s.pass(30'000, {&a});
  s.beats(a);
  EXPECT_EQ(text(), R"(
0 b joins
20000 time
  b: b-2 is in generation 3, range, led by b-2 of b-2
30000 time
  record: generation 4, null, led by null
30000 a beats
  a: Heartbeat UNKNOWN_MEMBER_ID
)");
}

TEST_F(ClassicGroupTest, WhoDoesNotSyncWithinTheRebalanceTimeoutIsOut) {
  a.rebalance_timeout_ms = b.rebalance_timeout_ms = 20'000;
  form_pair();
  s.joins(a), s.joins(b), s.syncs(b);
  s.pass(30'000, {&a, &b});
  s.beats(a), s.joins(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 b syncs
20000 time
  b: SyncGroup REBALANCE_IN_PROGRESS
30000 a beats
  a: Heartbeat UNKNOWN_MEMBER_ID
30000 b joins
  b: b-2 is in generation 4, range, led by b-2 of b-2
)");
}

TEST_F(ClassicGroupTest, WhoDoesNotFetchItsAssignmentOfAStableGroupIsOutToo) {
  a.rebalance_timeout_ms = b.rebalance_timeout_ms = 20'000;
  form_pair();
  s.joins(a), s.joins(b), s.syncs(a, {{"a-1", "A"}, {"b-2", "B"}});
  s.pass(30'000, {&a, &b});
  s.beats(a), s.beats(b);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
0 a syncs a-1='A' b-2='B'
  a: assigned 'A'
  record: generation 3, range, led by a-1 a-1='A' b-2='B'
30000 a beats
  a: Heartbeat REBALANCE_IN_PROGRESS
30000 b beats
  b: Heartbeat UNKNOWN_MEMBER_ID
)");
}

TEST_F(ClassicGroupTest, AMemberThatLeavesWhileItWaitsIsAnswered) {
  form_pair();
  b.protocols = {{"range", "new"}}, s.joins(b), s.leaves(b);
  s.joins(a);
  EXPECT_EQ(text(), R"(
0 b joins
0 b leaves
  b: JoinGroup UNKNOWN_MEMBER_ID ''
  b: LeaveGroup NONE
0 a joins
  a: a-1 is in generation 3, range, led by a-1 of a-1
)");
}

TEST_F(ClassicGroupTest, AnIdThatIsGivenBackLetsTheOthersGoOn) {
  form_pair();
  s.joins(c);
  s.joins(a), s.joins(b);
  s.leaves(c);
  EXPECT_EQ(text(), R"(
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
0 a joins
0 b joins
0 c leaves
  c: LeaveGroup NONE
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 3, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, SeveralMembersAreRemovedAtOnceEachWithAnErrorOfItsOwn) {
  auto d = static_client("d"), e = static_client("e");
  form_pair();
  s.joins(d), s.joins(e), s.joins(a), s.joins(b), skip();
  s.removes(c, {{.member_id = "b-2"},
                {.member_id = "b-2"},
                {.member_id = "", .group_instance_id = "id"},
                {.member_id = "old", .group_instance_id = "ie"},
                {.member_id = "", .group_instance_id = "nobody"},
                {.member_id = ""}});
  EXPECT_EQ(text(), R"(
0 c removes members
  c: LeaveGroup NONE
    'b-2' NONE
    'b-2' UNKNOWN_MEMBER_ID
    'id' NONE
    'ie' FENCED_INSTANCE_ID
    'nobody' UNKNOWN_MEMBER_ID
    '' UNKNOWN_MEMBER_ID
)");
}

TEST_F(ClassicGroupTest, AGenerationThatIsOverIsRefused) {
  form_pair();
  b.generation = 1;
  s.beats(b), s.syncs(b);
  EXPECT_EQ(s.commits(b), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(text(), R"(
0 b beats
  b: Heartbeat ILLEGAL_GENERATION
0 b syncs
  b: SyncGroup ILLEGAL_GENERATION
)");
}

// --- Static members (KIP-345)

TEST_F(ClassicGroupTest, StaticMembersAreRestartedOneByOneWithoutARebalance) {
  auto x = static_client("x"), y = static_client("y"), z = static_client("z");
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 3000});
  s.joins(x), s.joins(y), s.joins(z), s.pass(6000);
  s.syncs(x, {{x.id, "X"}, {y.id, "Y"}, {z.id, "Z"}}), s.syncs(y), s.syncs(z), s.pass(1000);
  skip();
  for (auto* client : {&x, &y, &z}) {
    s.pass(8000, {&x, &y, &z}), client->id = "", s.joins(*client), s.syncs(*client);
  }
  s.beats(x), s.beats(y), s.beats(z);
  EXPECT_EQ(text(), R"(
15000 x joins
  x: ix-4 is in generation 1, range, led by ix-4 of ix-4 iy-2 iz-3, no need to assign
  record: generation 1, range, led by ix-4 ix-4='X' iy-2='Y' iz-3='Z'
15000 x syncs
  x: assigned 'X'
23000 y joins
  y: iy-5 is in generation 1, range, led by ix-4
  record: generation 1, range, led by ix-4 ix-4='X' iy-5='Y' iz-3='Z'
23000 y syncs
  y: assigned 'Y'
31000 z joins
  z: iz-6 is in generation 1, range, led by ix-4
  record: generation 1, range, led by ix-4 ix-4='X' iy-5='Y' iz-6='Z'
31000 z syncs
  z: assigned 'Z'
31000 x beats
  x: Heartbeat NONE
31000 y beats
  y: Heartbeat NONE
31000 z beats
  z: Heartbeat NONE
)");
}

TEST_F(ClassicGroupTest, ALeaderThatIsRestartedIsToldBeforeV9ThatAnotherLeads) {
  auto x = static_client("x", 8);
  s.joins(x), s.syncs(x, {{"ix-1", "all"}});
  x.id = "", s.joins(x), s.syncs(x);
  x.join_version = 9, x.id = "", s.joins(x), s.syncs(x);
  EXPECT_EQ(text(), R"(
0 x joins
  x: ix-1 is in generation 1, range, led by ix-1 of ix-1
0 x syncs ix-1='all'
  x: assigned 'all'
  record: generation 1, range, led by ix-1 ix-1='all'
0 x joins
  x: ix-2 is in generation 1, range, led by ix-1
  record: generation 1, range, led by ix-2 ix-2='all'
0 x syncs
  x: assigned 'all'
0 x joins
  x: ix-3 is in generation 1, range, led by ix-3 of ix-3, no need to assign
  record: generation 1, range, led by ix-3 ix-3='all'
0 x syncs
  x: assigned 'all'
)");
}

TEST_F(ClassicGroupTest, TheLaterOfTwoWithTheSameInstanceIdFencesTheOther) {
  auto x = static_client("x"), twin = static_client("x");
  twin.name = "twin";
  s.joins(x), s.syncs(x);
  s.joins(twin);
  s.beats(x), s.syncs(x), s.joins(x);
  s.removes(x, {{.member_id = x.id, .group_instance_id = "ix"}});
  EXPECT_EQ(s.commits(x), ErrorCode::kFencedInstanceId);
  EXPECT_EQ(s.commits(twin), ErrorCode::kNone);
  EXPECT_EQ(text(), R"(
0 x joins
  x: ix-1 is in generation 1, range, led by ix-1 of ix-1
0 x syncs
  x: assigned ''
  record: generation 1, range, led by ix-1 ix-1=''
0 twin joins
  twin: ix-2 is in generation 1, range, led by ix-2 of ix-2, no need to assign
  record: generation 1, range, led by ix-2 ix-2=''
0 x beats
  x: Heartbeat FENCED_INSTANCE_ID
0 x syncs
  x: SyncGroup FENCED_INSTANCE_ID
0 x joins
  x: JoinGroup FENCED_INSTANCE_ID 'ix-1'
0 x removes members
  x: LeaveGroup NONE
    'ix' FENCED_INSTANCE_ID
)");
}

TEST_F(ClassicGroupTest, OneThatIsFencedWhileItWaitsIsTold) {
  form_pair();
  auto x = static_client("x"), twin = static_client("x"), third = static_client("x");
  twin.name = "twin", third.name = "third";
  s.joins(x), s.joins(twin);
  s.joins(a), s.joins(b);
  s.syncs(twin), s.joins(third);
  EXPECT_EQ(text(), R"(
0 x joins
0 twin joins
  x: JoinGroup FENCED_INSTANCE_ID 'ix-3'
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2 ix-4
  b: b-2 is in generation 3, range, led by a-1
  twin: ix-4 is in generation 3, range, led by a-1
0 twin syncs
0 third joins
  twin: SyncGroup FENCED_INSTANCE_ID
)");
}

TEST_F(ClassicGroupTest, AStaticMemberThatIsAwayKeepsItsPlaceWhileItsSessionLasts) {
  auto x = static_client("x");
  x.session_timeout_ms = 30'000;
  a.rebalance_timeout_ms = b.rebalance_timeout_ms = x.rebalance_timeout_ms = 8000;
  form_pair();
  s.joins(x), s.joins(a), s.joins(b), s.syncs(x), s.syncs(b), s.syncs(a, {{"ix-3", "X"}}), skip();
  s.joins(a), s.joins(b), s.pass(8000);
  s.syncs(b), s.syncs(a, {{"ix-3", "X"}});
  x.id = "", s.joins(x), s.syncs(x);
  EXPECT_EQ(text(), R"(
0 a joins
0 b joins
8000 time
  a: a-1 is in generation 4, range, led by a-1 of a-1 b-2 ix-3
  b: b-2 is in generation 4, range, led by a-1
8000 b syncs
8000 a syncs ix-3='X'
  a: assigned ''
  b: assigned ''
  record: generation 4, range, led by a-1 a-1='' b-2='' ix-3='X'
8000 x joins
  x: ix-4 is in generation 4, range, led by a-1
  record: generation 4, range, led by a-1 a-1='' b-2='' ix-4='X'
8000 x syncs
  x: assigned 'X'
)");
}

TEST_F(ClassicGroupTest, AStaticMemberThatIsAwayTooLongIsOut) {
  auto x = static_client("x");
  form_pair();
  s.joins(x), s.joins(a), s.joins(b), s.syncs(x), s.syncs(b), s.syncs(a, {{"ix-3", "X"}}), skip();
  s.pass(20'000, {&a, &b});
  s.joins(a), s.joins(b);
  EXPECT_EQ(text(), R"(
20000 a joins
20000 b joins
  a: a-1 is in generation 4, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 4, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, NoGenerationStartsOfStaticMembersThatAreAllAway) {
  auto x = static_client("x"), y = static_client("y");
  x.rebalance_timeout_ms = y.rebalance_timeout_ms = 0;
  x.session_timeout_ms = y.session_timeout_ms = 6500;
  s.joins(x), s.syncs(x), s.joins(y), s.joins(x), s.syncs(x), s.syncs(y), skip();
  s.group().rebalance(s.now());
  s.pass(10'000);
  EXPECT_EQ(text(), R"(
6500 time
  record: generation 3, null, led by null
)");
}

TEST_F(ClassicGroupTest, AStaticMemberWithOtherTopicsHasAllJoinAgain) {
  auto x = static_client("x");
  x.protocols = {{"range", subscription({"orders", "bills"}, 7)}};
  s.joins(x), s.syncs(x), skip();
  x.id = "", x.protocols = {{"range", subscription({"bills", "orders"}, -1)}}, s.joins(x);
  x.id = "", x.protocols = {{"range", subscription({"bills"}, -1)}}, s.joins(x);
  EXPECT_EQ(text(), R"(
0 x joins
  x: ix-2 is in generation 1, range, led by ix-2 of ix-2, no need to assign
  record: generation 1, range, led by ix-2 ix-2=''
0 x joins
  x: ix-3 is in generation 2, range, led by ix-3 of ix-3
)");
}

TEST_F(ClassicGroupTest, AStaticMemberThatChangesTheVoteHasAllJoinAgain) {
  auto x = static_client("x");
  x.protocols = {{"range", ""}, {"sticky", ""}};
  s.joins(x), s.syncs(x), skip();
  x.id = "", x.protocols = {{"sticky", ""}, {"range", ""}}, s.joins(x);
  EXPECT_EQ(text(), R"(
0 x joins
  x: ix-2 is in generation 2, sticky, led by ix-2 of ix-2
)");
}

// --- The size of a group

TEST_F(ClassicGroupTest, AFullGroupTakesNobodyButItsOwn) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 0, .max_size = 2});
  auto x = static_client("x");
  s.joins(a), s.joins(a), s.joins(x), s.joins(a), s.syncs(x), s.syncs(a), skip();
  s.joins(b), s.joins(a), s.joins(x), s.joins(b);
  x.id = "", s.joins(x);
  EXPECT_EQ(text(), R"(
0 b joins
  b: JoinGroup GROUP_MAX_SIZE_REACHED ''
0 a joins
0 x joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 ix-2
  x: ix-2 is in generation 3, range, led by a-1
0 b joins
  b: JoinGroup GROUP_MAX_SIZE_REACHED ''
0 x joins
)");
}

TEST_F(ClassicGroupTest, AGroupThatIsTooLargeKeepsThoseThatComeFirst) {
  form_pair();
  s.restarts_with({.initial_rebalance_delay_ms = 0, .max_size = 1});
  EXPECT_STREQ(s.group().state(), "PreparingRebalance");
  s.beats(a), s.beats(b), s.joins(b), s.joins(a);
  EXPECT_EQ(text(), R"(
0 restart
0 a beats
  a: Heartbeat REBALANCE_IN_PROGRESS
0 b beats
  b: Heartbeat REBALANCE_IN_PROGRESS
0 b joins
0 a joins
  a: JoinGroup GROUP_MAX_SIZE_REACHED ''
  b: b-2 is in generation 3, range, led by b-2 of b-2
)");
}

TEST_F(ClassicGroupTest, AMemberThatWaitsKeepsItsPlaceInAFullGroupWhenItJoinsAgain) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 3000, .max_size = 1});
  s.joins(a), s.joins(a), s.joins(a), s.joins(b);
  s.pass(3000);
  EXPECT_EQ(text(), R"(
0 a joins
  a: JoinGroup MEMBER_ID_REQUIRED 'a-1'
0 a joins
0 a joins
  a: JoinGroup REBALANCE_IN_PROGRESS 'a-1'
0 b joins
  b: JoinGroup GROUP_MAX_SIZE_REACHED ''
3000 time
  a: a-1 is in generation 1, range, led by a-1 of a-1
)");
}

TEST_F(ClassicGroupTest, OneThatIsTurnedAwayIsNotWaitedFor) {
  s = ClassicGroupScript({.initial_rebalance_delay_ms = 0, .max_size = 2});
  s.joins(a), s.joins(a), s.syncs(a);
  s.joins(b), s.joins(c), s.joins(b), skip();
  s.joins(a), s.joins(c);
  EXPECT_EQ(text(), R"(
0 a joins
0 c joins
  c: JoinGroup GROUP_MAX_SIZE_REACHED ''
  a: a-1 is in generation 2, range, led by a-1 of a-1 b-2
  b: b-2 is in generation 2, range, led by a-1
)");
}

// --- What survives

TEST_F(ClassicGroupTest, AGroupGoesOnAfterARestart) {
  form_pair();
  s.restarts();
  EXPECT_STREQ(s.group().state(), "Stable");
  EXPECT_EQ(s.group().wake_at(), 10'000);
  s.beats(a), s.beats(b), s.syncs(b), s.joins(b);
  EXPECT_EQ(s.commits(a), ErrorCode::kNone);
  EXPECT_EQ(text(), R"(
0 restart
0 a beats
  a: Heartbeat NONE
0 b beats
  b: Heartbeat NONE
0 b syncs
  b: assigned 'B'
0 b joins
  b: b-2 is in generation 2, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, ARebalanceUnderWayIsLostByARestartAndStartsAgain) {
  form_pair();
  s.joins(c), s.joins(c), s.joins(a);
  s.restarts();
  s.joins(c), c.id = "", s.joins(c), s.joins(c);
  s.joins(a), s.joins(b);
  EXPECT_EQ(text(), R"(
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
0 c joins
0 a joins
0 restart
0 c joins
  c: JoinGroup UNKNOWN_MEMBER_ID 'c-3'
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-4'
0 c joins
0 a joins
0 b joins
  a: a-1 is in generation 3, range, led by a-1 of a-1 b-2 c-4
  b: b-2 is in generation 3, range, led by a-1
  c: c-4 is in generation 3, range, led by a-1
)");
}

TEST_F(ClassicGroupTest, AnEmptyGroupGoesOnCountingAfterARestart) {
  form_pair();
  s.leaves(a), s.leaves(b), s.restarts();
  EXPECT_EQ(s.group().state_since_ms(), ClassicGroupScript::kWallStart);
  EXPECT_EQ(s.group().protocol_type(), "consumer");
  s.joins(c), s.joins(c);
  EXPECT_EQ(text(), R"(
0 a leaves
  a: LeaveGroup NONE
0 b leaves
  b: LeaveGroup NONE
  record: generation 3, null, led by null
0 restart
0 c joins
  c: JoinGroup MEMBER_ID_REQUIRED 'c-3'
0 c joins
  c: c-3 is in generation 4, range, led by c-3 of c-3
)");
}

// The bytes are what Kafka 4.2.0 makes of the same values.
TEST_F(ClassicGroupTest, TheRecordHasKafkasBytes) {
  auto x = static_client("x");
  x.protocols = {{"range", "sub"}};
  s.joins(x), s.syncs(x, {{"ix-1", "as"}});
  const CoordinatorRecord& record = s.records().at(0);
  EXPECT_EQ(record.key, std::string("\0\2\0\1g", 5));
  static constexpr char kExpected[] =
      "\0\3"                      // version
      "\0\10consumer"             // protocol type
      "\0\0\0\1"                  // generation
      "\0\5range"                 // protocol
      "\0\4ix-1"                  // leader
      "\0\0\1\x8b\xcf\xe5\x68\0"  // since when it is in its state
      "\0\0\0\1"                  // members
      "\0\4ix-1\0\2ix\0\1x\0\12/127.0.0.1"
      "\0\0\xea\x60\0\0\x27\x10"  // timeouts: of rebalances, of sessions
      "\0\0\0\3sub\0\0\0\2as";
  EXPECT_EQ(*record.value, std::string(kExpected, sizeof(kExpected) - 1));
}

TEST_F(ClassicGroupTest, TheRecordOfDynamicMembersIsOfAVersionThatToolsRead) {
  ScriptedClient x{.name = "x", .join_version = 3};
  x.protocols = {{"range", "sub"}};
  s.joins(x), s.syncs(x, {{"x-1", "as"}});
  static constexpr char kExpected[] =
      "\0\1"           // version
      "\0\10consumer"  // protocol type
      "\0\0\0\1"       // generation
      "\0\5range"      // protocol
      "\0\3x-1"        // leader
      "\0\0\0\1"       // members
      "\0\3x-1\0\1x\0\12/127.0.0.1"
      "\0\0\xea\x60\0\0\x27\x10"  // timeouts: of rebalances, of sessions
      "\0\0\0\3sub\0\0\0\2as";
  EXPECT_EQ(*s.records().at(0).value, std::string(kExpected, sizeof(kExpected) - 1));
}

TEST_F(ClassicGroupTest, TheRecordOfAnEmptyGroupHasKafkasBytes) {
  s.joins(a), s.joins(a), s.leaves(a);
  static constexpr char kExpected[] =
      "\0\3"
      "\0\10consumer"
      "\0\0\0\2"
      "\xff\xff\xff\xff"  // no protocol, no leader
      "\0\0\1\x8b\xcf\xe5\x68\0"
      "\0\0\0\0";
  EXPECT_EQ(*s.records().back().value, std::string(kExpected, sizeof(kExpected) - 1));
}

// --- Commits

TEST_F(ClassicGroupTest, AMembersCommitIsASignOfLife) {
  form_pair();
  s.pass(9000, {&a});
  EXPECT_EQ(s.commits(b), ErrorCode::kNone);
  s.pass(9000, {&a});
  EXPECT_EQ(s.commits(b), ErrorCode::kNone);
  EXPECT_EQ(text(), R"(
)");
}

TEST_F(ClassicGroupTest, MembersCommitBeforeTheyJoinAgainButNotWhileTheAssignmentIsOpen) {
  form_pair();
  s.joins(a);
  EXPECT_EQ(s.commits(b), ErrorCode::kNone);
  s.joins(b);
  EXPECT_EQ(s.commits(b), ErrorCode::kRebalanceInProgress);
  s.syncs(a);
  EXPECT_EQ(s.commits(b), ErrorCode::kNone);
}

TEST_F(ClassicGroupTest, WhoIsNoMemberCommitsToAGroupWithoutMembersOnly) {
  EXPECT_EQ(s.commits(c), ErrorCode::kNone);
  form_pair();
  EXPECT_EQ(s.commits(c), ErrorCode::kUnknownMemberId);
  c.id = "a-1";
  EXPECT_EQ(s.commits(c), ErrorCode::kIllegalGeneration);
  s.leaves(a), s.leaves(b);
  EXPECT_EQ(s.commits(a), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(s.commits(c), ErrorCode::kNone);
}

TEST_F(ClassicGroupTest, CommitsOfTheFirstVersionAreTakenAlways) {
  form_pair();
  EXPECT_EQ(s.commits(c, 0), ErrorCode::kNone);
  EXPECT_EQ(s.commits(c, 1), ErrorCode::kUnknownMemberId);
}

// --- What is told about it

TEST_F(ClassicGroupTest, ItIsSubscribedToWhatItsMembersNameOnceThatIsKnown) {
  a.protocols = {{"range", subscription({"orders"})}};
  EXPECT_FALSE(s.group().is_subscribed_to("orders"));
  s.joins(a), s.joins(a), s.syncs(a);
  EXPECT_TRUE(s.group().is_subscribed_to("orders"));
  EXPECT_FALSE(s.group().is_subscribed_to("bills"));
  b.protocols = {{"range", "unreadable"}};
  s.joins(b), s.joins(b), s.joins(a);
  EXPECT_TRUE(s.group().is_subscribed_to("bills"));
  s.leaves(a), s.leaves(b);
  EXPECT_FALSE(s.group().is_subscribed_to("orders"));
}

TEST_F(ClassicGroupTest, AGroupOfAnotherTypeIsNotSubscribedToTopics) {
  a.protocol_type = "connect", a.protocols = {{"range", subscription({"orders"})}};
  s.joins(a), s.joins(a);
  EXPECT_FALSE(s.group().is_subscribed_to("orders"));
}

TEST_F(ClassicGroupTest, ADescriptionHasTheMetadataOfAStableGroupOnly) {
  a.protocols = {{"range", "sub"}};
  s.joins(a), s.joins(a), s.syncs(a, {{"a-1", "all"}});
  const auto stable = s.group().describe();
  EXPECT_EQ(stable.response.group_state, "Stable");
  EXPECT_EQ(stable.response.protocol_type, "consumer");
  EXPECT_EQ(stable.response.protocol_data, "range");
  ASSERT_EQ(stable.response.members.size(), 1u);
  EXPECT_EQ(stable.response.members[0].client_id, "a");
  EXPECT_EQ(stable.response.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(as_text(stable.response.members[0].member_metadata), "sub");
  EXPECT_EQ(as_text(stable.response.members[0].member_assignment), "all");
  s.group().rebalance(s.now());
  const auto preparing = s.group().describe();
  EXPECT_EQ(preparing.response.group_state, "PreparingRebalance");
  EXPECT_EQ(preparing.response.protocol_data, "");
  EXPECT_EQ(as_text(preparing.response.members.at(0).member_metadata), "");
  EXPECT_EQ(as_text(preparing.response.members.at(0).member_assignment), "all");
}

TEST_F(ClassicGroupTest, ThoseWhoWaitAreDismissedWhenTheGroupIsReplaced) {
  form_pair();
  s.joins(a);
  auto outcome = s.group().dismiss(ErrorCode::kRebalanceInProgress);
  ASSERT_EQ(outcome.answers.size(), 1u);
  EXPECT_EQ(std::get<JoinGroup::Reply>(outcome.answers[0].reply).response.error_code,
            code(ErrorCode::kRebalanceInProgress));
  EXPECT_TRUE(s.group().dismiss(ErrorCode::kRebalanceInProgress).answers.empty());
}

}  // namespace
}  // namespace moldau
