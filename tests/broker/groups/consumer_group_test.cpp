#include "broker/groups/consumer_group.h"

#include "tests/broker/groups/consumer_group_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ConsumerGroupTest, OneMemberOwnsEverythingAtOnce) {
  cluster_.create("orders", 3);
  EXPECT_EQ(join("a", {"orders"}), "a @1 orders 0 1 2");
  EXPECT_EQ(types(), "5 3 7 6 8");
  EXPECT_EQ(last_.heartbeat_interval_ms, 5000);
  EXPECT_EQ(beat("a", 1), "a @1");
  EXPECT_EQ(types(), "");
  EXPECT_STREQ(group_.state(), "Stable");
}

TEST_F(ConsumerGroupTest, AFullRequestIsToldTheAssignmentAgain) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  Request full = owning("a", 1, {{"orders", {0, 1}}});
  full.rebalance_timeout_ms = 60'000;
  full.subscribed_topic_names = {"orders"};
  EXPECT_EQ(send(full), "a @1 orders 0 1");
  EXPECT_EQ(types(), "");
}

TEST_F(ConsumerGroupTest, PartitionsGoFromMemberToMemberInSteps) {
  cluster_.create("orders", 6);
  EXPECT_EQ(join("a", {"orders"}), "a @1 orders 0 1 2 3 4 5");

  // The second has to wait for what the first still owns.
  EXPECT_EQ(join("b", {"orders"}), "b @2 -");
  EXPECT_STREQ(group_.state(), "Reconciling");
  EXPECT_EQ(beat("a", 1), "a @1 orders 0 1 2");
  EXPECT_EQ(types(), "8");
  EXPECT_EQ(beat("b", 2), "b @2");
  EXPECT_EQ(beat("a", 1, {{"orders", {0, 1, 2, 3}}}), "a @1");  // Still revoking.
  EXPECT_EQ(beat("b", 2), "b @2");
  EXPECT_EQ(beat("a", 1, {{"orders", {0, 1, 2}}}), "a @2");
  EXPECT_EQ(beat("b", 2), "b @2 orders 3 4 5");
  EXPECT_STREQ(group_.state(), "Stable");

  // The third gets its share as the others give up theirs, one by one.
  EXPECT_EQ(join("c", {"orders"}), "c @3 -");
  EXPECT_EQ(beat("a", 2), "a @2 orders 0 1");
  EXPECT_EQ(beat("b", 2), "b @2 orders 3 4");
  EXPECT_EQ(beat("a", 2, {{"orders", {0, 1}}}), "a @3");
  EXPECT_EQ(beat("c", 3), "c @3 orders 2");
  EXPECT_STREQ(group_.state(), "Reconciling");
  EXPECT_EQ(beat("b", 2, {{"orders", {3, 4}}}), "b @3");
  EXPECT_EQ(beat("c", 3, {{"orders", {2}}}), "c @3 orders 2 5");
  EXPECT_STREQ(group_.state(), "Stable");
}

