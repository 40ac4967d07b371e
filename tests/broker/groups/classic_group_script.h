// Plays members of a classic group and writes down what the group decides, to compare with a text:
//
//   3000 a syncs a-1='x'                       what happens: milliseconds, who, what
//     a: assigned 'x'                          an answer, if there is one already
//     record: generation 1, range, ...         a record that comes with the answers
//   9000 time                                  a deadline
//
// A client remembers the id and the generation that it was told, as a real one does. Ids are the
// client's (or instance's) name and a number that counts up.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/groups/classic_group.h"
#include "protocol/records/frame.h"

namespace moldau {

struct ScriptedClient {
  std::string name;
  std::optional<std::string> instance_id = std::nullopt;
  Version join_version = 9;
  std::string protocol_type = "consumer";
  std::vector<std::pair<std::string, std::string>> protocols = {{"range", ""}};  // With metadata.
  int32_t session_timeout_ms = 10'000;
  int32_t rebalance_timeout_ms = 60'000;
  std::string id = {};
  int32_t generation = -1;

  // Of the versions that a client of this age sends.
  Version sync_version() const { return join_version >= 7 ? 5 : join_version >= 5 ? 3 : 0; }
};

class ClassicGroupScript {
 public:
  explicit ClassicGroupScript(ClassicLimits limits = {}) : limits_(limits), group_("g", limits) {}

  ClassicGroup& group() { return group_; }
  Time now() const { return {.wall_ms = kWallStart + at_ms_, .steady_ms = at_ms_}; }
  std::string text() const { return "\n" + text_; }
  const std::vector<CoordinatorRecord>& records() const { return records_; }

  void joins(ScriptedClient& client) {
    JoinGroup join{
        .request = {.group_id = "g",
                    .session_timeout_ms = client.session_timeout_ms,
                    .rebalance_timeout_ms = client.rebalance_timeout_ms,
                    .member_id = client.id,
                    .group_instance_id = client.instance_id,
                    .protocol_type = client.protocol_type},
        .caller = {
            .client_id = client.name, .client_host = "/127.0.0.1", .version = client.join_version}};
    for (const auto& [name, metadata] : client.protocols)
      join.request.protocols.push_back({.name = name, .metadata = as_bytes(metadata)});
    if (client.id.empty()) join.fresh_uuid = std::to_string(++uuids_);
    note(client.name + " joins");
    take(group_.join(ticket_of(client), join, now()));
  }
  // Assignments are by member id.
  void syncs(ScriptedClient& client, const std::map<std::string, std::string>& given = {}) {
    SyncGroup sync{.request = {.group_id = "g",
                               .generation_id = client.generation,
                               .member_id = client.id,
                               .group_instance_id = client.instance_id},
                   .caller = {.version = client.sync_version()}};
    if (sync.caller.version >= 5) {
      sync.request.protocol_type = client.protocol_type;
      sync.request.protocol_name = client.protocols.at(0).first;
    }
    std::string line = client.name + " syncs";
    for (const auto& [id, assignment] : given) {
      sync.request.assignments.push_back({.member_id = id, .assignment = as_bytes(assignment)});
      line += " " + id + "='" + assignment + "'";
    }
    note(line);
    take(group_.sync(ticket_of(client), sync, now()));
  }
  void beats(ScriptedClient& client) {
    note(client.name + " beats");
    take(group_.heartbeat(ticket_of(client),
                          {.request = {.group_id = "g",
                                       .generation_id = client.generation,
                                       .member_id = client.id,
                                       .group_instance_id = client.instance_id}},
                          now()));
  }
  void leaves(ScriptedClient& client, Version version = 2) {
    note(client.name + " leaves");
    leave(client,
          {.request = {.group_id = "g", .member_id = client.id}, .caller = {.version = version}});
  }
  // Several at once, from v3 on.
  void removes(ScriptedClient& admin, std::vector<LeaveGroupRequest::Member> members) {
    note(admin.name + " removes members");
    leave(admin,
          {.request = {.group_id = "g", .members = std::move(members)}, .caller = {.version = 5}});
  }
  ErrorCode commits(const ScriptedClient& client, Version version = 8) {
    return group_.check_commit({.group = "g",
                                .generation = client.generation,
                                .member_id = client.id,
                                .instance_id = client.instance_id,
                                .version = version},
                               now());
  }
  // Deadlines on the way are kept to the millisecond. `alive` beat every three seconds, silently.
  void pass(int64_t ms, const std::vector<ScriptedClient*>& alive = {}) {
    const int64_t end_ms = at_ms_ + ms;
    int64_t beat_ms = at_ms_;
    for (;;) {
      const auto wake_ms = group_.wake_at();
      const int64_t next_ms = std::min(wake_ms.value_or(end_ms + 1), beat_ms);
      if (next_ms > end_ms) break;
      ASSERT_GE(next_ms, at_ms_) << "a deadline has been missed";
      at_ms_ = next_ms;
      if (wake_ms == next_ms) {
        auto outcome = group_.wake(now());
        if (!outcome.answers.empty() || !outcome.records.empty()) note("time");
        take(std::move(outcome));
        ASSERT_NE(group_.wake_at(), next_ms) << "woken for nothing";
      } else {
        for (auto* client : alive) beat_silently(*client);
        beat_ms += 3000;
      }
    }
    at_ms_ = end_ms;
  }
  // The coordinator starts again from its last record; who waited has lost the connection.
  void restarts() {
    note("restart");
    if (records_.empty()) {
      group_ = ClassicGroup("g", limits_);
    } else {
      const auto value = decode_value<GroupMetadataValue>(as_bytes(*records_.back().value));
      group_ = ClassicGroup("g", limits_, value.value(), now());
    }
    waiting_.clear();
  }
  void restarts_with(ClassicLimits limits) {
    limits_ = limits;
    restarts();
  }
  void note(const std::string& line) { text_ += std::to_string(at_ms_) + " " + line + "\n"; }

