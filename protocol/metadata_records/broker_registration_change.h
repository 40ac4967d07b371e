// BrokerRegistrationChangeRecord (metadata record type 17): what changed about a registered
// broker.
//
// BrokerRegistrationChangeRecord:
//   v1: adds in_controlled_shutdown
//   v2: adds log_dirs
//   v3: adds cordoned_log_dirs
#pragma once

#include "protocol/message.h"

namespace moldau {

struct BrokerRegistrationChangeRecord {
  static constexpr Api kApi{
      .key = 17, .name = "BrokerRegistrationChangeRecord", .first = 0, .last = 3, .flexible = 0};

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  int8_t fenced = 0;
  int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  void describe(auto& field) {
    field("broker_id", broker_id);
    field("broker_epoch", broker_epoch);
    field("fenced", fenced, {.tag = 0});
    field("in_controlled_shutdown", in_controlled_shutdown, {.since = 1, .tag = 1});
    field("log_dirs", log_dirs, {.since = 2, .tag = 2});
    field("cordoned_log_dirs", cordoned_log_dirs, {.since = 3, .tag = 3});
  }
};

}  // namespace moldau
