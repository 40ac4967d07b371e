// SnapshotFooterRecord: control record that closes a snapshot (KIP-630).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct SnapshotFooterRecord {
  static constexpr Api kApi{
      .key = 0, .name = "SnapshotFooterRecord", .first = 0, .last = 0, .flexible = 0};

  int16_t version = 0;

  void describe(auto& field) { field("version", version); }
};

}  // namespace moldau
