#include "broker/fetch_sessions.h"

#include <gtest/gtest.h>

namespace moldau {
namespace {

FetchRequest request(int32_t id, int32_t epoch, std::vector<int32_t> partitions,
                     std::vector<int32_t> forgotten = {}) {
  FetchRequest r;
  r.session_id = id;
  r.session_epoch = epoch;
  if (!partitions.empty()) {
    r.topics.push_back({.topic = "t"});
    for (const int32_t p : partitions)
      r.topics[0].partitions.push_back({.partition = p, .fetch_offset = 10 * epoch});
  }
  if (!forgotten.empty()) r.forgotten_topics.push_back({.topic = "t", .partitions = forgotten});
  return r;
}

std::vector<int32_t> wanted(const FetchSession& session) {
  std::vector<int32_t> partitions;
  for (const auto& p : session.partitions()) partitions.push_back(p->partition);
  return partitions;
}

class FetchSessionsTest : public testing::Test {
 protected:
  FetchSessions sessions{2, 1000, 7, 3};
};

TEST_F(FetchSessionsTest, FinalEpochReadsEverythingAndKeepsNothing) {
  const auto opened = sessions.open(request(0, -1, {1, 2}), false, 0);
  EXPECT_EQ(opened.session_id, 0);
  EXPECT_FALSE(opened.is_incremental);
  EXPECT_EQ(wanted(*opened.session), (std::vector{1, 2}));
  EXPECT_EQ(sessions.size(), 0);
}

TEST_F(FetchSessionsTest, IncrementalRequestAddsUpdatesAndForgets) {
  const int32_t id = sessions.open(request(0, 0, {1, 2}), false, 0).session_id;
  EXPECT_EQ(id, 7);
  const auto opened = sessions.open(request(id, 1, {2, 3}, {1}), false, 0);
  EXPECT_TRUE(opened.is_incremental);
  EXPECT_EQ(opened.session_id, id);
  EXPECT_EQ(wanted(*opened.session), (std::vector{2, 3}));
  EXPECT_EQ(opened.session->partitions().front()->fetch_offset, 10);
}

TEST_F(FetchSessionsTest, WrongEpochIsRefusedAndTheSessionLives) {
  const int32_t id = sessions.open(request(0, 0, {1}), false, 0).session_id;
  EXPECT_EQ(sessions.open(request(id, 2, {}), false, 0).error,
            ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(sessions.open(request(id, 1, {}), false, 0).error, ErrorCode::kNone);
}

TEST_F(FetchSessionsTest, UnknownSessionIsRefused) {
  EXPECT_EQ(sessions.open(request(99, 1, {}), false, 0).error, ErrorCode::kFetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, ChangeFromNamesToIdsIsRefused) {
  const int32_t id = sessions.open(request(0, 0, {1}), false, 0).session_id;
  EXPECT_EQ(sessions.open(request(id, 1, {}), true, 0).error, ErrorCode::kFetchSessionTopicIdError);
}

TEST_F(FetchSessionsTest, ForgettingTheLastPartitionEndsTheSession) {
  const int32_t id = sessions.open(request(0, 0, {1}), false, 0).session_id;
  const auto opened = sessions.open(request(id, 1, {}, {1}), false, 0);
  EXPECT_EQ(opened.session_id, 0);
  EXPECT_EQ(sessions.size(), 0);
}

TEST_F(FetchSessionsTest, FullCacheEvictsOnlyWhatIsIdle) {
  sessions.open(request(0, 0, {1}), false, 0);
  sessions.open(request(0, 0, {1}), false, 500);
  EXPECT_EQ(sessions.open(request(0, 0, {1}), false, 900).session_id, 0);
  EXPECT_NE(sessions.open(request(0, 0, {1}), false, 1000).session_id, 0);
  EXPECT_EQ(sessions.size(), 2);
}

TEST_F(FetchSessionsTest, AnsweredPartitionIsReadLastNextTime) {
  const auto opened = sessions.open(request(0, 0, {1, 2, 3}), false, 0);
  opened.session->move_to_end(*opened.session->partitions().front());
  EXPECT_EQ(wanted(*opened.session), (std::vector{2, 3, 1}));
}

TEST_F(FetchSessionsTest, ForgottenPartitionStaysReadableForWhoHoldsIt) {
  const int32_t id = sessions.open(request(0, 0, {1, 2}), false, 0).session_id;
  const auto held = sessions.open(request(id, 1, {}), false, 0).session->partitions().front();
  const auto opened = sessions.open(request(id, 2, {}, {1}), false, 0);
  EXPECT_TRUE(held->is_forgotten);
  opened.session->move_to_end(*held);
  EXPECT_EQ(wanted(*opened.session), (std::vector{2}));
}

}  // namespace
}  // namespace moldau
