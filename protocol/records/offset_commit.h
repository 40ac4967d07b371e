// OffsetCommit records (key type 1): stores the committed offsets of a group.
//
// OffsetCommitValue:
//   v1: adds expire_timestamp
//   v2: drops expire_timestamp
//   v3: adds leader_epoch
//   v4: adds topic_id; flexible encoding with tagged fields
#pragma once

#include "protocol/message.h"

namespace moldau {

struct OffsetCommitKey {
  static constexpr Api kApi{
      .key = 1, .name = "OffsetCommitKey", .first = 0, .last = 0, .flexible = kNeverFlexible};

  std::string group;
  std::string topic;
  int32_t partition = 0;

  void describe(auto& field) {
    field("group", group);
    field("topic", topic);
    field("partition", partition);
  }
};

struct OffsetCommitValue {
  static constexpr Api kApi{
      .key = 1, .name = "OffsetCommitValue", .first = 0, .last = 4, .flexible = 4};

  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  Uuid topic_id{};

  void describe(auto& field) {
    field("offset", offset);
    field("leader_epoch", leader_epoch, {.since = 3});
    field("metadata", metadata);
    field("commit_timestamp", commit_timestamp);
    field("expire_timestamp", expire_timestamp, {.since = 1, .until = 1});
    field("topic_id", topic_id, {.since = 4, .tag = 0});
  }
};

}  // namespace moldau
