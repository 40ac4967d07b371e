#include "broker/groups/group_core.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/consumer_protocol.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Uuid kOrders{1};
constexpr int64_t kDay = 86'400'000;

std::shared_ptr<const ClusterImage> cluster_with_orders() {
  ClusterImage image;
  MetadataRecord topic, partition;
  topic = TopicRecord{.name = "orders", .topic_id = kOrders};
  partition = PartitionRecord{.partition_id = 0, .topic_id = kOrders, .replicas = {1}, .isr = {1}};
  EXPECT_TRUE(image.apply(topic).ok());
  EXPECT_TRUE(image.apply(partition).ok());
  return std::make_shared<const ClusterImage>(std::move(image));
}

// One core over a table; the records of each step are applied as the shell does it.
class GroupCoreTest : public testing::Test {
 protected:
  GroupCoreTest() {
    limits_.classic.initial_rebalance_delay_ms = 0;
    restart();
  }

  // Made again from what was folded.
  void restart() {
    core_ = std::make_unique<GroupCore>(state_, limits_);
    core_->begin(now_);
  }
  template <class E>
  std::optional<typename E::Reply> ask(E event) {
    const Ticket ticket = ++last_ticket_;
    take(core_->step(ticket, GroupEvent(std::move(event)), now_));
    const auto it = answers_.find(ticket);
    if (it == answers_.end()) return std::nullopt;
    return std::get<typename E::Reply>(it->second);
  }
  void take(GroupOutcome outcome) {
    for (const auto& record : outcome.records) core_->apply(record);
    records_ = std::move(outcome.records);
    for (auto& answer : outcome.answers) {
      EXPECT_FALSE(answers_.contains(answer.ticket)) << "answered twice";
      answers_.emplace(answer.ticket, std::move(answer.reply));
    }
  }
  // Time goes by, and the core is woken whenever it wants to be.
  void advance(int64_t ms) {
    const int64_t end = now_.steady_ms + ms;
    while (core_->wake_at() && *core_->wake_at() <= end) {
      const int64_t step = std::max<int64_t>(0, *core_->wake_at() - now_.steady_ms);
      now_.steady_ms += step;
      now_.wall_ms += step;
      take(core_->wake(now_));
      ASSERT_GT(core_->wake_at().value_or(end + 1), now_.steady_ms) << "it would spin";
    }
    now_.wall_ms += end - now_.steady_ms;
    now_.steady_ms = end;
  }

