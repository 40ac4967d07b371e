#include "broker/groups/consumer_group_migration.h"

#include <deque>

#include "broker/groups/consumer_protocol.h"
#include "tests/broker/groups/consumer_group_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ConsumerGroupMigrationTest : public ConsumerGroupTest {
 protected:
  ConsumerGroupMigrationTest() { has_twin_ = false; }

  // --- A classic group of generation 3, as its record says

  static std::string subscription(std::vector<std::string> topics, const Partitions& owned = {}) {
    ConsumerProtocolSubscription subscription{.topics = std::move(topics)};
    for (const auto& [topic, partitions] : owned)
      subscription.owned_partitions.push_back({topic, partitions});
    return write_subscription(subscription, 1);
  }
  static std::string assignment(const Partitions& owned, const char* user_data = nullptr) {
    ConsumerProtocolAssignment assignment;
    for (const auto& [topic, partitions] : owned)
      assignment.assigned_partitions.push_back({topic, partitions});
    if (user_data) assignment.user_data = as_bytes(user_data);
    return write_assignment(assignment, 1);
  }
  struct Stored {
    std::string id;
    std::string subscription;
    std::string assignment;
    std::optional<std::string> instance_id;
  };
  ClassicGroup classic_of(const std::vector<Stored>& members,
                          const std::string& protocol_type = "consumer") {
    GroupMetadataValue value{.protocol_type = protocol_type,
                             .generation = 3,
                             .protocol = "range",
                             .leader = members.front().id,
                             .current_state_timestamp = 1};
    for (const auto& member : members)
      value.members.push_back({.member_id = member.id,
                               .group_instance_id = member.instance_id,
                               .client_id = "client",
                               .client_host = "/127.0.0.1",
                               .rebalance_timeout = 60'000,
                               .session_timeout = 10'000,
                               .subscription = as_bytes(member.subscription),
                               .assignment = as_bytes(member.assignment)});
    ClassicGroup group("g", limits_.classic, value, now_);
    keep({group.record()});
    return group;
  }
  // c1 and c2 share orders, which has four partitions.
  ClassicGroup two_members() {
    cluster_.create("orders", 4);
    return classic_of({{"c1", subscription({"orders"}), assignment({{"orders", {0, 1}}}), {}},
                       {"c2", subscription({"orders"}), assignment({{"orders", {2, 3}}}), {}}});
  }

  // --- The new member

  std::string join_classic(ClassicGroup& from, const Request& request) {
    Upgrade result = upgrade(7,
                             ConsumerGroupHeartbeat{.request = request,
                                                    .caller = {"client", "/127.0.0.1", 1},
                                                    .fresh_uuid = "fresh",
                                                    .image = cluster_.image()},
                             "g", from, limits_, now_);
    keep(result.outcome.records);
    answers_ = std::move(result.outcome.answers);
    if (result.group) group_ = *std::move(result.group);
    const auto& reply = std::get<ConsumerGroupHeartbeatResponse>(answers_.back().reply);
    return line_of(reply);
  }

  // --- The old ones

  JoinGroup join_event(const std::string& member, std::string metadata) {
    JoinGroup event{
        .caller = {"client", "/127.0.0.1", 5}, .fresh_uuid = "fresh", .image = cluster_.image()};
    event.request.group_id = "g";
    event.request.member_id = member;
    event.request.session_timeout_ms = 10'000;
    event.request.rebalance_timeout_ms = 60'000;
    event.request.protocol_type = "consumer";
    frames_.push_back(std::move(metadata));
    event.request.protocols.push_back({"range", as_bytes(frames_.back())});
    return event;
  }
  // "member @generation", or "member ERROR" with the id that the answer has.
  std::string rejoin(const JoinGroup& event) {
    const auto reply = std::get<JoinGroup::Reply>(
        run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.join(7, e, now); }));
    const auto& response = reply.response;
    if (response.error_code != 0)
      return response.member_id + " " + name(static_cast<ErrorCode>(response.error_code));
    EXPECT_EQ(response.protocol_type, "consumer");
    EXPECT_EQ(response.protocol_name, "range");
    EXPECT_EQ(response.leader, "");
    return response.member_id + " @" + std::to_string(response.generation_id);
  }
  std::string rejoin(const std::string& member, const Partitions& owned) {
    return rejoin(join_event(member, subscription({"orders"}, owned)));
  }
  std::string sync(const std::string& member, int32_t generation,
                   std::optional<std::string> protocol = std::nullopt) {
    SyncGroup event{.caller = {"client", "/127.0.0.1", 5}};
    event.request.group_id = "g";
    event.request.member_id = member;
    event.request.generation_id = generation;
    event.request.protocol_name = std::move(protocol);
    return sync_line(std::get<SyncGroup::Reply>(
        run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.sync(7, e, now); })));
  }
  static std::string sync_line(const SyncGroup::Reply& reply) {
    if (reply.response.error_code != 0)
      return name(static_cast<ErrorCode>(reply.response.error_code));
    EXPECT_EQ(consumer_protocol_version(reply.response.assignment), 1);
    std::string line;
    const auto assignment = read_assignment(reply.response.assignment);
    for (const auto& [topic, partitions] : assignment->assigned_partitions) {
      line += topic;
      for (const int32_t partition : partitions) line += " " + std::to_string(partition);
    }
    return line;
  }
  std::string pulse(const std::string& member, int32_t generation,
                    std::optional<std::string> instance_id = std::nullopt) {
    GroupHeartbeat event{.caller = {"client", "/127.0.0.1", 3}};
    event.request.group_id = "g";
    event.request.member_id = member;
    event.request.generation_id = generation;
    event.request.group_instance_id = std::move(instance_id);
    const auto reply = std::get<HeartbeatResponse>(run(
        event, [](ConsumerGroup& g, const auto& e, Time now) { return g.heartbeat(7, e, now); }));
    return name(static_cast<ErrorCode>(reply.error_code));
  }
  std::string leave(const std::string& member, Version version = 3) {
    LeaveGroup event{.caller = {"client", "/127.0.0.1", version}};
    event.request.group_id = "g";
    if (version <= 2) {
      event.request.member_id = member;
    } else {
      event.request.members.push_back({.member_id = member});
    }
    const auto reply = std::get<LeaveGroupResponse>(
        run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.leave(7, e, now); }));
    const int16_t error = version <= 2 ? reply.error_code : reply.members.at(0).error_code;
    return name(static_cast<ErrorCode>(error));
  }
  ClassicGroup go_down() {
    EXPECT_TRUE(group_.should_become_classic());
    Downgrade result = downgrade(group_, now_);
    keep(result.outcome.records);
    EXPECT_THAT(result.outcome.answers, IsEmpty());
    return std::move(result.group);
  }
  static std::vector<std::string> ids(const ClassicGroup& group) {
    std::vector<std::string> ids;
    for (const auto& [id, member] : group.members()) ids.push_back(id);
    return ids;
  }

  std::deque<std::string> frames_;             // What requests point to.
  std::vector<GroupOutcome::Answer> answers_;  // Of the upgrade.
};

