// KRaftVersionRecord: control record with the finalized kraft.version (KIP-853).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct KRaftVersionRecord {
  static constexpr Api kApi{
      .key = 0, .name = "KRaftVersionRecord", .first = 0, .last = 0, .flexible = 0};

  int16_t version = 0;
  int16_t kraft_version = 0;

  void describe(auto& field) {
    field("version", version);
    field("kraft_version", kraft_version);
  }
};

}  // namespace moldau
