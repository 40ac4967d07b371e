// ShareGroupMemberMetadata records (key type 10): a member of a share group and what it
// subscribes to.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ShareGroupMemberMetadataKey {
  static constexpr Api kApi{.key = 10,
                            .name = "ShareGroupMemberMetadataKey",
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

struct ShareGroupMemberMetadataValue {
  static constexpr Api kApi{
      .key = 10, .name = "ShareGroupMemberMetadataValue", .first = 0, .last = 0, .flexible = 0};

  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topic_names;

  void describe(auto& field) {
    field("rack_id", rack_id);
    field("client_id", client_id);
    field("client_host", client_host);
    field("subscribed_topic_names", subscribed_topic_names);
  }
};

}  // namespace moldau