TEST_F(ConsumerGroupMigrationTest, AGroupMovesUpMemberByMember) {
  ClassicGroup classic = two_members();
  EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), "n @4 -");
  EXPECT_EQ(types(), "~2 5 5 3 7 7 6 8 8 5 3 7 7 6 8");
  EXPECT_STREQ(group_.state(), "Reconciling");
  has_twin_ = true;

  // c2 has to give one up; it is asked to join, and told at once what it keeps.
  EXPECT_EQ(pulse("c2", 3), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rejoin("c2", {{"orders", {2, 3}}}), "c2 @3");
  has_twin_ = false;  // SyncGroup has no image: after a restart it needs a JoinGroup before.
  EXPECT_EQ(sync("c2", 3), "orders 2");
  has_twin_ = true;
  EXPECT_EQ(beat("n", 4), "n @4");
  EXPECT_EQ(pulse("c2", 3), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rejoin("c2", {{"orders", {2}}}), "c2 @4");
  EXPECT_EQ(beat("n", 4), "n @4 orders 3");
  EXPECT_EQ(pulse("c2", 4), "NONE");

  // c1 keeps what it has.
  EXPECT_EQ(pulse("c1", 3), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(sync("c1", 3), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rejoin("c1", {{"orders", {0, 1}}}), "c1 @4");
  has_twin_ = false;
  EXPECT_EQ(sync("c1", 4), "orders 0 1");
  EXPECT_STREQ(group_.state(), "Stable");
  const auto described = group_.describe(*cluster_.image());
  EXPECT_EQ(described.members.at(0).member_type, 0);
  EXPECT_EQ(described.members.at(2).member_type, 1);

  // They leave one by one, and come back as members of the new protocol.
  has_twin_ = true;
  EXPECT_EQ(leave("c1"), "NONE");
  EXPECT_FALSE(group_.should_become_classic());
  EXPECT_EQ(join("n1", {"orders"}), "n1 @6 orders 0");
  EXPECT_EQ(leave("c2", 2), "NONE");
  EXPECT_EQ(leave("c2"), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(beat("n", 4), "n @7 orders 1 3");
  EXPECT_EQ(beat("n1", 6), "n1 @7 orders 0 2");
}

TEST_F(ConsumerGroupMigrationTest, AnEagerMemberGivesUpAllBeforeItJoins) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  EXPECT_EQ(rejoin("c2", {}), "c2 @4");
  EXPECT_EQ(sync("c2", 4), "orders 2");
  EXPECT_EQ(beat("n", 4), "n @4 orders 3");
}

