#include "broker/groups/reconciliation.h"

#include <string>

#include <gtest/gtest.h>

namespace moldau {
namespace {

using State = CurrentAssignment::State;

const Uuid kOrders{1}, kBills{2};

// Partitions of one topic with the epoch in which they were given.
OwnedPartitions owned(std::map<int32_t, int32_t> orders, std::map<int32_t, int32_t> bills = {}) {
  OwnedPartitions all;
  if (!orders.empty()) all[kOrders] = std::move(orders);
  if (!bills.empty()) all[kBills] = std::move(bills);
  return all;
}

TopicPartitions set_of(std::vector<int32_t> orders, std::vector<int32_t> bills = {}) {
  TopicPartitions set;
  insert(set, kOrders, std::move(orders));
  insert(set, kBills, std::move(bills));
  return set;
}

class ReconciliationTest : public testing::Test {
 protected:
  CurrentAssignment step(const CurrentAssignment& current) const {
    return reconcile(current, {.target_epoch = target_epoch_,
                               .target = target_,
                               .subscribed = subscribed_,
                               .subscription_changed = subscription_changed_,
                               .reported = reported_,
                               .is_free = [this](const Uuid& topic, int32_t partition) {
                                 return !contains(taken_, topic, partition);
                               }});
  }

  int32_t target_epoch_ = 5;
  TopicPartitions target_;
  std::set<Uuid> subscribed_{kOrders, kBills};
  bool subscription_changed_ = false;
  std::optional<TopicPartitions> reported_;
  TopicPartitions taken_;
};

TEST_F(ReconciliationTest, AStableMemberOfTheEpochStays) {
  const CurrentAssignment stable{.epoch = 5, .previous_epoch = 4, .assigned = owned({{0, 3}})};
  target_ = set_of({0, 1});  // That of the epoch is what it was then.
  EXPECT_EQ(step(stable), stable);
}

TEST_F(ReconciliationTest, WhatIsFreeComesWithTheEpochOfTheTarget) {
  target_ = set_of({0, 1});
  EXPECT_EQ(step({.epoch = 4, .previous_epoch = 3, .assigned = owned({{0, 2}})}),
            (CurrentAssignment{.epoch = 5,
                               .previous_epoch = 4,
                               .state = State::kStable,
                               .assigned = owned({{0, 2}, {1, 5}})}));
}

TEST_F(ReconciliationTest, WhatOthersOwnIsWaitedFor) {
  target_ = set_of({0, 1, 2});
  taken_ = set_of({1, 2});
  CurrentAssignment member = step({.epoch = 4, .previous_epoch = 3});
  EXPECT_EQ(member.state, State::kUnreleasedPartitions);
  EXPECT_EQ(member.epoch, 5);
  EXPECT_EQ(member.assigned, owned({{0, 5}}));
  taken_ = set_of({2});
  member = step(member);
  EXPECT_EQ(member.state, State::kUnreleasedPartitions);
  EXPECT_EQ(member.assigned, owned({{0, 5}, {1, 5}}));
  taken_.clear();
  member = step(member);
  EXPECT_EQ(member.state, State::kStable);
  EXPECT_EQ(member.assigned, owned({{0, 5}, {1, 5}, {2, 5}}));
}

TEST_F(ReconciliationTest, GivingUpComesBeforeAnythingElse) {
  target_ = set_of({0}, {0});
  const CurrentAssignment revoking{.epoch = 4,
                                   .previous_epoch = 4,
                                   .state = State::kUnrevokedPartitions,
                                   .assigned = owned({{0, 2}}),
                                   .pending_revocation = owned({{1, 2}})};
  EXPECT_EQ(step({.epoch = 4, .previous_epoch = 3, .assigned = owned({{0, 2}, {1, 2}})}), revoking);
  EXPECT_EQ(step(revoking), revoking);  // It says nothing.
  reported_ = set_of({0, 1});
  EXPECT_EQ(step(revoking), revoking);  // It still owns it.
  reported_ = set_of({0});
  EXPECT_EQ(step(revoking), (CurrentAssignment{.epoch = 5,
                                               .previous_epoch = 4,
                                               .state = State::kStable,
                                               .assigned = owned({{0, 2}}, {{0, 5}})}));
}

TEST_F(ReconciliationTest, ANewTargetMayAskToGiveUpMore) {
  target_ = set_of({}, {0});
  reported_ = set_of({0});
  EXPECT_EQ(step({.epoch = 4,
                  .previous_epoch = 4,
                  .state = State::kUnrevokedPartitions,
                  .assigned = owned({{0, 2}}),
                  .pending_revocation = owned({{1, 2}})}),
            (CurrentAssignment{.epoch = 4,
                               .previous_epoch = 4,
                               .state = State::kUnrevokedPartitions,
                               .assigned = {},
                               .pending_revocation = owned({{0, 2}})}));
}

TEST_F(ReconciliationTest, WhatItGaveUpItselfMayComeBackAtOnce) {
  target_ = set_of({0, 1});
  taken_ = set_of({1});  // By itself: it is in the records as the owner still.
  reported_ = set_of({0});
  const CurrentAssignment member = step({.epoch = 4,
                                         .previous_epoch = 4,
                                         .state = State::kUnrevokedPartitions,
                                         .assigned = owned({{0, 2}}),
                                         .pending_revocation = owned({{1, 2}})});
  EXPECT_EQ(member.state, State::kStable);
  EXPECT_EQ(member.assigned, owned({{0, 2}, {1, 5}}));
}

TEST_F(ReconciliationTest, AMemberThatHasGivenUpBeforeItWasAskedMovesOn) {
  target_ = set_of({0});
  reported_ = TopicPartitions{};
  const CurrentAssignment member =
      step({.epoch = 4, .previous_epoch = 3, .assigned = owned({{0, 2}, {1, 2}})});
  EXPECT_EQ(member.state, State::kStable);
  EXPECT_EQ(member.epoch, 5);
  EXPECT_EQ(member.assigned, owned({{0, 2}}));
}

TEST_F(ReconciliationTest, ATopicThatIsNoLongerSubscribedToIsNotGiven) {
  target_ = set_of({0}, {0});
  subscribed_ = {kOrders};
  EXPECT_EQ(step({.epoch = 4, .previous_epoch = 3}).assigned, owned({{0, 5}}));
}

TEST_F(ReconciliationTest, ASmallerSubscriptionTakesTopicsBackWithinTheEpoch) {
  target_ = set_of({0}, {0});
  subscribed_ = {kOrders};
  subscription_changed_ = true;
  const CurrentAssignment stable{
      .epoch = 5, .previous_epoch = 4, .assigned = owned({{0, 2}}, {{0, 3}})};
  EXPECT_EQ(step(stable), (CurrentAssignment{.epoch = 5,
                                             .previous_epoch = 4,
                                             .state = State::kUnrevokedPartitions,
                                             .assigned = owned({{0, 2}}),
                                             .pending_revocation = owned({}, {{0, 3}})}));
  reported_ = set_of({0});  // It has let go of it already.
  EXPECT_EQ(step(stable),
            (CurrentAssignment{.epoch = 5, .previous_epoch = 4, .assigned = owned({{0, 2}})}));
}

TEST_F(ReconciliationTest, AStateOfANewerCoordinatorBeginsAnew) {
  target_ = set_of({0});
  reported_ = TopicPartitions{};
  const CurrentAssignment member = step(
      {.epoch = 3, .previous_epoch = 2, .state = State::kUnknown, .assigned = owned({{1, 2}})});
  EXPECT_EQ(member.state, State::kStable);
  EXPECT_EQ(member.epoch, 5);
  EXPECT_EQ(member.assigned, owned({{0, 5}}));
}

}  // namespace
}  // namespace moldau