  // A member of version 3, which needs no id beforehand.
  std::string join(std::string group, std::string type = "consumer") {
    JoinGroup event{.caller = {.client_id = "c", .client_host = "/h", .version = 3}};
    event.request.group_id = std::move(group);
    event.request.session_timeout_ms = 10'000;
    event.request.rebalance_timeout_ms = 10'000;
    event.request.protocol_type = std::move(type);
    event.request.protocols.push_back({.name = "range", .metadata = as_bytes(subscription_)});
    event.fresh_uuid = "uuid" + std::to_string(last_ticket_);
    event.image = image_;
    const Ticket ticket = last_ticket_ + 1;
    ask(event);
    advance(limits_.classic.initial_rebalance_delay_ms);
    return std::get<JoinGroup::Reply>(answers_.at(ticket)).response.member_id;
  }
  ErrorCode sync(std::string group, const std::string& member, int32_t generation) {
    SyncGroup event{.caller = {.version = 3}};
    event.request.group_id = std::move(group);
    event.request.member_id = member;
    event.request.generation_id = generation;
    return static_cast<ErrorCode>(ask(event)->response.error_code);
  }
  ErrorCode leave(std::string group, std::string member) {
    LeaveGroup event{.caller = {.version = 0}};
    event.request.group_id = std::move(group);
    event.request.member_id = std::move(member);
    return static_cast<ErrorCode>(ask(event)->error_code);
  }
  ConsumerGroupHeartbeatResponse join_consumer(std::string group, std::string member) {
    ConsumerGroupHeartbeat event{.caller = {.client_id = "c", .client_host = "/h", .version = 1}};
    event.request.group_id = std::move(group);
    event.request.member_id = std::move(member);
    event.request.rebalance_timeout_ms = 10'000;
    event.request.subscribed_topic_names = {"orders"};
    event.request.topic_partitions.emplace();
    event.image = image_;
    return *ask(event);
  }
  static CommitOffsets offset(std::string group, int64_t offset) {
    CommitOffsets event{.group = std::move(group), .version = 5};
    event.partitions.push_back(
        {.topic = "orders", .topic_id = kOrders, .partition = 0, .offset = offset});
    return event;
  }
  int64_t committed(std::string group) {
    FetchOffsets event{.group = std::move(group)};
    event.topics.emplace();
    event.topics->push_back({.name = "orders", .id = kOrders, .partitions = {0}});
    return ask(event)->topics.at(0).partitions.at(0).offset;
  }
  // "group type state protocol"
  std::vector<std::string> list(ListGroups event = {}) {
    std::vector<std::string> out;
    const auto listed = ask(std::move(event));
    for (const auto& group : *listed)
      out.push_back(group.group_id + " " + group.group_type + " " + group.group_state + " '" +
                    group.protocol_type + "'");
    return out;
  }
  ErrorCode remove(std::string group) {
    return static_cast<ErrorCode>(ask(DeleteGroup{.group = std::move(group)})->error_code);
  }
  // The errors of the group and of its one partition.
  std::pair<ErrorCode, ErrorCode> remove_offset(std::string group, std::string topic = "orders") {
    DeleteOffsets event{.image = image_};
    event.request.group_id = std::move(group);
    event.request.topics.push_back({.name = std::move(topic), .partitions = {{0}}});
    const auto reply = *ask(event);
    if (reply.topics.empty()) return {static_cast<ErrorCode>(reply.error_code), ErrorCode::kNone};
    return {static_cast<ErrorCode>(reply.error_code),
            static_cast<ErrorCode>(reply.topics.at(0).partitions.at(0).error_code)};
  }
  bool is_folded(const std::string& group) {
    std::string prefix("m\0", 2);
    prefix += static_cast<char>(group.size());
    return state_.has_prefix(prefix + group);
  }