TEST_F(ConsumerGroupMigrationTest, AMemberThatWaitsFetchesPartitionsWhenTheyAreFree) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  rejoin("c1", {});
  rejoin("c2", {});
  beat("n", 4);
  // A third classic member takes from c1, which has two.
  EXPECT_EQ(rejoin("c3", {}), "c3 @5");
  EXPECT_EQ(sync("c3", 5), "");
  EXPECT_EQ(pulse("c3", 5), "NONE");  // Still owned.
  EXPECT_EQ(rejoin("c1", {}), "c1 @5");
  EXPECT_EQ(pulse("c3", 5), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rejoin("c3", {}), "c3 @5");
  EXPECT_EQ(sync("c3", 5), "orders 1");
  EXPECT_EQ(pulse("c3", 5), "NONE");
}

TEST_F(ConsumerGroupMigrationTest, WhoWaitsInTheClassicGroupHasToJoinAgain) {
  ClassicGroup classic = two_members();
  const JoinGroup event = join_event("c1", subscription({"orders", "bills"}));
  EXPECT_THAT(classic.join(11, event, now_).answers, IsEmpty());
  EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), "n @4 -");
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(answers_[0].ticket, 11u);
  EXPECT_EQ(std::get<JoinGroup::Reply>(answers_[0].reply).response.error_code,
            code(ErrorCode::kRebalanceInProgress));
}

