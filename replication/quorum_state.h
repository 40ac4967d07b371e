// `quorum-state`: what a member of the metadata quorum may not forget, the epoch and its vote
// (KIP-595; version 1 with directory ids, KIP-853).
//
//   {"leaderId":1,"leaderEpoch":4,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA",
//    "data_version":1}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/uuid.h"

#include "absl/status/statusor.h"

namespace moldau {

struct QuorumState {
  int32_t leader_id = -1;
  int32_t leader_epoch = 0;
  int32_t voted_id = -1;
  Uuid voted_directory_id{};

  bool operator==(const QuorumState&) const = default;
};

std::string encode_quorum_state(const QuorumState& state);
// Reads versions 0 and 1; fields it does not know are passed over. DataLoss if it is not that JSON.
absl::StatusOr<QuorumState> decode_quorum_state(std::string_view json);

}  // namespace moldau
