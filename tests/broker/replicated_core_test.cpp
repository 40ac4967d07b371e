#include "broker/replicated_core.h"

#include <deque>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/group_core.h"
#include "tests/broker/simulated_coordinator_log.h"

namespace moldau {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// The smallest core: a map, somebody who waits for a key, and an alarm.
struct Notebook {
  struct Put {
    std::string key, value;
    int copies = 1;
    struct Reply {};
  };
  struct Get {
    std::string key;
    struct Reply {
      std::string value;
    };
  };
  struct Await {  // Answered by the Put of its key.
    std::string key;
    struct Reply {
      std::string value;
    };
  };
  struct Alarm {  // Writes "alarm" after a while.
    int64_t after_ms = 0;
    struct Reply {};
  };
  using Event = std::variant<Put, Get, Await, Alarm>;
  using Reply = std::variant<Put::Reply, Get::Reply, Await::Reply, Alarm::Reply>;
  static constexpr uint8_t kStateVersion = 1;

  explicit Notebook(FoldedState& folded, int& applied_count)
      : state(folded), applied(applied_count) {}

  void begin(Time) {}
  Outcome<Reply> step(Ticket ticket, const Event& event, Time now) {
    Outcome<Reply> out;
    if (const auto* put = std::get_if<Put>(&event)) {
      for (int i = 0; i < put->copies; ++i) out.records.push_back({put->key, put->value});
      out.answers.push_back({ticket, Put::Reply{}});
      if (const auto it = waiting.find(put->key); it != waiting.end())
        out.answers.push_back({it->second, Await::Reply{put->value}});
    } else if (const auto* get = std::get_if<Get>(&event)) {
      out.answers.push_back({ticket, Get::Reply{state.get(get->key).value_or("")}});
    } else if (const auto* await = std::get_if<Await>(&event)) {
      waiting[await->key] = ticket;
    } else {
      alarm_at = now.steady_ms + std::get<Alarm>(event).after_ms;
      out.answers.push_back({ticket, Alarm::Reply{}});
    }
    return out;
  }
  Outcome<Reply> wake(Time) {
    alarm_at.reset();
    return {.records = {{"alarm", "rang"}}};
  }
  std::optional<int64_t> wake_at() const { return alarm_at; }
  void apply(const CoordinatorRecord& record) {
    ++applied;
    if (record.value) state.put(record.key, *record.value);
  }
  void end_transaction(int64_t, bool) {}

  FoldedState& state;
  int& applied;
  std::map<std::string, Ticket> waiting;
  std::optional<int64_t> alarm_at;
};

template <class Core>
class Shell : public testing::Test {
 protected:
  using Running = ReplicatedCore<Core>;

  std::shared_ptr<Running> begin(typename Running::MakeCore make) {
    auto core = std::make_shared<Running>(time_.context().get_executor(), time_, log_, *table_, "p",
                                          std::move(make), options_);
    core->start();
    time_.run_ready();
    return core;
  }

  // Starts the call; what comes of it is put into the log of the test.
  template <class E, class F>
  void call(E event, F on_answer) {
    auto ask = [](std::shared_ptr<Running> core, E e, F f) -> asio::awaitable<void> {
      auto answer = co_await core->submit(std::move(e));
      f(answer);
    };
    asio::co_spawn(time_.context(), ask(core_, std::move(event), std::move(on_answer)),
                   asio::detached);
    time_.run_ready();
  }
  std::vector<std::string> take_said() { return std::exchange(said_, {}); }

  SimulatedTime time_;
  std::shared_ptr<SimulatedCoordinatorLog> log_ = std::make_shared<SimulatedCoordinatorLog>(time_);
  std::unique_ptr<Table> table_ = make_memory_table();
  ReplicatedCoreOptions options_;
  std::shared_ptr<Running> core_;
  std::vector<std::string> said_;
};

class ReplicatedCoreTest : public Shell<Notebook> {
 protected:
  ~ReplicatedCoreTest() override {
    if (core_) core_->stop();
    time_.advance(1h);
  }
  void begin_term() {
    core_ =
        begin([this](FoldedState& state) { return std::make_unique<Notebook>(state, applied_); });
  }
  // The process ends and comes back: what is not in the log or the table is gone.
  void restart() {
    if (core_) core_->stop();
    log_->crash();
    time_.advance(1s);
    applied_ = 0;
    log_->batches_read = 0;
    begin_term();
  }
  void put(std::string key, std::string value, int copies = 1) {
    call(Notebook::Put{key, value, copies}, [this, key](const auto& answer) {
      said_.push_back("put " + key + " " + name(answer.error));
    });
  }
  void get(std::string key) {
    call(Notebook::Get{key}, [this, key](const auto& answer) {
      said_.push_back("get " + key + " " +
                      (answer.error == ErrorCode::kNone ? answer.reply.value : name(answer.error)));
    });
  }
  void await(std::string key) {
    call(Notebook::Await{key}, [this, key](const auto& answer) {
      said_.push_back("await " + key + " " +
                      (answer.error == ErrorCode::kNone ? answer.reply.value : name(answer.error)));
    });
  }

