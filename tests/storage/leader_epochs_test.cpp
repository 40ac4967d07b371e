#include "storage/leader_epochs.h"

#include <gmock/gmock.h>

namespace moldau {
namespace {

using testing::ElementsAre;
using Entry = LeaderEpochs::Entry;

LeaderEpochs some() {
  LeaderEpochs epochs;
  epochs.assign(1, 0);
  epochs.assign(3, 10);
  epochs.assign(4, 20);
  return epochs;
}

TEST(LeaderEpochsTest, EndsAreWhereTheNextEpochBegins) {
  const auto epochs = some();
  const auto end = [&](int32_t epoch) {
    const auto e = epochs.end_offset_for(epoch, 33);
    return std::pair(e.epoch, e.end_offset);
  };
  EXPECT_EQ(end(4), std::pair(4, int64_t{33}));
  EXPECT_EQ(end(3), std::pair(3, int64_t{20}));
  EXPECT_EQ(end(2), std::pair(1, int64_t{10}));   // The floor epoch.
  EXPECT_EQ(end(0), std::pair(0, int64_t{0}));    // Before the first.
  EXPECT_EQ(end(5), std::pair(-1, int64_t{-1}));  // Not heard of.
}

TEST(LeaderEpochsTest, AConflictingEntryReplacesWhatItContradicts) {
  auto epochs = some();
  EXPECT_TRUE(epochs.assign(5, 10));
  EXPECT_THAT(epochs.entries(), ElementsAre(Entry{1, 0}, Entry{5, 10}));
  EXPECT_FALSE(epochs.assign(5, 40));
}

TEST(LeaderEpochsTest, FollowsTheLogAtBothEnds) {
  auto epochs = some();
  EXPECT_TRUE(epochs.truncate_before(12));
  EXPECT_THAT(epochs.entries(), ElementsAre(Entry{3, 12}, Entry{4, 20}));
  EXPECT_TRUE(epochs.truncate_from(20));
  EXPECT_THAT(epochs.entries(), ElementsAre(Entry{3, 12}));
  EXPECT_FALSE(epochs.truncate_from(20));
  EXPECT_EQ(epochs.epoch_at(11), -1);
  EXPECT_EQ(epochs.epoch_at(15), 3);
}

TEST(LeaderEpochsTest, TheFileIsKafkas) {
  EXPECT_EQ(some().text(), "0\n3\n1 0\n3 10\n4 20\n");
  EXPECT_EQ(LeaderEpochs::parse(some().text())->entries(), some().entries());
  for (const char* text : {"", "0\n1\n", "1\n0\n", "0\n1\n1\n", "0\n2\n2 0\n1 5\n", "0\n1\n-1 0\n"})
    EXPECT_FALSE(LeaderEpochs::parse(text).ok()) << text;
}

}  // namespace
}  // namespace moldau
