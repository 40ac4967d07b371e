// What must be true of committed offsets, as those who commit can know it. Offsets that are tried
// only ever rise, so one that is answered may be followed by a later one that was tried, never by
// an earlier one, and by nothing only if it was deleted or has expired.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "protocol/uuid.h"

namespace moldau {

class CommittedOffsets {
 public:
  using Key = std::tuple<std::string, Uuid, int32_t>;  // Group, topic, partition.

  explicit CommittedOffsets(int64_t retention_ms) : retention_ms_(retention_ms) {}

  int64_t next(const Key& key) { return ++entries_[key].last_tried; }
  void acknowledge(const Key& key, int64_t offset, int64_t at_ms) {
    Entry& entry = entries_[key];
    entry.acknowledged = std::max(entry.acknowledged, offset);
    entry.last_ms = at_ms;
    entry.may_be_gone = false;
  }
  // They were deleted, or may have been.
  void may_be_gone(auto is_meant) {
    for (auto& [key, entry] : entries_) {
      if (is_meant(key)) entry.may_be_gone = true;
    }
  }

  void expect_fetched(const Key& key, int64_t fetched, int64_t now_ms) const {
    const auto found = entries_.find(key);
    const Entry entry = found == entries_.end() ? Entry{} : found->second;
    EXPECT_LE(fetched, entry.last_tried) << "nobody committed that";
    if (fetched < 0 && (entry.may_be_gone || now_ms - entry.last_ms >= retention_ms_)) return;
    EXPECT_GE(fetched, entry.acknowledged) << "an acknowledged offset is lost";
  }

  const auto& all() const { return entries_; }

 private:
  struct Entry {
    int64_t acknowledged = -1;
    int64_t last_tried = -1;
    int64_t last_ms = 0;
    bool may_be_gone = false;
  };
  const int64_t retention_ms_;
  std::map<Key, Entry> entries_;
};

}  // namespace moldau