TEST_F(ConsumerGroupMigrationTest, WhichGroupsStayClassic) {
  const std::string refused = "GROUP_ID_NOT_FOUND";
  ClassicGroup classic = two_members();
  const auto before = log_;
  EXPECT_EQ(join_classic(classic, beating("n", 3)), refused);
  EXPECT_EQ(join_classic(classic, beating("n", -1)), refused);
  for (const auto policy : {MigrationPolicy::kDisabled, MigrationPolicy::kDowngrade}) {
    limits_.migration = policy;
    EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), refused);
  }
  limits_.migration = MigrationPolicy::kUpgrade;
  limits_.max_size = 1;
  EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), refused);
  limits_.max_size = 2;
  EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), "GROUP_MAX_SIZE_REACHED");
  limits_.max_size = 10;
  EXPECT_EQ(log_, before);
  EXPECT_EQ(join_classic(classic, joining("", {"orders"})), "INVALID_REQUEST");

  const std::string orders = subscription({"orders"});
  ClassicGroup connect = classic_of({{"c", orders, "", {}}}, "connect");
  EXPECT_EQ(join_classic(connect, joining("n", {"orders"})), refused);
  ClassicGroup garbled = classic_of({{"c", "x", "", {}}});
  EXPECT_EQ(join_classic(garbled, joining("n", {"orders"})), refused);
  ClassicGroup assigned = classic_of({{"c", orders, assignment({}, "mine"), {}}});
  EXPECT_EQ(join_classic(assigned, joining("n", {"orders"})), refused);
  ClassicGroup shared = classic_of({{"c1", orders, assignment({{"orders", {0}}}), {}},
                                    {"c2", orders, assignment({{"orders", {0}}}), {}}});
  EXPECT_EQ(join_classic(shared, joining("n", {"orders"})), refused);
}

TEST_F(ConsumerGroupMigrationTest, AGroupMovesDownWhenTheLastNewMemberLeaves) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  rejoin("c1", {});
  rejoin("c2", {});
  EXPECT_EQ(beat("n", -1), "n @-1");
  EXPECT_EQ(types(), "~8 ~7 ~5");
  classic = go_down();
  EXPECT_EQ(types(), "~8 ~8 ~7 ~7 ~6 ~5 ~5 ~3 2");
  EXPECT_EQ(log_.size(), 1u);
  EXPECT_STREQ(classic.state(), "PreparingRebalance");
  EXPECT_EQ(classic.generation(), 4);
  EXPECT_EQ(classic.protocol(), "range");
  EXPECT_THAT(ids(classic), ElementsAre("c1", "c2"));
  EXPECT_TRUE(classic.is_subscribed_to("orders"));

  GroupHeartbeat event{.caller = {"client", "/127.0.0.1", 3}};
  event.request.member_id = "c1";
  event.request.generation_id = 4;
  const auto outcome = classic.heartbeat(1, event, now_);
  EXPECT_EQ(std::get<HeartbeatResponse>(outcome.answers.at(0).reply).error_code,
            code(ErrorCode::kRebalanceInProgress));
}

TEST_F(ConsumerGroupMigrationTest, AGroupThatMovedDownRebalancesAlsoIfItIsMadeAgain) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  EXPECT_EQ(rejoin("c2", {{"orders", {2, 3}}}), "c2 @3");  // Has not given up 3 yet.
  beat("n", -1);
  classic = go_down();
  const auto assigned = read_assignment(classic.metadata().members.at(1).assignment);
  EXPECT_EQ(assigned->assigned_partitions.at(0).partitions, (std::vector<int32_t>{2, 3}));
  const ClassicGroup again("g", limits_.classic, classic.metadata(), now_);
  EXPECT_STREQ(again.state(), "PreparingRebalance");
}

TEST_F(ConsumerGroupMigrationTest, WhatIsNotInTheAssignmentAnyMoreMayNotBeGivenUpYet) {
  cluster_.create("orders", 2);
  ClassicGroup classic = classic_of(
      {{"c1", subscription({"orders"}, {{"orders", {0, 1}}}), assignment({{"orders", {0}}}), {}}});
  EXPECT_EQ(join_classic(classic, joining("n", {"orders"})), "n @4 -");
  EXPECT_EQ(rejoin("c1", {{"orders", {0}}}), "c1 @4");
  EXPECT_EQ(beat("n", 4), "n @4 orders 1");
}

TEST_F(ConsumerGroupMigrationTest, AnAssignmentThatIsNotCompleteIsMadeAnew) {
  cluster_.create("orders", 2);
  ClassicGroup classic =
      classic_of({{"c1", subscription({"orders"}), assignment({{"orders", {0}}}), {}}});
  EXPECT_EQ(join_classic(classic, joining("n", {})), "n @4 -");  // Has no interest in topics.
  EXPECT_EQ(rejoin("c1", {{"orders", {0}}}), "c1 @4");
  EXPECT_EQ(sync("c1", 4), "orders 0 1");
}