  int applied_ = 0;
};

TEST_F(ReplicatedCoreTest, AnswersWhenTheRecordsAreCommitted) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  EXPECT_THAT(take_said(), IsEmpty());
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("put a NONE"));
}

TEST_F(ReplicatedCoreTest, WhatArrivesDuringARoundSharesTheNext) {
  begin_term();
  log_->commits_at_once = false;
  for (const char* key : {"a", "b", "c", "d"}) put(key, "1");
  EXPECT_EQ(log_->appends, 1);
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("put a NONE"));
  EXPECT_EQ(log_->appends, 2);
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("put b NONE", "put c NONE", "put d NONE"));
  EXPECT_EQ(log_->appends, 2);
}

TEST_F(ReplicatedCoreTest, AReadIsNotToldWhatCouldStillBeLost) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  get("a");
  EXPECT_THAT(take_said(), IsEmpty());
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("put a NONE", "get a 1"));
}

TEST_F(ReplicatedCoreTest, AReadAloneAppendsNothing) {
  begin_term();
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a "));
  EXPECT_EQ(log_->appends, 0);
}

TEST_F(ReplicatedCoreTest, AnAnswerMayComeWithALaterEvent) {
  begin_term();
  await("a");
  EXPECT_THAT(take_said(), IsEmpty());
  put("a", "1");
  EXPECT_THAT(take_said(), ElementsAre("put a NONE", "await a 1"));
}

TEST_F(ReplicatedCoreTest, WakesTheCoreAtItsTime) {
  begin_term();
  call(Notebook::Alarm{.after_ms = 500}, [](const auto&) {});
  time_.advance(499ms);
  EXPECT_EQ(log_->appends, 0);
  time_.advance(2ms);
  EXPECT_EQ(log_->appends, 1);
  get("alarm");
  EXPECT_THAT(take_said(), ElementsAre("get alarm rang"));
}

TEST_F(ReplicatedCoreTest, ServesWhenTheLogThatItFoundIsCommitted) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  core_->stop();
  time_.run_ready();
  take_said();
  begin_term();  // The same log, with a tail that may still be lost.
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a COORDINATOR_LOAD_IN_PROGRESS"));
  log_->commit();
  time_.run_ready();
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a 1"));
}

TEST_F(ReplicatedCoreTest, LoadedTellsWhenItServes) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  core_->stop();
  begin_term();
  std::vector<bool> told;
  auto wait = [&](Clock::Time deadline) -> asio::awaitable<void> {
    const bool is_loaded = co_await core_->loaded(deadline);
    told.push_back(is_loaded);
  };
  asio::co_spawn(time_.context(), wait(time_.now() + 1s), asio::detached);
  asio::co_spawn(time_.context(), wait(time_.now() + 3s), asio::detached);
  time_.advance(2s);
  EXPECT_THAT(told, ElementsAre(false));
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(told, ElementsAre(false, true));
}

TEST_F(ReplicatedCoreTest, ARestartFoldsNothingThatTheTableHolds) {
  begin_term();
  for (const char* key : {"a", "b", "c"}) put(key, "1");
  restart();
  EXPECT_EQ(log_->batches_read, 0);
  EXPECT_EQ(applied_, 0);
  take_said();
  get("b");
  EXPECT_THAT(take_said(), ElementsAre("get b 1"));
}

TEST_F(ReplicatedCoreTest, ARestartWithoutTheTableFoldsTheWholeLog) {
  options_.load_bytes = 1;  // A batch at a time.
  begin_term();
  for (const char* key : {"a", "b", "c"}) put(key, "1");
  core_->stop();
  table_ = make_memory_table();
  restart();
  EXPECT_EQ(applied_, 3);
  take_said();
  get("b");
  EXPECT_THAT(take_said(), ElementsAre("get b 1"));
}

