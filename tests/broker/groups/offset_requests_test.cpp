#include "broker/groups/offset_requests.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Uuid kOrders{1}, kUnknown{2};

// orders has two partitions.
ClusterImage cluster() {
  ClusterImage image;
  TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = kOrders;
  EXPECT_TRUE(image.apply(topic).ok());
  for (int32_t i = 0; i < 2; ++i) {
    PartitionRecord partition;
    partition.partition_id = i;
    partition.topic_id = kOrders;
    EXPECT_TRUE(image.apply(partition).ok());
  }
  return image;
}

class OffsetRequestsTest : public testing::Test {
 protected:
  static OffsetCommitRequest::Partition at(int32_t partition, int64_t offset) {
    OffsetCommitRequest::Partition out;
    out.partition_index = partition;
    out.committed_offset = offset;
    return out;
  }
  static OffsetFetchRequest::Topic wanted(std::string name, std::vector<int32_t> partitions) {
    OffsetFetchRequest::Topic topic;
    topic.name = std::move(name);
    topic.partition_indexes = std::move(partitions);
    return topic;
  }
  // "topic-partition ERROR"
  static std::vector<std::string> lines(const OffsetCommitResponse& response) {
    std::vector<std::string> out;
    for (const auto& topic : response.topics)
      for (const auto& p : topic.partitions)
        out.push_back(topic.name + "-" + std::to_string(p.partition_index) + " " +
                      name(static_cast<ErrorCode>(p.error_code)));
    return out;
  }
  // "topic-partition offset 'metadata' ERROR"
  static std::vector<std::string> lines(const OffsetFetchResponse::Group& group) {
    std::vector<std::string> out;
    for (const auto& topic : group.topics)
      for (const auto& p : topic.partitions)
        out.push_back(topic.name + "-" + std::to_string(p.partition_index) + " " +
                      std::to_string(p.committed_offset) + " '" + p.metadata.value_or("(null)") +
                      "' " + name(static_cast<ErrorCode>(p.error_code)));
    return out;
  }
  // What the core answers: 40 plus the partition.
  static FetchOffsets::Reply from_core(const FetchPlan& plan) {
    FetchOffsets::Reply reply;
    for (const auto& topic : *plan.event.topics) {
      auto& answer = reply.topics.emplace_back();
      answer.name = topic.name;
      for (const int32_t p : topic.partitions)
        answer.partitions.push_back({.partition = p, .offset = 40 + p, .metadata = "m"});
    }
    return reply;
  }
  std::vector<std::string> fetch(std::vector<OffsetFetchRequest::Topic> topics, Version version,
                                 ErrorCode error = ErrorCode::kNone) {
    OffsetFetchRequest::Group group;
    group.group_id = "g";
    group.topics = std::move(topics);
    auto plan = plan_fetch(group, false, version, image_);
    auto reply = error == ErrorCode::kNone ? from_core(plan) : FetchOffsets::Reply{};
    return lines(answer_fetch(std::move(plan), error, std::move(reply), version, image_));
  }

  const ClusterImage image_ = cluster();
};

