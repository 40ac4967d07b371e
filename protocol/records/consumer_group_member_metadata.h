// ConsumerGroupMemberMetadata records (key type 5): a member of a consumer group and what it
// subscribes to.
#pragma once

#include <algorithm>

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupMemberMetadataKey {
  static constexpr Api kApi{.key = 5,
                            .name = "ConsumerGroupMemberMetadataKey",
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

struct ConsumerGroupMemberMetadataValue {
  static constexpr Api kApi{
      .key = 5, .name = "ConsumerGroupMemberMetadataValue", .first = 0, .last = 0, .flexible = 0};

  struct ClassicProtocol {
    std::string name;
    Bytes metadata;

    bool operator==(const ClassicProtocol& other) const {
      return name == other.name && std::ranges::equal(metadata, other.metadata);
    }

    void describe(auto& field) {
      field("name", name);
      field("metadata", metadata);
    }
  };

  struct ClassicMemberMetadata {
    int32_t session_timeout_ms = 0;
    std::vector<ClassicProtocol> supported_protocols;

    bool operator==(const ClassicMemberMetadata&) const = default;

    void describe(auto& field) {
      field("session_timeout_ms", session_timeout_ms);
      field("supported_protocols", supported_protocols);
    }
  };

  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor;
  // Kafka reads an absent field as empty and writes null when it means null.
  std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};

  void describe(auto& field) {
    field("instance_id", instance_id);
    field("rack_id", rack_id);
    field("client_id", client_id);
    field("client_host", client_host);
    field("subscribed_topic_names", subscribed_topic_names);
    field("subscribed_topic_regex", subscribed_topic_regex);
    field("rebalance_timeout_ms", rebalance_timeout_ms);
    field("server_assignor", server_assignor);
    field("classic_member_metadata", classic_member_metadata, {.tag = 0}, ClassicMemberMetadata{});
  }
};

}  // namespace moldau
