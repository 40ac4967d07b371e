// RemoveTopicRecord (metadata record type 9): a topic is deleted.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct RemoveTopicRecord {
  static constexpr Api kApi{
      .key = 9, .name = "RemoveTopicRecord", .first = 0, .last = 0, .flexible = 0};

  Uuid topic_id{};

  void describe(auto& field) { field("topic_id", topic_id); }
};

}  // namespace moldau
