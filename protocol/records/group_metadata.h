// GroupMetadata records (key type 2): a classic group with its members; a null value deletes it.
//
// GroupMetadataValue:
//   v1: adds members.rebalance_timeout
//   v2: adds current_state_timestamp
//   v3: adds members.group_instance_id
//   v4: flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct GroupMetadataKey {
  static constexpr Api kApi{
      .key = 2, .name = "GroupMetadataKey", .first = 0, .last = 0, .flexible = kNeverFlexible};

  std::string group;

  void describe(auto& field) { field("group", group); }
};

struct GroupMetadataValue {
  static constexpr Api kApi{
      .key = 2, .name = "GroupMetadataValue", .first = 0, .last = 4, .flexible = 4};

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout = -1;
    int32_t session_timeout = 0;
    Bytes subscription;
    Bytes assignment;

    void describe(auto& field) {
      field("member_id", member_id);
      field("group_instance_id", group_instance_id, {.since = 3});
      field("client_id", client_id);
      field("client_host", client_host);
      field("rebalance_timeout", rebalance_timeout, {.since = 1});
      field("session_timeout", session_timeout);
      field("subscription", subscription);
      field("assignment", assignment);
    }
  };

  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  int64_t current_state_timestamp = -1;
  std::vector<Member> members;

  void describe(auto& field) {
    field("protocol_type", protocol_type);
    field("generation", generation);
    field("protocol", protocol);
    field("leader", leader);
    field("current_state_timestamp", current_state_timestamp, {.since = 2});
    field("members", members);
  }
};

}  // namespace moldau