TEST_F(ReplicatedCoreTest, ARestartWithAnOlderTableFoldsTheTail) {
  begin_term();
  put("a", "1");
  auto older = make_memory_table();  // Tables are not synced: a power cut may set them back.
  std::vector<Table::Write> copy;
  ASSERT_TRUE(table_
                  ->scan("",
                         [&](std::string_view key, std::string_view value) {
                           copy.push_back({std::string(key), std::string(value)});
                           return true;
                         })
                  .ok());
  ASSERT_TRUE(older->apply(copy).ok());
  put("b", "2");
  core_->stop();
  table_ = std::move(older);
  restart();
  EXPECT_EQ(applied_, 1);
  take_said();
  get("a");
  get("b");
  EXPECT_THAT(take_said(), ElementsAre("get a 1", "get b 2"));
}

TEST_F(ReplicatedCoreTest, ATableThatIsOldAndBehindIsFoldedAgain) {
  begin_term();
  put("a", "1");
  core_->stop();
  std::string batch = log_->batch(0);  // Once more, by somebody else.
  const MutableBytes bytes{reinterpret_cast<uint8_t*>(batch.data()), batch.size()};
  log_->append(bytes, 0);
  time_.advance(std::chrono::hours(13));
  restart();
  EXPECT_EQ(applied_, 2);
}

TEST_F(ReplicatedCoreTest, AnOldTableThatCoversTheLogIsTaken) {
  begin_term();
  put("a", "1");
  time_.advance(std::chrono::hours(100));
  restart();
  EXPECT_EQ(applied_, 0);
}

TEST_F(ReplicatedCoreTest, ATableOfAnotherTopicIsFoldedAgain) {
  begin_term();
  put("a", "1");
  log_->id = Uuid{10};
  restart();
  EXPECT_EQ(applied_, 1);
}

TEST_F(ReplicatedCoreTest, ATableAheadOfTheLogIsFoldedAgain) {
  begin_term();
  put("a", "1");
  core_->stop();
  log_ = std::make_shared<SimulatedCoordinatorLog>(time_);
  begin_term();
  take_said();
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a "));
}

TEST_F(ReplicatedCoreTest, ATableOfADivergedLogIsFoldedAgain) {
  begin_term();
  put("a", "1");
  core_->stop();
  log_ = std::make_shared<SimulatedCoordinatorLog>(time_);
  log_->epoch = 2;
  begin_term();
  put("b", "1");
  core_->stop();
  time_.advance(1s);
  log_ = std::make_shared<SimulatedCoordinatorLog>(time_);
  log_->epoch = 3;
  begin_term();
  put("c", "1");
  restart();
  take_said();
  get("b");
  get("c");
  EXPECT_THAT(take_said(), ElementsAre("get b ", "get c 1"));
}

TEST_F(ReplicatedCoreTest, ARefusedRoundIsForgottenAndTheCoreMadeAgain) {
  begin_term();
  put("a", "1");
  log_->refuse_with = ErrorCode::kNotEnoughReplicas;
  put("a", "2");
  EXPECT_THAT(take_said(), ElementsAre("put a NONE", "put a COORDINATOR_NOT_AVAILABLE"));
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a COORDINATOR_LOAD_IN_PROGRESS"));
  log_->refuse_with = ErrorCode::kNone;
  time_.advance(1s);
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a 1"));
}

TEST_F(ReplicatedCoreTest, LosingTheLeadershipEndsTheTerm) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  put("b", "1");
  log_->fail(ErrorCode::kNotLeaderOrFollower);
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("put a NOT_COORDINATOR", "put b NOT_COORDINATOR"));
  EXPECT_TRUE(core_->is_stopped());
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a NOT_COORDINATOR"));
}

TEST_F(ReplicatedCoreTest, StoppingAnswersEverybodyAtOnce) {
  begin_term();
  log_->commits_at_once = false;
  await("x");
  put("a", "1");
  put("b", "1");
  core_->stop();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("await x NOT_COORDINATOR", "put a NOT_COORDINATOR",
                                       "put b NOT_COORDINATOR"));
}

