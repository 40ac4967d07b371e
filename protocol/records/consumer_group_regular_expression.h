// ConsumerGroupRegularExpression records (key type 16): the topics that a regular expression of a
// consumer group resolved to.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct ConsumerGroupRegularExpressionKey {
  static constexpr Api kApi{.key = 16,
                            .name = "ConsumerGroupRegularExpressionKey",
                            .first = 0,
                            .last = 0,
                            .flexible = kNeverFlexible};

  std::string group_id;
  std::string regular_expression;

  void describe(auto& field) {
    field("group_id", group_id);
    field("regular_expression", regular_expression);
  }
};

struct ConsumerGroupRegularExpressionValue {
  static constexpr Api kApi{.key = 16,
                            .name = "ConsumerGroupRegularExpressionValue",
                            .first = 0,
                            .last = 0,
                            .flexible = 0};

  std::vector<std::string> topics;
  int64_t version = 0;
  int64_t timestamp = 0;

  void describe(auto& field) {
    field("topics", topics);
    field("version", version);
    field("timestamp", timestamp);
  }
};

}  // namespace moldau