TEST_F(OffsetRequestsTest, ACommitEchoesEveryPartitionAndAsksForThoseThatExist) {
  OffsetCommitRequest request;
  request.group_id = "g";
  request.topics.resize(2);
  request.topics[0].name = "orders";
  request.topics[0].partitions = {at(0, 10), at(2, 11), at(-1, 12), at(1, 13)};
  request.topics[1].name = "nowhere";
  request.topics[1].partitions = {at(0, 14)};
  auto plan = plan_commit(request, 2, image_);
  ASSERT_EQ(plan.event.partitions.size(), 2u);
  EXPECT_EQ(plan.event.partitions[1].partition, 1);
  EXPECT_EQ(plan.event.partitions[1].offset, 13);
  EXPECT_EQ(plan.event.partitions[1].topic_id, kOrders);
  EXPECT_THAT(
      lines(answer_commit(plan, ErrorCode::kNone,
                          {.partitions = {ErrorCode::kNone, ErrorCode::kOffsetMetadataTooLarge}})),
      ElementsAre("orders-0 NONE", "orders-2 UNKNOWN_TOPIC_OR_PARTITION",
                  "orders--1 UNKNOWN_TOPIC_OR_PARTITION", "orders-1 OFFSET_METADATA_TOO_LARGE",
                  "nowhere-0 UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_THAT(lines(answer_commit(plan, ErrorCode::kNone, {.error = ErrorCode::kUnknownMemberId})),
              ElementsAre("orders-0 UNKNOWN_MEMBER_ID", "orders-2 UNKNOWN_TOPIC_OR_PARTITION",
                          "orders--1 UNKNOWN_TOPIC_OR_PARTITION", "orders-1 UNKNOWN_MEMBER_ID",
                          "nowhere-0 UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_THAT(lines(answer_commit(plan, ErrorCode::kMessageTooLarge, {})),
              testing::Contains("orders-0 INVALID_COMMIT_OFFSET_SIZE"));
}

TEST_F(OffsetRequestsTest, ACommitByTopicIdKnowsTheName) {
  OffsetCommitRequest request;
  request.topics.resize(2);
  request.topics[0].topic_id = kOrders;
  request.topics[0].partitions = {at(0, 10)};
  request.topics[1].topic_id = kUnknown;
  request.topics[1].partitions = {at(0, 10)};
  const auto plan = plan_commit(request, 10, image_);
  ASSERT_EQ(plan.event.partitions.size(), 1u);
  EXPECT_EQ(plan.event.partitions[0].topic, "orders");
  EXPECT_EQ(plan.response.topics.at(0).topic_id, kOrders);
  EXPECT_EQ(plan.response.topics.at(1).topic_id, kUnknown);
  EXPECT_EQ(plan.response.topics.at(1).partitions.at(0).error_code,
            code(ErrorCode::kUnknownTopicId));
}

TEST_F(OffsetRequestsTest, AFetchOfTheFirstVersionKnowsExistingPartitionsOnly) {
  EXPECT_THAT(fetch({wanted("orders", {5, 1, 0}), wanted("nowhere", {0})}, 0),
              ElementsAre("orders-5 -1 '' UNKNOWN_TOPIC_OR_PARTITION", "orders-1 41 'm' NONE",
                          "orders-0 40 'm' NONE", "nowhere-0 -1 '' UNKNOWN_TOPIC_OR_PARTITION"));
}

TEST_F(OffsetRequestsTest, ALaterFetchByNameAsksForWhateverIsNamed) {
  EXPECT_THAT(fetch({wanted("nowhere", {3}), wanted("orders", {})}, 1),
              ElementsAre("nowhere-3 43 'm' NONE"));
}

TEST_F(OffsetRequestsTest, AnErrorOfTheCoordinatorIsInEveryPartition) {
  EXPECT_THAT(fetch({wanted("orders", {0, 1})}, 1, ErrorCode::kNotCoordinator),
              ElementsAre("orders-0 -1 '' NOT_COORDINATOR", "orders-1 -1 '' NOT_COORDINATOR"));
}

TEST_F(OffsetRequestsTest, AFetchByTopicIdTellsIdsThatNobodyHas) {
  OffsetFetchRequest::Group group;
  group.topics.emplace(2);
  (*group.topics)[0].topic_id = kUnknown;
  (*group.topics)[0].partition_indexes = {0};
  (*group.topics)[1].topic_id = kOrders;
  (*group.topics)[1].partition_indexes = {1};
  auto plan = plan_fetch(group, false, 10, image_);
  ASSERT_EQ(plan.event.topics->size(), 1u);
  EXPECT_EQ(plan.event.topics->at(0).name, "orders");
  auto reply = from_core(plan);
  const auto response =
      answer_fetch(std::move(plan), ErrorCode::kNone, std::move(reply), 10, image_);
  EXPECT_THAT(lines(response), ElementsAre("-0 -1 '' UNKNOWN_TOPIC_ID", "-1 41 'm' NONE"));
}

TEST_F(OffsetRequestsTest, AFetchOfEverythingLeavesOutTopicsWithoutIdFromVersion10) {
  FetchOffsets::Reply reply;
  reply.topics = {{.name = "gone", .partitions = {{.partition = 0, .offset = 1}}},
                  {.name = "orders", .partitions = {{.partition = 1, .offset = 2}}}};
  OffsetFetchRequest::Group everything;
  const auto answer = [&](Version version) {
    auto plan = plan_fetch(everything, false, version, image_);
    EXPECT_FALSE(plan.event.topics.has_value());
    return answer_fetch(std::move(plan), ErrorCode::kNone, reply, version, image_);
  };
  EXPECT_THAT(lines(answer(9)), ElementsAre("gone-0 1 '' NONE", "orders-1 2 '' NONE"));
  EXPECT_THAT(lines(answer(10)), ElementsAre("orders-1 2 '' NONE"));
  EXPECT_EQ(answer(10).topics.at(0).topic_id, kOrders);
}

TEST_F(OffsetRequestsTest, OneGroupBeforeVersion8AndSeveralSince) {
  OffsetFetchRequest request;
  request.group_id = "g";
  ASSERT_EQ(groups_of(request, 7).size(), 1u);
  EXPECT_EQ(groups_of(request, 7)[0].group_id, "g");
  EXPECT_FALSE(groups_of(request, 7)[0].topics.has_value());
  EXPECT_THAT(groups_of(request, 8), IsEmpty());

  std::vector<OffsetFetchResponse::Group> groups(1);
  groups[0].group_id = "g";
  groups[0].error_code = code(ErrorCode::kNotCoordinator);
  groups[0].topics.resize(1);
  EXPECT_EQ(response_of(groups, 7).error_code, code(ErrorCode::kNotCoordinator));
  EXPECT_EQ(response_of(groups, 7).topics.size(), 1u);
  EXPECT_EQ(response_of(groups, 8).groups.size(), 1u);
  EXPECT_EQ(response_of(groups, 8).topics.size(), 0u);
}

}  // namespace
}  // namespace moldau