  static constexpr int64_t kWallStart = 1'700'000'000'000;

 private:
  Ticket ticket_of(ScriptedClient& client) {
    waiting_[++tickets_] = &client;
    return tickets_;
  }
  void leave(ScriptedClient& client, const LeaveGroup& event) {
    take(group_.leave(ticket_of(client), event, now()));
  }
  void beat_silently(ScriptedClient& client) {
    GroupHeartbeat beat{.request = {.group_id = "g",
                                    .generation_id = client.generation,
                                    .member_id = client.id,
                                    .group_instance_id = client.instance_id}};
    (void)group_.heartbeat(++tickets_, beat, now());
  }

  void take(GroupOutcome outcome) {
    for (const auto& answer : outcome.answers) {
      ASSERT_TRUE(waiting_.contains(answer.ticket)) << "answered twice";
      ScriptedClient& client = *waiting_.at(answer.ticket);
      waiting_.erase(answer.ticket);
      text_ += "  " + client.name + ": ";
      std::visit([&](const auto& reply) { take(client, reply); }, answer.reply);
      text_ += "\n";
    }
    for (const auto& record : outcome.records) {
      text_ += "  record: " + describe(record) + "\n";
      records_.push_back(record);
    }
  }
  void take(ScriptedClient& client, const JoinGroup::Reply& reply) {
    const auto& response = reply.response;
    const auto error = static_cast<ErrorCode>(response.error_code);
    if (error == ErrorCode::kMemberIdRequired) client.id = response.member_id;
    if (error != ErrorCode::kNone) {
      text_ += std::string("JoinGroup ") + name(error) + " '" + response.member_id + "'";
      return;
    }
    client.id = response.member_id;
    client.generation = response.generation_id;
    text_ += client.id + " is in generation " + std::to_string(client.generation) + ", " +
             response.protocol_name.value_or("null") + ", led by " + response.leader;
    if (!response.members.empty()) text_ += " of";
    for (const auto& member : response.members) text_ += " " + member.member_id;
    if (response.skip_assignment) text_ += ", no need to assign";
  }
  void take(ScriptedClient&, const SyncGroup::Reply& reply) {
    const auto error = static_cast<ErrorCode>(reply.response.error_code);
    if (error == ErrorCode::kNone) {
      text_ += "assigned '" + std::string(as_text(reply.response.assignment)) + "'";
    } else {
      text_ += std::string("SyncGroup ") + name(error);
    }
  }
  void take(ScriptedClient&, const HeartbeatResponse& response) {
    text_ += std::string("Heartbeat ") + name(static_cast<ErrorCode>(response.error_code));
  }
  void take(ScriptedClient&, const LeaveGroupResponse& response) {
    text_ += std::string("LeaveGroup ") + name(static_cast<ErrorCode>(response.error_code));
    for (const auto& member : response.members)
      text_ += "\n    '" + member.group_instance_id.value_or(member.member_id) + "' " +
               name(static_cast<ErrorCode>(member.error_code));
  }
  void take(ScriptedClient&, const auto&) { ADD_FAILURE() << "an answer to something else"; }

  static std::string describe(const CoordinatorRecord& record) {
    const auto value = decode_value<GroupMetadataValue>(as_bytes(record.value.value()));
    if (!value.ok()) return value.status().ToString();
    std::string line = "generation " + std::to_string(value->generation) + ", " +
                       value->protocol.value_or("null") + ", led by " +
                       value->leader.value_or("null");
    for (const auto& member : value->members)
      line += " " + member.member_id + "='" + std::string(as_text(member.assignment)) + "'";
    return line;
  }

  ClassicLimits limits_;
  ClassicGroup group_;
  int64_t at_ms_ = 0;
  int uuids_ = 0;
  Ticket tickets_ = 0;
  std::map<Ticket, ScriptedClient*> waiting_;
  std::vector<CoordinatorRecord> records_;
  std::string text_;
};

}  // namespace moldau
