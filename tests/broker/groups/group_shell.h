// A GroupCore in a shell that a test holds in its hand: it says when a round is committed, when the
// coordinator is lost and what it is made again from.
//
// What the shell itself finds wrong is a failure of the test: two answers to one ticket, an answer
// to a ticket that nobody holds, records that fold into another state than the one served, a
// deadline that does not go away.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "broker/groups/group_core.h"

namespace moldau {

class GroupShell {
 public:
  // What the event's sender learns: nothing (nullptr) if the coordinator was lost before. `at_ms`
  // is when it was decided, by the steady clock.
  using Told = std::function<void(const GroupReply* reply, int64_t at_ms)>;
  enum class Source { kTable, kLog, kCompactedLog };

  explicit GroupShell(GroupCore::Limits limits) : limits_(std::move(limits)) { make_core(); }

  Time now() const { return now_; }
  std::optional<int64_t> wake_at() const { return core_->wake_at(); }
  bool has_open_round() const { return !round_.empty(); }
  size_t waiting() const { return waiting_.size(); }

  // Nothing may be due before that time.
  void go_to(int64_t steady_ms) {
    now_.wall_ms += steady_ms - now_.steady_ms;
    now_.steady_ms = steady_ms;
  }

  void submit(const GroupEvent& event, Told told) {
    const Ticket ticket = ++last_ticket_;
    waiting_[ticket] = std::move(told);
    take(core_->step(ticket, event, now_));
  }

  void wake() {
    int wakes = 0;
    while (core_->wake_at().value_or(now_.steady_ms + 1) <= now_.steady_ms) {
      take(core_->wake(now_));
      ASSERT_LT(++wakes, 1000) << "a deadline does not go away";
    }
  }

  // Ends the round: its records are in the log, its answers are told.
  void commit() {
    write_round();
    std::vector<Decided> decided = std::exchange(round_, {});
    for (Decided& outcome : decided) {
      for (auto& [ticket, reply] : outcome.answers) tell(ticket, &reply, outcome.at_ms);
    }
  }

  // The coordinator goes and comes back. Its round is lost, or is in the log while no answer is
  // told; who waits learns nothing either way.
  void restart(Source source, bool is_round_lost) {
    if (!is_round_lost) write_round();
    round_.clear();
    answered_.clear();
    core_.reset();
    state_->discard();
    if (source != Source::kTable) fold_again(source == Source::kLog ? log_ : compacted());
    make_core();
    for (const auto& [ticket, told] : std::exchange(waiting_, {})) told(nullptr, now_.steady_ms);
  }

  // Between rounds: the log folds into what the core serves from, and a core that is made of that
  // describes the same groups.
  void expect_state_is_in_the_log(const std::vector<std::string>& groups,
                                  const std::shared_ptr<const ClusterImage>& image) {
    ASSERT_FALSE(has_open_round());
    auto table = make_memory_table();
    FoldedState state(*table, "p");
    GroupCore again(state, limits_);
    for (const auto& record : compacted()) again.apply(record);
    ASSERT_EQ(entries(state), entries(*state_));
    again.begin(now_);
    for (const auto& group : groups) {
      const auto live = ask<DescribeConsumerGroup>(*core_, {group, image});
      const auto loaded = ask<DescribeConsumerGroup>(again, {group, image});
      ASSERT_EQ(live.error_code, loaded.error_code) << group;
      if (live.error_code == 0) {
        ASSERT_EQ(text(live), text(loaded)) << group;
      }
      const auto classic = ask<DescribeClassicGroup>(*core_, {group, 6});
      if (classic.response.group_state != "Stable") continue;
      const auto loaded_classic = ask<DescribeClassicGroup>(again, {group, 6});
      ASSERT_EQ(text(classic.response), text(loaded_classic.response)) << group;
    }
  }

  template <class E>
  typename E::Reply ask(const E& event) {
    return ask<E>(*core_, event);
  }
  std::string described(const std::string& group,
                        const std::shared_ptr<const ClusterImage>& image) {
    const auto modern = ask(DescribeConsumerGroup{group, image});
    if (modern.error_code == 0) return text(modern);
    return text(ask(DescribeClassicGroup{group, 6}).response);
  }