TEST_F(ReplicatedCoreTest, ASlowCommitIsToldAndStillCounts) {
  begin_term();
  log_->commits_at_once = false;
  put("a", "1");
  put("b", "1");
  time_.advance(4999ms);
  EXPECT_THAT(take_said(), IsEmpty());
  time_.advance(6s);
  EXPECT_THAT(take_said(),
              ElementsAre("put a COORDINATOR_NOT_AVAILABLE", "put b COORDINATOR_NOT_AVAILABLE"));
  get("a");
  log_->commit();
  time_.run_ready();
  EXPECT_THAT(take_said(), ElementsAre("get a 1"));
  get("b");  // It never came to its turn.
  EXPECT_THAT(take_said(), ElementsAre("get b "));
}

TEST_F(ReplicatedCoreTest, RecordsOfOneDecisionAreInOneBatch) {
  options_.max_batch_bytes = 200;
  begin_term();
  log_->commits_at_once = false;
  put("first", "1");
  put("a", "1", 3);
  put("b", "1", 4);
  log_->commit();
  time_.run_ready();
  EXPECT_EQ(log_->appends, 2);
  ASSERT_EQ(log_->batch_count(), 3u);
  EXPECT_EQ(parse_batch_header(as_bytes(log_->batch(1)))->record_count, 3);
  EXPECT_EQ(parse_batch_header(as_bytes(log_->batch(2)))->record_count, 4);
}

TEST_F(ReplicatedCoreTest, ADecisionThatNoBatchHoldsIsSplit) {
  options_.max_batch_bytes = 200;
  begin_term();
  put("a", "1", 100);
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("put a NONE", "get a 1"));
  EXPECT_EQ(log_->appends, 1);
  EXPECT_GT(log_->batch_count(), 10u);
}

TEST_F(ReplicatedCoreTest, ARecordThatNoBatchHoldsIsRefusedAndTheCoreMadeAgain) {
  options_.max_batch_bytes = 200;
  begin_term();
  put("a", "1");
  put("b", std::string(500, 'x'));
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("put a NONE", "put b MESSAGE_TOO_LARGE",
                                       "get a COORDINATOR_LOAD_IN_PROGRESS"));
  time_.advance(1s);
  get("a");
  get("b");
  EXPECT_THAT(take_said(), ElementsAre("get a 1", "get b "));
  EXPECT_EQ(log_->appends, 1);
}

// A table that fails when told to.
class FaultyTable final : public Table {
 public:
  absl::Status apply(const std::vector<Write>& batch) override {
    if (is_broken) return absl::DataLossError("broken");
    return under->apply(batch);
  }
  absl::StatusOr<std::optional<std::string>> get(std::string_view key) const override {
    if (is_broken) return absl::DataLossError("broken");
    return under->get(key);
  }
  absl::Status scan_from(std::string_view prefix, std::string_view from,
                         const Visit& visit) const override {
    if (is_broken) return absl::DataLossError("broken");
    return under->scan_from(prefix, from, visit);
  }
  absl::Status remove_prefix(std::string_view prefix) override {
    if (is_broken) return absl::DataLossError("broken");
    return under->remove_prefix(prefix);
  }
  absl::Status flush() override { return under->flush(); }

  std::unique_ptr<Table> under = make_memory_table();
  bool is_broken = false;
};

TEST_F(ReplicatedCoreTest, AFailingTableNeverMakesAnAnswer) {
  auto faulty = std::make_unique<FaultyTable>();
  FaultyTable& table = *faulty;
  table_ = std::move(faulty);
  begin_term();
  put("a", "1");
  take_said();
  table.is_broken = true;
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a COORDINATOR_NOT_AVAILABLE"));
  time_.advance(1s);
  table.is_broken = false;
  time_.advance(1s);
  get("a");
  EXPECT_THAT(take_said(), ElementsAre("get a 1"));
}

// Random commits and fetches over a log that commits late, refuses, times out and crashes: what was
// acknowledged is there, what was refused outright is not, and the Table is the fold of the log.
class OffsetsOverALogTest : public Shell<GroupCore>, public testing::WithParamInterface<unsigned> {
 protected:
  struct Key {
    std::string group;
    int32_t partition;
    auto operator<=>(const Key&) const = default;
  };
  // The acknowledged offset, and after it those of unknown outcome.
  using Possible = std::vector<int64_t>;

  void begin_term() {
    core_ = begin(
        [](FoldedState& state) { return std::make_unique<GroupCore>(state, GroupCore::Limits{}); });
  }