TEST_F(ConsumerGroupMigrationTest, AGroupMovesDownWhenTheLastNewMemberIsFenced) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  for (int i = 0; i < 9; ++i) {
    pass(5'000);
    EXPECT_EQ(pulse("c1", 3), "REBALANCE_IN_PROGRESS");
    EXPECT_EQ(pulse("c2", 3), "REBALANCE_IN_PROGRESS");
  }
  classic = go_down();
  EXPECT_THAT(ids(classic), ElementsAre("c1", "c2"));
  EXPECT_EQ(log_.size(), 1u);
}

TEST_F(ConsumerGroupMigrationTest, AGroupThatIsMadeAgainMovesDownWhenItKnowsTheTopics) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  EXPECT_EQ(rejoin("c1", {{"orders", {0, 1}}}), "c1 @4");
  group_ = restored();
  for (int i = 0; i < 8; ++i) {
    pass(5'000);
    EXPECT_EQ(pulse("c1", 4), "NONE");
    EXPECT_EQ(pulse("c2", 3), "REBALANCE_IN_PROGRESS");
  }
  pass(5'000);
  EXPECT_FALSE(group_.should_become_classic());  // Though n is gone.
  EXPECT_EQ(pulse("c1", 4), "REBALANCE_IN_PROGRESS");
  EXPECT_EQ(rejoin("c1", {{"orders", {0, 1}}}), "c1 @5");
  classic = go_down();
  const auto assigned = read_assignment(classic.metadata().members.at(0).assignment);
  EXPECT_EQ(assigned->assigned_partitions.at(0).partitions, (std::vector<int32_t>{0, 1}));
}

TEST_F(ConsumerGroupMigrationTest, AGroupThatMayNotMoveDownStays) {
  limits_.migration = MigrationPolicy::kUpgrade;
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  beat("n", -1);
  EXPECT_FALSE(group_.should_become_classic());
  EXPECT_EQ(types(), "~8 ~7 ~5 3");
  EXPECT_EQ(rejoin("c1", {}), "c1 @5");
}

TEST_F(ConsumerGroupMigrationTest, AStaticMemberGoesUpAndDownWithItsPartitions) {
  cluster_.create("orders", 2);
  ClassicGroup classic =
      classic_of({{"c1", subscription({"orders"}), assignment({{"orders", {0}}}), "i1"},
                  {"c2", subscription({"orders"}), assignment({{"orders", {1}}}), "i2"}});
  Request up = joining("n1", {"orders"});
  up.instance_id = "i1";
  EXPECT_EQ(join_classic(classic, up), "n1 @3 orders 0");
  EXPECT_EQ(pulse("c1", 3, "i1"), "FENCED_INSTANCE_ID");
  EXPECT_EQ(pulse("c2", 3, "i2"), "NONE");

  const std::string metadata = subscription({"orders"});
  JoinGroup down = join_event("", metadata);
  down.request.group_instance_id = "i1";
  EXPECT_EQ(rejoin(down), "i1-fresh @3");
  classic = go_down();
  EXPECT_STREQ(classic.state(), "Stable");
  EXPECT_EQ(classic.generation(), 3);
  EXPECT_THAT(ids(classic), ElementsAre("c2", "i1-fresh"));

  SyncGroup event{.caller = {"client", "/127.0.0.1", 5}};
  event.request.member_id = "i1-fresh";
  event.request.group_instance_id = "i1";
  event.request.generation_id = 3;
  event.request.protocol_type = "consumer";
  event.request.protocol_name = "range";
  const auto outcome = classic.sync(1, event, now_);
  EXPECT_EQ(sync_line(std::get<SyncGroup::Reply>(outcome.answers.at(0).reply)), "orders 0");
}

TEST_F(ConsumerGroupMigrationTest, AClassicMemberHasToJoinAndSyncInTime) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  EXPECT_EQ(rejoin("c2", {}), "c2 @4");  // And does not sync.
  for (int i = 0; i < 11; ++i) {
    pass(5'000);
    beat("n", 4);
    EXPECT_EQ(pulse("c1", 3), "REBALANCE_IN_PROGRESS");  // The first starts its time: 60 s.
    EXPECT_EQ(pulse("c2", 4), "NONE");
  }
  pass(5'000);
  EXPECT_EQ(pulse("c2", 4), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(pulse("c1", 3), "REBALANCE_IN_PROGRESS");
  pass(5'000);
  EXPECT_EQ(pulse("c1", 3), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(group_.durable().members().size(), 1u);
}

TEST_F(ConsumerGroupMigrationTest, AClassicMemberHasASessionOfItsOwn) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  pass(9'999);
  pulse("c1", 3);
  pass(1);
  EXPECT_EQ(pulse("c2", 3), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(pulse("c1", 3), "REBALANCE_IN_PROGRESS");
}

TEST_F(ConsumerGroupMigrationTest, AnIdFitsTheProtocolHoweverLongTheNameOfTheClient) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  JoinGroup event = join_event("", subscription({"orders"}));
  event.caller = {std::string(32'767, 'x'), "/127.0.0.1", 3};
  EXPECT_EQ(rejoin(event), std::string(32'000, 'x') + "-fresh @5");
  EXPECT_EQ(pulse(std::string(32'000, 'x') + "-fresh", 5), "NONE");
}

TEST_F(ConsumerGroupMigrationTest, WhatIsWrongWithARequestOfAClassicMember) {
  ClassicGroup classic = two_members();
  join_classic(classic, joining("n", {"orders"}));
  const std::string metadata = subscription({"orders"});
  JoinGroup event = join_event("", metadata);
  EXPECT_EQ(rejoin(event), "client-fresh MEMBER_ID_REQUIRED");
  event.caller.version = 3;
  EXPECT_EQ(rejoin(event), "client-fresh @5");
  event = join_event("x", metadata);
  event.request.protocol_type = "connect";
  EXPECT_EQ(rejoin(event), "x INCONSISTENT_GROUP_PROTOCOL");
  event = join_event("x", metadata);
  event.request.protocols[0].name = "sticky";
  EXPECT_EQ(rejoin(event), "x INCONSISTENT_GROUP_PROTOCOL");
  event = join_event("x", "garbled");
  EXPECT_EQ(rejoin(event), "x INCONSISTENT_GROUP_PROTOCOL");
  event = join_event("x", metadata);
  event.request.protocols.clear();
  EXPECT_EQ(rejoin(event), "x INCONSISTENT_GROUP_PROTOCOL");
  event = join_event("x", metadata);
  event.request.session_timeout_ms = 1;
  EXPECT_EQ(rejoin(event), "x INVALID_SESSION_TIMEOUT");
  event = join_event("x", metadata);
  event.request.group_instance_id = "i";
  EXPECT_EQ(rejoin(event), "x UNKNOWN_MEMBER_ID");

  EXPECT_EQ(pulse("x", 3), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(pulse("n", 4), "UNKNOWN_MEMBER_ID");  // It speaks the other protocol.
  EXPECT_EQ(pulse("c1", 2), "ILLEGAL_GENERATION");
  EXPECT_EQ(sync("c1", 4), "ILLEGAL_GENERATION");
  rejoin("c1", {});
  EXPECT_EQ(sync("c1", 5, "sticky"), "INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(leave("x", 2), "UNKNOWN_MEMBER_ID");

  CommitOffsets commit{.group = "g"};
  commit.member_id = "c2";
  commit.version = 8;
  commit.generation = 3;
  EXPECT_EQ(group_.check_commit(commit), ErrorCode::kNone);
  commit.generation = 2;
  EXPECT_EQ(group_.check_commit(commit), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(group_.check_fetch("c2", 4), ErrorCode::kIllegalGeneration);
}

}  // namespace
}  // namespace moldau