 private:
  struct Decided {
    std::vector<CoordinatorRecord> records;
    std::vector<GroupOutcome::Answer> answers;
    int64_t at_ms;
  };

  void make_core() {
    core_ = std::make_unique<GroupCore>(*state_, limits_);
    core_->begin(now_);
  }

  void take(GroupOutcome outcome) {
    for (const auto& record : outcome.records) core_->apply(record);
    for (const auto& answer : outcome.answers) {
      EXPECT_TRUE(waiting_.contains(answer.ticket) && answered_.insert(answer.ticket).second)
          << "ticket " << answer.ticket << " has been answered before";
    }
    round_.push_back({std::move(outcome.records), std::move(outcome.answers), now_.steady_ms});
  }

  void write_round() {
    for (const Decided& outcome : round_) {
      log_.insert(log_.end(), outcome.records.begin(), outcome.records.end());
    }
    const auto end = static_cast<int64_t>(log_.size());
    ASSERT_TRUE(state_->commit({.version = GroupCore::kStateVersion, .end_offset = end}).ok());
  }

  void tell(Ticket ticket, const GroupReply* reply, int64_t at_ms) {
    auto waiting = waiting_.extract(ticket);
    answered_.erase(ticket);
    if (!waiting.empty()) waiting.mapped()(reply, at_ms);
  }

  // The last record of each key, in the order of the log; without tombstones.
  std::vector<CoordinatorRecord> compacted() const {
    std::map<std::string_view, size_t> last;
    for (size_t i = 0; i < log_.size(); ++i) last[log_[i].key] = i;
    std::vector<CoordinatorRecord> kept;
    for (size_t i = 0; i < log_.size(); ++i) {
      if (last[log_[i].key] == i && log_[i].value) kept.push_back(log_[i]);
    }
    return kept;
  }

  void fold_again(const std::vector<CoordinatorRecord>& records) {
    ASSERT_TRUE(state_->clear().ok());
    GroupCore folding(*state_, limits_);
    for (const auto& record : records) folding.apply(record);
    const auto end = static_cast<int64_t>(log_.size());
    ASSERT_TRUE(state_->commit({.version = GroupCore::kStateVersion, .end_offset = end}).ok());
  }

  static std::map<std::string, std::string> entries(const FoldedState& state) {
    std::map<std::string, std::string> all;
    state.scan("", [&](std::string_view key, std::string_view value) {
      all.emplace(key, value);
      return true;
    });
    return all;
  }

  // For events that are answered at once and change nothing.
  template <class E>
  typename E::Reply ask(GroupCore& core, const E& event) {
    GroupOutcome outcome = core.step(0, event, now_);
    EXPECT_EQ(outcome.records.size(), 0u);
    EXPECT_EQ(outcome.answers.size(), 1u);
    return std::get<typename E::Reply>(std::move(outcome.answers.at(0).reply));
  }

  static std::string text(const ConsumerGroupDescribeResponse::Group& group) {
    ConsumerGroupDescribeResponse response;
    response.groups.push_back(group);
    return debug_string(response, ConsumerGroupDescribeResponse::kApi.last);
  }
  static std::string text(const DescribeGroupsResponse::Group& group) {
    DescribeGroupsResponse response;
    response.groups.push_back(group);
    return debug_string(response, DescribeGroupsResponse::kApi.last);
  }

  const GroupCore::Limits limits_;
  std::unique_ptr<Table> table_ = make_memory_table();
  std::unique_ptr<FoldedState> state_ = std::make_unique<FoldedState>(*table_, "p");
  std::unique_ptr<GroupCore> core_;
  Time now_{.wall_ms = 1'700'000'000'000, .steady_ms = 1000};
  Ticket last_ticket_ = 0;
  std::map<Ticket, Told> waiting_;
  std::set<Ticket> answered_;  // In the open round.
  std::vector<Decided> round_;
  std::vector<CoordinatorRecord> log_;  // What is committed.
};

}  // namespace moldau