  std::unique_ptr<Table> table_ = make_memory_table();
  FoldedState state_{*table_, "p"};
  GroupCore::Limits limits_;
  std::shared_ptr<const ClusterImage> image_ = cluster_with_orders();
  Time now_{.wall_ms = 1'000'000'000'000, .steady_ms = 5'000};
  std::string subscription_ = write_subscription({.topics = {"orders"}}, 1);
  Ticket last_ticket_ = 0;
  std::map<Ticket, GroupReply> answers_;
  std::vector<CoordinatorRecord> records_;  // Of the last step.
  std::unique_ptr<GroupCore> core_;
};

TEST_F(GroupCoreTest, AGenerationOfAGroupThatIsNotThereIsIllegal) {
  auto event = offset("g", 1);
  event.generation = 0;
  EXPECT_EQ(ask(event)->error, ErrorCode::kIllegalGeneration);
  event.version = 9;  // Newer clients know the error that says it.
  EXPECT_EQ(ask(event)->error, ErrorCode::kGroupIdNotFound);
  EXPECT_THAT(records_, IsEmpty());
}

TEST_F(GroupCoreTest, AGenerationOfASimpleGroupIsOfAnUnknownMember) {
  ask(offset("g", 1));
  auto event = offset("g", 2);
  event.generation = 1;
  event.member_id = "somebody";
  EXPECT_EQ(ask(event)->error, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(committed("g"), 1);
}

TEST_F(GroupCoreTest, AMemberIdWithoutGenerationIsNoClaim) {
  auto event = offset("g", 1);
  event.member_id = "somebody";
  EXPECT_EQ(ask(event)->error, ErrorCode::kNone);
}

TEST_F(GroupCoreTest, MembersCommitAndStrangersDoNot) {
  const std::string member = join("g");
  sync("g", member, 1);
  auto event = offset("g", 7);
  EXPECT_EQ(ask(event)->error, ErrorCode::kUnknownMemberId);
  event.member_id = member;
  event.generation = 2;
  EXPECT_EQ(ask(event)->error, ErrorCode::kIllegalGeneration);
  event.generation = 1;
  EXPECT_EQ(ask(event)->error, ErrorCode::kNone);
  EXPECT_EQ(committed("g"), 7);
}

TEST_F(GroupCoreTest, ACommitOfTheZooKeeperDaysIsTakenForAnActiveGroup) {
  sync("g", join("g"), 1);
  auto event = offset("g", 7);
  event.version = 0;
  EXPECT_EQ(ask(event)->error, ErrorCode::kNone);
}

TEST_F(GroupCoreTest, RequestsToAGroupThatIsNotThereLeaveNothingBehind) {
  GroupHeartbeat heartbeat{.caller = {.version = 3}};
  heartbeat.request.group_id = "g";
  heartbeat.request.member_id = "m";
  EXPECT_EQ(ask(heartbeat)->error_code, code(ErrorCode::kUnknownMemberId));
  EXPECT_EQ(sync("g", "m", 1), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(leave("g", "m"), ErrorCode::kUnknownMemberId);
  ConsumerGroupHeartbeat other{.image = image_};
  other.request.group_id = "g";
  other.request.member_id = "m";
  other.request.member_epoch = 3;
  EXPECT_EQ(ask(other)->error_code, code(ErrorCode::kGroupIdNotFound));
  EXPECT_THAT(list(), IsEmpty());
}

TEST_F(GroupCoreTest, GroupsOfAllTypesAreListedByStateAndType) {
  sync("classic", join("classic"), 1);
  join_consumer("modern", "m1");
  ask(offset("simple", 1));
  EXPECT_THAT(list(),
              UnorderedElementsAre("classic classic Stable 'consumer'",
                                   "modern consumer Stable 'consumer'", "simple classic Empty ''"));
  ListGroups event;
  event.request.types_filter = {"Consumer"};
  EXPECT_THAT(list(event), ElementsAre("modern consumer Stable 'consumer'"));
  event.request.types_filter = {};
  event.request.states_filter = {"empty", "Dead"};
  EXPECT_THAT(list(event), ElementsAre("simple classic Empty ''"));
}

TEST_F(GroupCoreTest, ARestartKeepsGroupsAndTheirMembers) {
  const std::string member = join("classic");
  sync("classic", member, 1);
  const auto joined = join_consumer("modern", "m1");
  restart();
  EXPECT_THAT(list(), UnorderedElementsAre("classic classic Stable 'consumer'",
                                           "modern consumer Stable 'consumer'"));
  GroupHeartbeat heartbeat{.caller = {.version = 3}};
  heartbeat.request.group_id = "classic";
  heartbeat.request.member_id = member;
  heartbeat.request.generation_id = 1;
  EXPECT_EQ(ask(heartbeat)->error_code, code(ErrorCode::kNone));
  ConsumerGroupHeartbeat other{.image = image_};
  other.request.group_id = "modern";
  other.request.member_id = "m1";
  other.request.member_epoch = joined.member_epoch;
  EXPECT_EQ(ask(other)->error_code, code(ErrorCode::kNone));
}

TEST_F(GroupCoreTest, MembersThatAreSilentAreOut) {
  sync("classic", join("classic"), 1);
  join_consumer("modern", "m1");
  advance(11'000);
  EXPECT_THAT(list(), UnorderedElementsAre("classic classic Empty 'consumer'",
                                           "modern consumer Stable 'consumer'"));
  advance(45'000);
  EXPECT_THAT(list(), UnorderedElementsAre("classic classic Empty 'consumer'",
                                           "modern consumer Empty 'consumer'"));
}

TEST_F(GroupCoreTest, DescribeTellsWhatIsNotOfItsKind) {
  join_consumer("modern", "m1");
  ask(offset("simple", 1));
  const auto classic = [&](std::string group, Version version) {
    const auto reply = ask(DescribeClassicGroup{.group = std::move(group), .version = version});
    return reply->response.group_state + " " +
           name(static_cast<ErrorCode>(reply->response.error_code)) + " " +
           reply->response.error_message.value_or("");
  };
  EXPECT_EQ(classic("simple", 5), "Empty NONE ");
  EXPECT_EQ(classic("nothing", 5), "Dead NONE ");
  EXPECT_EQ(classic("nothing", 6), "Dead GROUP_ID_NOT_FOUND Group nothing not found.");
  EXPECT_EQ(classic("modern", 6), "Dead GROUP_ID_NOT_FOUND Group modern is not a classic group.");
  const auto modern = [&](std::string group) {
    const auto reply = ask(DescribeConsumerGroup{.group = std::move(group), .image = image_});
    return reply->error_message.value_or(reply->group_state);
  };
  EXPECT_EQ(modern("modern"), "Stable");
  EXPECT_EQ(modern("simple"), "Group simple is not a consumer group.");
  EXPECT_EQ(modern("nothing"), "Group nothing not found.");
}

TEST_F(GroupCoreTest, OnlyAGroupWithoutMembersIsDeleted) {
  const std::string member = join("g");
  sync("g", member, 1);
  auto event = offset("g", 7);
  event.member_id = member;
  event.generation = 1;
  ask(event);
  EXPECT_EQ(remove("g"), ErrorCode::kNonEmptyGroup);
  leave("g", member);
  EXPECT_EQ(remove("g"), ErrorCode::kNone);
  EXPECT_EQ(committed("g"), -1);
  EXPECT_FALSE(is_folded("g"));
  EXPECT_EQ(remove("g"), ErrorCode::kGroupIdNotFound);
}

TEST_F(GroupCoreTest, GroupsOfEveryTypeAreDeleted) {
  ask(offset("simple", 7));
  EXPECT_EQ(remove("simple"), ErrorCode::kNone);
  join_consumer("modern", "m1");
  EXPECT_EQ(remove("modern"), ErrorCode::kNonEmptyGroup);
  advance(46'000);
  EXPECT_EQ(remove("modern"), ErrorCode::kNone);
  EXPECT_FALSE(is_folded("modern"));
  restart();
  EXPECT_THAT(list(), IsEmpty());
}

TEST_F(GroupCoreTest, OffsetsOfTopicsThatAreReadAreNotDeleted) {
  const std::string member = join("g");
  sync("g", member, 1);
  EXPECT_EQ(remove_offset("g").second, ErrorCode::kGroupSubscribedToTopic);
  leave("g", member);
  ask(offset("g", 7));
  EXPECT_EQ(remove_offset("g", "other").second, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(remove_offset("g").second, ErrorCode::kNone);
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(remove_offset("nothing").first, ErrorCode::kGroupIdNotFound);
}

TEST_F(GroupCoreTest, OffsetsOfAGroupOfAnotherKindAreKeptWhileItHasMembers) {
  sync("g", join("g", "connect"), 1);
  EXPECT_EQ(remove_offset("g").first, ErrorCode::kNonEmptyGroup);
}

TEST_F(GroupCoreTest, AnEmptyGroupTakesTheProtocolOfWhoJoinsIt) {
  leave("g", join("g"));
  EXPECT_THAT(list(), ElementsAre("g classic Empty 'consumer'"));
  join_consumer("g", "m1");
  EXPECT_THAT(list(), ElementsAre("g consumer Stable 'consumer'"));
  restart();
  EXPECT_THAT(list(), ElementsAre("g consumer Stable 'consumer'"));
  advance(46'000);
  sync("g", join("g"), 1);
  EXPECT_THAT(list(), ElementsAre("g classic Stable 'consumer'"));
  restart();
  EXPECT_THAT(list(), ElementsAre("g classic Stable 'consumer'"));
}

TEST_F(GroupCoreTest, AnEmptyGroupStaysWhatItIsForWhoIsTurnedAway) {
  leave("g", join("g"));
  EXPECT_EQ(join_consumer("g", "").error_code, code(ErrorCode::kInvalidRequest));
  EXPECT_THAT(list(), ElementsAre("g classic Empty 'consumer'"));
  restart();
  EXPECT_THAT(list(), ElementsAre("g classic Empty 'consumer'"));

  join_consumer("g", "m1");
  advance(46'000);
  JoinGroup hasty{.caller = {.client_id = "c", .client_host = "/h", .version = 3}};
  hasty.request.group_id = "g";
  hasty.request.session_timeout_ms = 1;
  hasty.image = image_;
  EXPECT_EQ(ask(hasty)->response.error_code, code(ErrorCode::kInvalidSessionTimeout));
  EXPECT_THAT(list(), ElementsAre("g consumer Empty 'consumer'"));
  restart();
  EXPECT_THAT(list(), ElementsAre("g consumer Empty 'consumer'"));
}

TEST_F(GroupCoreTest, ALiveGroupChangesItsProtocolWithWhoComesAndGoes) {
  const std::string old = join("g");
  sync("g", old, 1);
  join_consumer("g", "m1");
  EXPECT_THAT(list(), ElementsAre(testing::StartsWith("g consumer ")));
  restart();
  EXPECT_THAT(list(), ElementsAre(testing::StartsWith("g consumer ")));
  ConsumerGroupHeartbeat leaving{.caller = {.version = 1}, .image = image_};
  leaving.request.group_id = "g";
  leaving.request.member_id = "m1";
  leaving.request.member_epoch = -1;
  EXPECT_EQ(ask(leaving)->error_code, code(ErrorCode::kNone));
  EXPECT_THAT(list(), ElementsAre(testing::StartsWith("g classic ")));
  restart();
  EXPECT_THAT(list(), ElementsAre(testing::StartsWith("g classic ")));
}

TEST_F(GroupCoreTest, OffsetsOfASimpleGroupExpireAfterTheirCommit) {
  ask(offset("g", 7));
  advance(6 * kDay);
  EXPECT_EQ(committed("g"), 7);
  advance(kDay + 3'600'000);
  EXPECT_EQ(committed("g"), -1);
}

TEST_F(GroupCoreTest, NothingExpiresWhileTheGroupIsSubscribed) {
  limits_.classic.max_session_timeout_ms = 2'000'000'000;
  const std::string member = join("g");
  sync("g", member, 1);
  auto event = offset("g", 7);
  event.member_id = member;
  event.generation = 1;
  ask(event);
  GroupHeartbeat heartbeat{.caller = {.version = 3}};
  heartbeat.request.group_id = "g";
  heartbeat.request.member_id = member;
  heartbeat.request.generation_id = 1;
  for (int i = 0; i < 8 * 24 * 400; ++i) {
    advance(9'000);
    ASSERT_EQ(ask(heartbeat)->error_code, code(ErrorCode::kNone));
  }
  EXPECT_EQ(committed("g"), 7);
  advance(6 * kDay);  // It is empty from now on, and its time runs.
  EXPECT_EQ(committed("g"), 7);
  advance(kDay + 3'600'000);
  EXPECT_EQ(committed("g"), -1);
  EXPECT_THAT(list(), IsEmpty());  // A group with neither members nor offsets goes.
  EXPECT_FALSE(is_folded("g"));
}

TEST_F(GroupCoreTest, ARetentionOfItsOwnCountsFromTheCommit) {
  auto event = offset("g", 7);
  event.version = 2;
  event.retention_ms = 3'600'000;
  ask(event);
  advance(2 * 3'600'000);
  EXPECT_EQ(committed("g"), -1);
}

TEST_F(GroupCoreTest, ARecordThatCanNotBeReadIsPassedOver) {
  core_->apply({.key = std::string("\0\2\0\1g", 5), .value = std::string("\0\3no", 4)});
  core_->apply({.key = std::string("\0\2\0\7g", 5), .value = "cut"});
  core_->apply({.key = std::string("\0\5\0\1g", 5), .value = std::string("\0\0", 2)});
  restart();
  sync("h", join("h"), 1);
  EXPECT_THAT(list(), testing::Contains("h classic Stable 'consumer'"));
}

TEST_F(GroupCoreTest, TheConsumerProtocolMayBeTurnedOff) {
  limits_.serves_consumer_protocol = false;
  restart();
  EXPECT_EQ(join_consumer("g", "m").error_code, code(ErrorCode::kUnsupportedVersion));
  EXPECT_THAT(list(), IsEmpty());
}

}  // namespace
}  // namespace moldau
