#include "broker/folded_state.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau {
namespace {

using testing::ElementsAre;

class FoldedStateTest : public testing::Test {
 protected:
  std::vector<std::string> entries(const FoldedState& state, std::string_view prefix) {
    std::vector<std::string> out;
    state.scan(prefix, [&](std::string_view key, std::string_view value) {
      out.push_back(std::string(key) + "=" + std::string(value));
      return true;
    });
    return out;
  }
  const FoldedState::Position position_{.version = 3,
                                        .topic_id = {1, 2},
                                        .end_offset = 1LL << 40,
                                        .leader_epoch = 7,
                                        .folded_at_ms = 9};
  std::unique_ptr<Table> table_ = make_memory_table();
};

TEST_F(FoldedStateTest, UncommittedWritesAreSeenOverTheTable) {
  FoldedState state(*table_, "p1");
  for (const char* key : {"a1", "a3", "a5", "b1"}) state.put(key, "old");
  ASSERT_TRUE(state.commit(position_).ok());
  state.put("a0", "new");
  state.put("a3", "new");
  state.erase("a5");
  state.put("a6", "new");
  state.erase("a7");
  EXPECT_THAT(entries(state, "a"), ElementsAre("a0=new", "a1=old", "a3=new", "a6=new"));
  EXPECT_EQ(state.get("a3"), "new");
  EXPECT_EQ(state.get("a5"), std::nullopt);
  EXPECT_EQ(state.get("b1"), "old");
}

TEST_F(FoldedStateTest, ScanStopsWhenTold) {
  FoldedState state(*table_, "p1");
  state.put("a", "");
  ASSERT_TRUE(state.commit(position_).ok());
  state.put("b", "");
  std::vector<std::string> seen;
  state.scan("", [&](std::string_view key, std::string_view) {
    seen.emplace_back(key);
    return false;
  });
  EXPECT_THAT(seen, ElementsAre("a"));
}

TEST_F(FoldedStateTest, CommittedStateAndPositionAreThereForTheNextOne) {
  {
    FoldedState state(*table_, "p1");
    EXPECT_EQ(state.position(), std::nullopt);
    state.put("kept", "1");
    ASSERT_TRUE(state.commit(position_).ok());
    state.put("lost", "2");
  }
  FoldedState state(*table_, "p1");
  EXPECT_EQ(state.position(), position_);
  EXPECT_THAT(entries(state, ""), ElementsAre("kept=1"));
}

TEST_F(FoldedStateTest, DiscardedWritesUncoverTheTable) {
  FoldedState state(*table_, "p1");
  state.put("k", "1");
  ASSERT_TRUE(state.commit(position_).ok());
  state.erase("k");
  EXPECT_FALSE(state.has_prefix("k"));
  state.discard();
  EXPECT_EQ(state.get("k"), "1");
}

TEST_F(FoldedStateTest, PartitionsInOneTableDoNotSeeEachOther) {
  FoldedState one(*table_, "p1"), two(*table_, "p2");
  one.put("k", "1");
  two.put("k", "2");
  ASSERT_TRUE(one.commit(position_).ok());
  ASSERT_TRUE(two.commit(position_).ok());
  ASSERT_TRUE(one.clear().ok());
  EXPECT_EQ(one.position(), std::nullopt);
  EXPECT_EQ(one.get("k"), std::nullopt);
  EXPECT_EQ(two.get("k"), "2");
  EXPECT_EQ(two.position(), position_);
}

// A table whose disk does not answer.
class BrokenTable final : public Table {
 public:
  absl::Status apply(const std::vector<Write>&) override { return absl::DataLossError("broken"); }
  absl::StatusOr<std::optional<std::string>> get(std::string_view) const override {
    return absl::DataLossError("broken");
  }
  absl::Status scan_from(std::string_view, std::string_view, const Visit&) const override {
    return absl::DataLossError("broken");
  }
  absl::Status remove_prefix(std::string_view) override { return absl::DataLossError("broken"); }
  absl::Status flush() override { return absl::DataLossError("broken"); }
};

TEST_F(FoldedStateTest, AFailedReadIsRemembered) {
  BrokenTable table;
  FoldedState state(table, "p1");
  state.put("k", "1");
  EXPECT_EQ(state.get("k"), "1");
  EXPECT_TRUE(state.status().ok());
  EXPECT_EQ(state.get("other"), std::nullopt);
  EXPECT_FALSE(state.status().ok());
  EXPECT_FALSE(state.commit(position_).ok());
  EXPECT_EQ(state.uncommitted(), 1u);
}

}  // namespace
}  // namespace moldau