TEST_F(ConsumerGroupTest, AMemberThatDoesNotRevokeInTimeIsFenced) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  EXPECT_EQ(beat("a", 1), "a @1 orders 0");
  for (int i = 0; i < 5; ++i) {
    pass(10'000);
    EXPECT_EQ(beat("a", 1), "a @1");
    EXPECT_EQ(beat("b", 2), "b @2");
  }
  pass(10'000);  // 60 s after it was told.
  EXPECT_EQ(types(), "~8 ~7 ~5 3");
  EXPECT_STREQ(group_.state(), "Assigning");
  EXPECT_EQ(beat("a", 1), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(beat("b", 2), "b @3 orders 0 1");
}

TEST_F(ConsumerGroupTest, RevokingInTimeEndsTheRebalanceTimeout) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  beat("a", 1);
  pass(40'000);
  EXPECT_EQ(beat("a", 1, {{"orders", {0}}}), "a @2");
  beat("b", 2);
  pass(40'000);
  EXPECT_EQ(beat("a", 2), "a @2");
  EXPECT_EQ(beat("b", 2), "b @2");
}

TEST_F(ConsumerGroupTest, AMemberThatLeavesIsReplacedAtTheNextHeartbeat) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  EXPECT_EQ(beat("a", -1), "a @-1");
  EXPECT_EQ(types(), "~8 ~7 ~5 3");
  EXPECT_EQ(beat("b", 2), "b @3 orders 0 1");
  EXPECT_EQ(beat("a", -1), "UNKNOWN_MEMBER_ID");
}

TEST_F(ConsumerGroupTest, TheLastOneToLeaveLeavesAnEmptyGroupWithANewEpoch) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  beat("a", -1);
  EXPECT_EQ(types(), "~8 ~7 ~5 3");
  EXPECT_STREQ(group_.state(), "Empty");
  EXPECT_TRUE(group_.is_empty());
  EXPECT_EQ(group_.durable().epoch(), 2);
  EXPECT_EQ(group_.durable().metadata_hash(), 0);
  EXPECT_EQ(group_.wake_at(), std::nullopt);
  EXPECT_EQ(join("b", {"orders"}), "b @3 orders 0 1");
}

TEST_F(ConsumerGroupTest, ASilentMemberIsFencedAfterItsSession) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  pass(30'000);
  beat("b", 2);
  pass(14'999);
  EXPECT_EQ(group_.durable().members().size(), 2u);
  pass(1);
  EXPECT_EQ(beat("a", 1), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(beat("b", 2), "b @3 orders 0 1");
}

TEST_F(ConsumerGroupTest, TimeoutsMayBeThoseOfTheGroup) {
  cluster_.create("orders", 1);
  cluster_.configure("g", "consumer.session.timeout.ms", "50000");
  cluster_.configure("g", "consumer.heartbeat.interval.ms", "7000");
  join("a", {"orders"});
  EXPECT_EQ(last_.heartbeat_interval_ms, 7000);
  EXPECT_EQ(group_.wake_at(), now_.steady_ms + 50'000);
}

TEST_F(ConsumerGroupTest, AMemberOneEpochBehindHasMissedAnAnswer) {
  cluster_.create("orders", 4);
  join("a", {"orders"});
  join("b", {"orders"});
  beat("a", 1);
  beat("a", 1, {{"orders", {0, 1}}});  // Epoch 2, but that answer is lost.
  EXPECT_EQ(beat("a", 1, {{"orders", {0, 1}}}), "a @2");
  EXPECT_EQ(beat("a", 1, {{"orders", {0, 2}}}), "FENCED_MEMBER_EPOCH");
  EXPECT_EQ(beat("a", 1), "FENCED_MEMBER_EPOCH");  // It does not say what it owns.
  EXPECT_EQ(beat("a", 3), "FENCED_MEMBER_EPOCH");
  EXPECT_EQ(join("a", {"orders"}), "a @2 orders 0 1");
}

TEST_F(ConsumerGroupTest, AFencedMemberComesBackWithNothing) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  pass(45'000);
  EXPECT_EQ(beat("a", 1, {{"orders", {0, 1}}}), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(join("a", {"orders"}), "a @3 orders 0 1");
}

TEST_F(ConsumerGroupTest, AMemberThatJoinsAgainGivesUpWhatItHad) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  EXPECT_EQ(beat("a", 1), "a @1 orders 0");
  EXPECT_EQ(join("a", {"orders"}), "a @2 orders 0");
  EXPECT_EQ(beat("b", 2), "b @2 orders 1");
}

TEST_F(ConsumerGroupTest, AStaticMemberComesBackToItsPartitions) {
  cluster_.create("orders", 2);
  Request first = joining("a1", {"orders"});
  first.instance_id = "a";
  EXPECT_EQ(send(first), "a1 @1 orders 0 1");
  Request second = joining("a2", {"orders"});
  second.instance_id = "a";
  EXPECT_EQ(send(second), "UNRELEASED_INSTANCE_ID");

  Request away = beating("a1", -2);
  away.instance_id = "a";
  EXPECT_EQ(send(away), "a1 @-2");
  EXPECT_EQ(types(), "8");
  EXPECT_EQ(send(second), "a2 @1 orders 0 1");
  EXPECT_EQ(types(), "~8 ~7 ~5 5 7 8 8");
  EXPECT_EQ(group_.durable().epoch(), 1);  // Nobody else noticed.

  Request old = beating("a1", 1);
  old.instance_id = "a";
  EXPECT_EQ(send(old), "FENCED_INSTANCE_ID");
  old.instance_id = "z";
  EXPECT_EQ(send(old), "UNKNOWN_MEMBER_ID");
}

TEST_F(ConsumerGroupTest, AStaticMemberMayComeBackUnderItsOldId) {
  cluster_.create("orders", 2);
  Request a = joining("a", {"orders"});
  a.instance_id = "i";
  send(a);
  EXPECT_EQ(send(a), "a @1 orders 0 1");  // It starts over: it is the same one.
  Request away = beating("a", -2);
  away.instance_id = "i";
  send(away);
  EXPECT_EQ(send(a), "a @1 orders 0 1");
}

TEST_F(ConsumerGroupTest, AStaticMemberThatComesBackInheritsNoSubscription) {
  cluster_.create("orders", 1);
  cluster_.create("bills", 1);
  Request by_regex = joining("a1", {});
  by_regex.instance_id = "a";
  by_regex.subscribed_topic_names.reset();
  by_regex.subscribed_topic_regex = "ord.*";
  EXPECT_EQ(send(by_regex), "a1 @1 orders 0");
  Request away = beating("a1", -2);
  away.instance_id = "a";
  send(away);
  Request by_name = joining("a2", {"bills"});
  by_name.instance_id = "a";
  EXPECT_EQ(send(by_name), "a2 @2 bills 0");
}

TEST_F(ConsumerGroupTest, AStaticMemberThatStaysAwayIsFenced) {
  cluster_.create("orders", 2);
  Request a = joining("a", {"orders"});
  a.instance_id = "i";
  send(a);
  join("b", {"orders"});
  Request away = beating("a", -2);
  away.instance_id = "i";
  send(away);
  pass(30'000);
  EXPECT_EQ(beat("b", 2), "b @2");  // They are kept for it.
  pass(15'000);
  EXPECT_EQ(beat("b", 2), "b @3 orders 0 1");
}

TEST_F(ConsumerGroupTest, ATopicThatGrowsIsAssignedAnew) {
  cluster_.create("orders", 2);
  join("a", {"orders", "later"});
  cluster_.grow("orders", 2, 4);
  EXPECT_EQ(beat("a", 1), "a @2 orders 0 1 2 3");
  EXPECT_EQ(types(), "3 7 6 8");
  cluster_.create("other", 2);  // Not subscribed to.
  EXPECT_EQ(beat("a", 2), "a @2");
  cluster_.create("later", 1);
  EXPECT_EQ(beat("a", 2), "a @3 orders 0 1 2 3 later 0");
}

TEST_F(ConsumerGroupTest, ADeletedTopicIsTakenBack) {
  cluster_.create("orders", 1);
  cluster_.create("bills", 1);
  join("a", {"orders", "bills"});
  cluster_.remove("orders");
  EXPECT_EQ(beat("a", 1), "a @1 bills 0");
  EXPECT_EQ(beat("a", 1, {{"bills", {0}}}), "a @2");
}

TEST_F(ConsumerGroupTest, AnUnsubscribedTopicIsTakenBack) {
  cluster_.create("orders", 1);
  cluster_.create("bills", 1);
  EXPECT_EQ(join("a", {"orders", "bills"}), "a @1 orders 0 bills 0");
  Request request = owning("a", 1, {{"orders", {0}}, {"bills", {0}}});
  request.subscribed_topic_names = {"bills"};
  EXPECT_EQ(send(request), "a @1 bills 0");
  EXPECT_EQ(beat("a", 1, {{"bills", {0}}}), "a @2");
  EXPECT_TRUE(group_.is_subscribed_to("bills"));
  EXPECT_FALSE(group_.is_subscribed_to("orders"));
}

TEST_F(ConsumerGroupTest, MembersVoteForTheAssignor) {
  cluster_.create("orders", 2);
  Request range = joining("a", {"orders"});
  range.server_assignor = "range";
  send(range);
  EXPECT_EQ(group_.describe(*cluster_.image()).assignor_name, "range");
  Request uniform = joining("b", {"orders"});
  uniform.server_assignor = "uniform";
  send(uniform);  // One to one: the first that is configured.
  EXPECT_EQ(group_.describe(*cluster_.image()).assignor_name, "uniform");
  Request third = joining("c", {"orders"});
  third.server_assignor = "range";
  send(third);
  EXPECT_EQ(group_.describe(*cluster_.image()).assignor_name, "range");
  third.server_assignor = "sticky";
  EXPECT_EQ(send(third), "UNSUPPORTED_ASSIGNOR");
}

TEST_F(ConsumerGroupTest, ARegularExpressionStandsForItsTopics) {
  cluster_.create("orders", 1);
  cluster_.create("bills", 1);
  Request request = joining("a", {});
  request.subscribed_topic_names.reset();
  request.subscribed_topic_regex = "ord.*";
  EXPECT_EQ(send(request), "a @1 orders 0");
  EXPECT_EQ(types(), "5 16 3 7 6 8");
  EXPECT_TRUE(group_.is_subscribed_to("orders"));
  EXPECT_FALSE(group_.is_subscribed_to("bills"));

  Request other = beating("a", 1);
  other.subscribed_topic_regex = "bil+s";
  EXPECT_EQ(send(other), "a @1 -");
  EXPECT_EQ(types(), "5 ~16 16 3 7 6 8");
  EXPECT_EQ(beat("a", 1, {}), "a @2 bills 0");
  EXPECT_EQ(beat("a", -1), "a @-1");
  EXPECT_EQ(types(), "~8 ~7 ~5 ~16 3");

  request.subscribed_topic_regex = "[";
  EXPECT_EQ(send(request), "INVALID_REGULAR_EXPRESSION");
}

TEST_F(ConsumerGroupTest, ARegularExpressionFindsNewTopicsAfterAWhile) {
  has_twin_ = false;  // A coordinator that starts looks at once.
  cluster_.create("orders", 1);
  Request request = joining("a", {"bills"});
  request.subscribed_topic_regex = "order.*";
  EXPECT_EQ(send(request), "a @1 orders 0");
  cluster_.create("orders2", 1);
  pass(9'000);
  EXPECT_EQ(beat("a", 1), "a @1");
  pass(1'000);
  EXPECT_EQ(beat("a", 1), "a @2 orders 0 orders2 0");
  EXPECT_EQ(types(), "16 3 7 6 8");
  cluster_.create("bills", 1);  // Subscribed to by name: no waiting.
  EXPECT_EQ(beat("a", 2), "a @3 orders 0 orders2 0 bills 0");
}

TEST_F(ConsumerGroupTest, WhatARequestMustHave) {
  cluster_.create("orders", 1);
  Request request = joining("", {"orders"});
  EXPECT_EQ(send(request, 1), "INVALID_REQUEST");
  EXPECT_TRUE(group_.is_fresh());
  EXPECT_EQ(send(request, 0), "fresh @1 orders 0");
  EXPECT_EQ(beat("", -1), "INVALID_REQUEST");
  EXPECT_EQ(beat("a", -3), "INVALID_REQUEST");
  EXPECT_EQ(beat("a", -2), "INVALID_REQUEST");  // Not a static member.
  EXPECT_EQ(beat("a", 0), "INVALID_REQUEST");
  request = joining("a", {"orders"});
  request.instance_id = " ";
  EXPECT_EQ(send(request), "INVALID_REQUEST");
  request = joining("a", {"orders"});
  request.rack_id = "";
  EXPECT_EQ(send(request), "INVALID_REQUEST");
  request = joining("a", {"orders"});
  request.rebalance_timeout_ms = -1;
  EXPECT_EQ(send(request), "INVALID_REQUEST");
  request = joining("a", {"orders"});
  request.topic_partitions.reset();
  EXPECT_EQ(send(request), "INVALID_REQUEST");
  request = joining("a", {"orders"});
  request.subscribed_topic_names.reset();
  EXPECT_EQ(send(request), "INVALID_REQUEST");
  EXPECT_EQ(beat("a", 1), "UNKNOWN_MEMBER_ID");
}

TEST_F(ConsumerGroupTest, AFullGroupKeepsItsMembers) {
  limits_.max_size = 1;
  group_ = ConsumerGroup("g", limits_);
  cluster_.create("orders", 1);
  join("a", {"orders"});
  EXPECT_EQ(join("b", {"orders"}), "GROUP_MAX_SIZE_REACHED");
  EXPECT_EQ(beat("a", 1), "a @1");
  EXPECT_EQ(join("a", {"orders"}), "a @1 orders 0");
}

TEST_F(ConsumerGroupTest, AMemberWithoutASubscriptionOwnsNothing) {
  cluster_.create("orders", 1);
  EXPECT_EQ(join("a", {}), "a @1 -");
  EXPECT_EQ(join("b", {}), "b @1 -");
  EXPECT_EQ(beat("a", 1), "a @1");
}

TEST_F(ConsumerGroupTest, CommitsAreTakenFromTheEpochThatOwnsThePartition) {
  const Uuid orders = cluster_.create("orders", 2);
  const auto commit = [&](const char* member, int32_t epoch, int32_t partition,
                          Version version = 9) {
    CommitOffsets event{.group = "g"};
    event.member_id = member;
    event.generation = epoch;
    event.version = version;
    event.partitions.push_back({.topic = "orders", .topic_id = orders, .partition = partition});
    return std::string(name(group_.check_commit(event)));
  };
  EXPECT_EQ(commit("", -1, 0), "NONE");
  join("a", {"orders"});
  EXPECT_EQ(commit("", -1, 0), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(commit("a", 1, 0), "NONE");
  EXPECT_EQ(commit("a", 1, 0, 8), "UNSUPPORTED_VERSION");
  EXPECT_EQ(commit("a", 0, 0), "STALE_MEMBER_EPOCH");
  EXPECT_EQ(commit("a", 2, 0), "STALE_MEMBER_EPOCH");

  // The heartbeat that brought epoch 2 and a commit of epoch 1 crossed (KIP-1251).
  join("b", {"orders"});
  beat("a", 1);
  EXPECT_EQ(commit("a", 1, 1), "NONE");  // It has yet to give that one up.
  EXPECT_EQ(beat("a", 1, {{"orders", {0}}}), "a @2");
  restart();
  EXPECT_EQ(commit("a", 1, 0), "NONE");
  EXPECT_EQ(commit("a", 1, 1), "STALE_MEMBER_EPOCH");
  beat("b", 2);
  EXPECT_EQ(commit("b", 2, 1), "NONE");
  EXPECT_EQ(commit("b", 1, 1), "STALE_MEMBER_EPOCH");

  EXPECT_EQ(group_.check_fetch(std::nullopt, -1), ErrorCode::kNone);
  EXPECT_EQ(group_.check_fetch("a", 2), ErrorCode::kNone);
  EXPECT_EQ(group_.check_fetch("a", 1), ErrorCode::kStaleMemberEpoch);
  EXPECT_EQ(group_.check_fetch("z", 1), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroupTest, DescribeTellsWhatMembersHaveAndShallHave) {
  cluster_.create("orders", 2);
  Request a = joining("a", {"orders"});
  a.instance_id = "i";
  a.rack_id = "r";
  send(a);
  join("b", {"orders"});
  const auto group = group_.describe(*cluster_.image());
  EXPECT_EQ(group.group_id, "g");
  EXPECT_EQ(group.group_state, "Reconciling");
  EXPECT_EQ(group.group_epoch, 2);
  EXPECT_EQ(group.assignment_epoch, 2);
  EXPECT_EQ(group.assignor_name, "uniform");
  ASSERT_EQ(group.members.size(), 2u);
  const auto& first = group.members[0];
  EXPECT_EQ(first.member_id, "a");
  EXPECT_EQ(first.instance_id, "i");
  EXPECT_EQ(first.rack_id, "r");
  EXPECT_EQ(first.client_id, "client");
  EXPECT_EQ(first.client_host, "/127.0.0.1");
  EXPECT_EQ(first.member_epoch, 1);
  EXPECT_EQ(first.member_type, 1);
  EXPECT_THAT(first.subscribed_topic_names, ElementsAre("orders"));
  EXPECT_THAT(first.assignment.topic_partitions.at(0).partitions, ElementsAre(0, 1));
  EXPECT_THAT(first.target_assignment.topic_partitions.at(0).partitions, ElementsAre(0));
  EXPECT_EQ(first.target_assignment.topic_partitions.at(0).topic_name, "orders");
  EXPECT_TRUE(group.members[1].assignment.topic_partitions.empty());
}

TEST_F(ConsumerGroupTest, TombstonesLeaveNothingInTheLog) {
  cluster_.create("orders", 2);
  Request request = joining("a", {"orders"});
  request.subscribed_topic_regex = "b.*";
  send(request);
  join("b", {"orders"});
  keep(group_.tombstones());
  EXPECT_TRUE(log_.empty());
}

TEST_F(ConsumerGroupTest, AfterARestartMembersHaveAWholeSession) {
  cluster_.create("orders", 2);
  join("a", {"orders"});
  join("b", {"orders"});
  beat("a", 1);
  pass(40'000);
  restart();
  pass(44'000);
  EXPECT_EQ(beat("a", 1), "a @1");
  pass(1'000);
  EXPECT_EQ(beat("b", 2), "UNKNOWN_MEMBER_ID");
  pass(15'000);  // The rebalance timeout starts over as well: 60 s.
  EXPECT_EQ(beat("a", 1), "UNKNOWN_MEMBER_ID");
}

TEST_F(ConsumerGroupTest, AnOldRecordOfPartitionsIsRemoved) {
  cluster_.create("orders", 1);
  const CoordinatorRecord old{.key = std::string("\0\x04\0\x01g", 5),
                              .value = std::string(6, '\0')};
  group_.load(old);
  log_[old.key] = *old.value;
  EXPECT_EQ(join("a", {"orders"}), "a @1 orders 0");
  EXPECT_EQ(types(), "5 3 ~4 7 6 8");
}

}  // namespace
}  // namespace moldau
