// Random events of all kinds, right and wrong, at random times, against what must always hold.
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/groups/classic_group.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

constexpr int kClients = 8, kStaticIds = 3, kEvents = 4000;

class RandomClassicGroup {
 public:
  explicit RandomClassicGroup(uint32_t seed)
      : random_(seed),
        limits_{.initial_rebalance_delay_ms = pick(2) ? 3000 : 0, .max_size = pick(2) ? 4 : 1000},
        group_("g", limits_) {}

  void run() {
    for (int i = 0; i < kEvents && !testing::Test::HasFailure(); ++i) {
      if (pick(200) == 0) restart();
      pass(pick(10) == 0 ? pick(20'000) : pick(500));
      send(clients_[pick(kClients)]);
    }
    // Nobody is heard of any more: the group comes to rest by itself.
    pass(10'000'000);
    EXPECT_TRUE(group_.is_empty());
    EXPECT_STREQ(group_.state(), "Empty");
    EXPECT_EQ(group_.wake_at(), std::nullopt);
    EXPECT_TRUE(open_.empty());
  }
  const std::set<std::string>& seen() const { return seen_; }

 private:
  struct Client {
    std::string id;
    int32_t generation = -1;
  };

  uint32_t pick(uint32_t n) { return random_() % n; }
  Time now() const { return {.wall_ms = 1'000'000 + at_ms_, .steady_ms = at_ms_}; }

  void send(Client& client) {
    // Mostly what the client believes, sometimes what another does.
    const Client& claimed = pick(20) == 0 ? clients_[pick(kClients)] : client;
    const std::string id = pick(30) == 0 ? "" : claimed.id;
    const int32_t generation = pick(30) == 0 ? group_.generation() : claimed.generation;
    switch (pick(8)) {
      case 0:
      case 1:
      case 2:
        return join(client, id);
      case 3:
      case 4:
        return sync(client, id, generation);
      case 5:
        return beat(client, id, generation);
      case 6:
        if (pick(4) == 0) leave(client, id);
        return;
      default:
        (void)group_.check_commit({.group = "g",
                                   .generation = generation,
                                   .member_id = id,
                                   .instance_id = instance_of(client),
                                   .version = static_cast<Version>(pick(10))},
                                  now());
        check();
    }
  }

  // Some clients have instance ids, and some of those share one.
  std::optional<std::string> instance_of(const Client& client) {
    const auto index = static_cast<int>(&client - clients_.data());
    if (index < kClients / 2 || pick(50) == 0) return std::nullopt;
    return "i" + std::to_string(index % kStaticIds);
  }

  void join(Client& client, const std::string& id) {
    static const std::vector<std::vector<std::string>> kProtocols = {
        {"range"}, {"range", "sticky"}, {"sticky", "range"}, {"sticky"}, {}};
    const std::string metadata(pick(2), 'm');
    JoinGroup event{.request = {.session_timeout_ms = 6000 + 1000 * static_cast<int>(pick(5)),
                                .rebalance_timeout_ms = static_cast<int>(pick(20)) * 1000,
                                .member_id = id,
                                .group_instance_id = instance_of(client),
                                .protocol_type = pick(40) == 0 ? "other" : "consumer"},
                    .caller = {.client_id = "c", .version = static_cast<Version>(pick(10))},
                    .fresh_uuid = std::to_string(++uuids_)};
    if (pick(50) == 0) event.request.session_timeout_ms = 1;
    for (const auto& name : kProtocols[pick(20) ? pick(3) : pick(5)])
      event.request.protocols.push_back({.name = name, .metadata = as_bytes(metadata)});
    take(group_.join(open(client), event, now()));
  }
  void sync(Client& client, const std::string& id, int32_t generation) {
    SyncGroup event{.request = {.generation_id = generation,
                                .member_id = id,
                                .group_instance_id = instance_of(client)},
                    .caller = {.version = static_cast<Version>(pick(5))}};
    const std::string assignment = "assigned " + std::to_string(pick(1000));
    for (const auto& [member_id, member] : group_.members())
      if (pick(10)) event.request.assignments.push_back({member_id, as_bytes(assignment)});
    event.request.assignments.push_back({"nobody", as_bytes(assignment)});
    take(group_.sync(open(client), event, now()));
  }
  void beat(Client& client, const std::string& id, int32_t generation) {
    take(group_.heartbeat(open(client),
                          {.request = {.generation_id = generation,
                                       .member_id = id,
                                       .group_instance_id = instance_of(client)}},
                          now()));
  }
  void leave(Client& client, const std::string& id) {
    LeaveGroup event{.request = {.member_id = id},
                     .caller = {.version = static_cast<Version>(pick(6))}};
    for (uint32_t i = 0; i <= pick(3); ++i)
      event.request.members.push_back({.member_id = pick(2) ? id : clients_[pick(kClients)].id,
                                       .group_instance_id = instance_of(client)});
    take(group_.leave(open(client), event, now()));
  }

  void pass(int64_t ms) {
    const int64_t end_ms = at_ms_ + ms;
    for (auto at = group_.wake_at(); at && *at <= end_ms; at = group_.wake_at()) {
      ASSERT_GE(*at, at_ms_) << "a deadline has been missed";
      ASSERT_LT(++wakes_, 100'000) << "woken for nothing";
      at_ms_ = *at;
      take(group_.wake(now()));
    }
    at_ms_ = end_ms;
  }
  void restart() {
    open_.clear();
    told_generation_.clear();
    group_ = reload();
    check();
  }
  ClassicGroup reload() const {
    if (!record_) return ClassicGroup("g", limits_);
    const auto value = decode_value<GroupMetadataValue>(as_bytes(*record_->value));
    return ClassicGroup("g", limits_, value.value(), now());
  }

  Ticket open(Client& client) {
    open_[++tickets_] = &client;
    return tickets_;
  }
  void take(GroupOutcome outcome) {
    for (const auto& answer : outcome.answers) {
      ASSERT_TRUE(open_.contains(answer.ticket)) << "answered twice";
      Client& client = *open_.at(answer.ticket);
      open_.erase(answer.ticket);
      std::visit([&](const auto& reply) { take(client, reply); }, answer.reply);
    }
    for (const auto& record : outcome.records) {
      record_ = record;
      EXPECT_EQ(reload().record(), record) << "a restart would change the group";
    }
    check();
  }
  void take(Client& client, const JoinGroup::Reply& reply) {
    const auto error = static_cast<ErrorCode>(reply.response.error_code);
    seen_.insert(std::string("JoinGroup ") + name(error));
    if (error == ErrorCode::kUnknownMemberId || error == ErrorCode::kFencedInstanceId)
      client.id.clear();
    if (error == ErrorCode::kMemberIdRequired) client.id = reply.response.member_id;
    if (error != ErrorCode::kNone) {
      EXPECT_EQ(reply.response.generation_id, -1);
      return;
    }
    client = {.id = reply.response.member_id, .generation = reply.response.generation_id};
    told_generation_[client.id] = client.generation;
    // With a rebalance timeout of 0 it may be over already.
    EXPECT_LE(reply.response.generation_id, group_.generation());
    // Who has members to assign to is the leader.
    if (!reply.response.members.empty()) {
      EXPECT_EQ(reply.response.leader, client.id);
    }
  }
  void take(Client&, const SyncGroup::Reply& reply) {
    seen_.insert(std::string("SyncGroup ") +
                 name(static_cast<ErrorCode>(reply.response.error_code)));
  }
  void take(Client&, const HeartbeatResponse& reply) {
    seen_.insert(std::string("Heartbeat ") + name(static_cast<ErrorCode>(reply.error_code)));
  }
  void take(Client&, const auto&) {}

  void check() {
    const std::string state = group_.state();
    seen_.insert(state);
    std::set<Ticket> held;
    std::set<std::string> instances;
    for (const auto& [id, member] : group_.members()) {
      EXPECT_EQ(id, member.id);
      if (member.waiting) {
        EXPECT_TRUE(held.insert(*member.waiting).second) << "two members hold one ticket";
      }
      if (member.instance_id) {
        EXPECT_TRUE(instances.insert(*member.instance_id).second) << "two of one instance id";
      }
      EXPECT_TRUE(member.waiting || member.expires_at) << "would live for ever";
      if (state == "Stable" && member.has_synced && told_generation_.contains(id)) {
        EXPECT_EQ(told_generation_.at(id), group_.generation());
      }
    }
    std::set<Ticket> open;
    for (const auto& [ticket, client] : open_) open.insert(ticket);
    EXPECT_EQ(open, held) << "a ticket that nobody holds, or that was answered";
    EXPECT_EQ(state == "Empty", group_.members().empty());
    EXPECT_EQ(group_.leader().has_value(), !group_.members().empty());
    if (group_.leader()) {
      EXPECT_TRUE(group_.members().contains(*group_.leader()));
    }
    if (state == "Stable" || state == "Empty") {
      EXPECT_TRUE(held.empty());
    } else {
      EXPECT_TRUE(group_.wake_at().has_value()) << "would wait for ever";
    }
  }

  std::mt19937 random_;
  ClassicLimits limits_;
  ClassicGroup group_;
  int64_t at_ms_ = 0;
  int uuids_ = 0, wakes_ = 0;
  Ticket tickets_ = 0;
  std::vector<Client> clients_ = std::vector<Client>(kClients);
  std::map<Ticket, Client*> open_;
  std::map<std::string, int32_t> told_generation_;
  std::optional<CoordinatorRecord> record_;
  std::set<std::string> seen_;
};

TEST(ClassicGroupRandomTest, WhateverHappensWhatMustHoldHolds) {
  std::set<std::string> seen;
  for (uint32_t seed = 1; seed <= 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomClassicGroup group(seed);
    group.run();
    seen.insert(group.seen().begin(), group.seen().end());
  }
  // The events are such that all of this comes up.
  for (const char* what :
       {"Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "JoinGroup NONE",
        "JoinGroup MEMBER_ID_REQUIRED", "JoinGroup UNKNOWN_MEMBER_ID",
        "JoinGroup FENCED_INSTANCE_ID", "JoinGroup INCONSISTENT_GROUP_PROTOCOL",
        "JoinGroup INVALID_SESSION_TIMEOUT", "JoinGroup GROUP_MAX_SIZE_REACHED",
        "JoinGroup REBALANCE_IN_PROGRESS", "SyncGroup NONE", "SyncGroup UNKNOWN_MEMBER_ID",
        "SyncGroup ILLEGAL_GENERATION", "SyncGroup REBALANCE_IN_PROGRESS",
        "SyncGroup FENCED_INSTANCE_ID", "Heartbeat NONE", "Heartbeat REBALANCE_IN_PROGRESS"})
    EXPECT_TRUE(seen.contains(what)) << what;
}

}  // namespace
}  // namespace moldau
