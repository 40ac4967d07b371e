// ClearElrRecord (metadata record type 28): the eligible leader replicas of a topic, or of all
// topics, are cleared.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ClearElrRecord {
  static constexpr Api kApi{
      .key = 28, .name = "ClearElrRecord", .first = 0, .last = 0, .flexible = 0};

  std::string topic_name;

  void describe(auto& field) { field("topic_name", topic_name); }
};

}  // namespace moldau
