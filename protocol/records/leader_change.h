// LeaderChangeMessage: control record that opens the epoch of a new leader of the metadata
// quorum.
//
// LeaderChangeMessage:
//   v1: adds voters.voter_directory_id, granting_voters.voter_directory_id
#pragma once

#include "protocol/message.h"

namespace moldau {

struct LeaderChangeMessage {
  static constexpr Api kApi{
      .key = 0, .name = "LeaderChangeMessage", .first = 0, .last = 1, .flexible = 0};

  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id{};

    void describe(auto& field) {
      field("voter_id", voter_id);
      field("voter_directory_id", voter_directory_id, {.since = 1});
    }
  };

  int16_t version = 0;
  int32_t leader_id = 0;
  std::vector<Voter> voters;
  std::vector<Voter> granting_voters;

  void describe(auto& field) {
    field("version", version);
    field("leader_id", leader_id);
    field("voters", voters);
    field("granting_voters", granting_voters);
  }
};

}  // namespace moldau