  void commit(const Key& key, int64_t offset) {
    possible_[key].push_back(offset);
    CommitOffsets event{.group = key.group};
    event.partitions.push_back({.topic = "t", .partition = key.partition, .offset = offset});
    call(std::move(event), [this, key, offset](const auto& answer) {
      auto& known = possible_[key];
      const auto it = std::ranges::find(known, offset);
      if (answer.error == ErrorCode::kNone) {
        ++acknowledged_;
        known.erase(known.begin(), it);  // Whatever came before is overwritten.
      } else if (answer.error == ErrorCode::kCoordinatorLoadInProgress) {
        known.erase(it);  // It never began.
      }
    });
  }
  void fetch(const Key& key) {
    FetchOffsets event{.group = key.group};
    event.topics.emplace();
    event.topics->push_back({.name = "t", .partitions = {key.partition}});
    call(std::move(event), [this, key](const auto& answer) {
      if (answer.error != ErrorCode::kNone) return;
      ++fetched_;
      check(key, answer.reply.topics.at(0).partitions.at(0).offset);
    });
  }
  void check(const Key& key, int64_t offset) {
    const auto& known = possible_[key];
    if (known.empty()) {
      EXPECT_EQ(offset, -1);
    } else if (offset != -1 || !may_be_missing_[key]) {
      EXPECT_THAT(known, testing::Contains(offset)) << key.group << " " << key.partition;
    }
  }
  // What the log says, folded by a core of its own.
  std::vector<std::string> fold_of_log() {
    auto table = make_memory_table();
    auto shared = std::make_shared<ReplicatedCore<GroupCore>>(
        time_.context().get_executor(), time_, log_, *table, "p",
        [](FoldedState& state) { return std::make_unique<GroupCore>(state, GroupCore::Limits{}); },
        ReplicatedCoreOptions{});
    shared->start();
    time_.run_ready();
    EXPECT_FALSE(shared->is_loading());
    shared->stop();
    time_.run_ready();
    return entries(*table);
  }
  static std::vector<std::string> entries(const Table& table) {
    std::vector<std::string> out;
    EXPECT_TRUE(table
                    .scan(std::string("p\1", 2),
                          [&](std::string_view key, std::string_view value) {
                            out.push_back(std::string(key) + " " + std::string(value));
                            return true;
                          })
                    .ok());
    return out;
  }

  std::map<Key, Possible> possible_;
  std::map<Key, bool> may_be_missing_;
  int acknowledged_ = 0, fetched_ = 0;
};

TEST_P(OffsetsOverALogTest, NothingAcknowledgedIsLostAndTheTableIsTheFoldOfTheLog) {
  std::mt19937 random(GetParam());
  const auto pick = [&](unsigned n) { return random() % n; };
  begin_term();
  int64_t next_offset = 0;
  for (int i = 0; i < 1500; ++i) {
    const Key key{pick(2) ? "g" : "other", static_cast<int32_t>(pick(4))};
    switch (const unsigned dice = pick(100)) {
      default:
        if (dice < 50) {
          if (possible_[key].empty()) may_be_missing_[key] = true;
          commit(key, next_offset++);
        } else {
          fetch(key);
        }
        break;
      case 90:
      case 91:
      case 92:
      case 93:
        log_->commits_at_once = !log_->commits_at_once;
        break;
      case 94:
      case 95:
        log_->commit();
        time_.run_ready();
        break;
      case 96:
        time_.advance(std::chrono::milliseconds(pick(8000)));
        break;
      case 97:
        log_->refuse_with = ErrorCode::kNotEnoughReplicas;
        break;
      case 98:
        log_->refuse_with = ErrorCode::kNone;
        time_.advance(200ms);
        break;
      case 99:
        core_->stop();
        log_->crash();
        time_.advance(1s);
        if (pick(4) == 0) table_ = make_memory_table();
        log_->commits_at_once = true;
        begin_term();
        break;
    }
  }
  log_->commits_at_once = true;
  log_->refuse_with = ErrorCode::kNone;
  log_->commit();
  time_.advance(10s);
  for (const auto& [key, known] : possible_) fetch(key);
  EXPECT_GT(acknowledged_, 150);
  EXPECT_GT(fetched_, 150);
  EXPECT_EQ(entries(*table_), fold_of_log());
  core_->stop();
  time_.advance(1s);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OffsetsOverALogTest, testing::Range(1u, 13u));

}  // namespace
}  // namespace moldau
