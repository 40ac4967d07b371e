// StreamsGroupMemberMetadata records (key type 19): a member of a streams group and where it
// runs.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct StreamsGroupMemberMetadataKey {
  static constexpr Api kApi{.key = 19,
                            .name = "StreamsGroupMemberMetadataKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;
  std::string member_id;

  void describe(auto& field) {
    field("group_id", group_id);
    field("member_id", member_id);
  }
};

struct StreamsGroupMemberMetadataValue {
  static constexpr Api kApi{
      .key = 19, .name = "StreamsGroupMemberMetadataValue", .first = 0, .last = 0, .flexible = 0};

  struct Endpoint {
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("host", host);
      field("port", port);
    }
  };

  struct KeyValue {
    std::string key;
    std::string value;

    void describe(auto& field) {
      field("key", key);
      field("value", value);
    }
  };

  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  int32_t rebalance_timeout_ms = -1;
  int32_t topology_epoch = 0;
  std::string process_id;
  std::optional<Endpoint> user_endpoint;
  std::vector<KeyValue> client_tags;

  void describe(auto& field) {
    field("instance_id", instance_id);
    field("rack_id", rack_id);
    field("client_id", client_id);
    field("client_host", client_host);
    field("rebalance_timeout_ms", rebalance_timeout_ms);
    field("topology_epoch", topology_epoch);
    field("process_id", process_id);
    field("user_endpoint", user_endpoint);
    field("client_tags", client_tags);
  }
};

}  // namespace moldau
