// SnapshotHeaderRecord: control record that opens a snapshot (KIP-630).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct SnapshotHeaderRecord {
  static constexpr Api kApi{
      .key = 0, .name = "SnapshotHeaderRecord", .first = 0, .last = 0, .flexible = 0};

  int16_t version = 0;
  int64_t last_contained_log_timestamp = 0;

  void describe(auto& field) {
    field("version", version);
    field("last_contained_log_timestamp", last_contained_log_timestamp);
  }
};

}  // namespace moldau
