// TopicRecord (metadata record type 2): a topic with its id.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct TopicRecord {
  static constexpr Api kApi{.key = 2, .name = "TopicRecord", .first = 0, .last = 0, .flexible = 0};

  std::string name;
  Uuid topic_id{};

  void describe(auto& field) {
    field("name", name);
    field("topic_id", topic_id);
  }
};

}  // namespace moldau
