// A member of a classic group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/groups/events.h"

namespace moldau {

struct ClassicMember {
  struct Protocol {
    std::string name;
    SharedBytes metadata;  // Opaque: the assignor's; for consumers their subscription.
  };

  std::string id;
  std::optional<std::string> instance_id;  // Set for a static member (KIP-345).
  std::string client_id;
  std::string client_host;
  int32_t rebalance_timeout_ms = 0;
  int32_t session_timeout_ms = 0;
  std::vector<Protocol> protocols;     // The preferred one first.
  SharedBytes assignment = share({});  // The last that a leader gave it; opaque.

  // The JoinGroup, while the group prepares a rebalance, or the SyncGroup, while it completes one,
  // that has no answer yet.
  std::optional<Ticket> waiting;
  // When it is taken for dead (steady_ms). Never while it waits for the group: it may not send
  // anything then. Only a member that is new has to come again after a while, as it may not know
  // its id yet and so leave the group with no word.
  std::optional<int64_t> expires_at;
  bool has_synced = true;  // In this generation.

  bool supports(std::string_view protocol) const { return find(protocol) != nullptr; }
  // Of a protocol that it does not support: empty.
  SharedBytes metadata(std::string_view protocol) const;
  bool has_protocols(const std::vector<JoinGroupRequest::Protocol>& others) const;

 private:
  const Protocol* find(std::string_view protocol) const;
};

// The id of a member that comes without one. It fits a string of the protocol, however long the
// name that it begins with.
std::string fresh_member_id(const JoinGroup& join);

std::vector<ClassicMember::Protocol> keep(const std::vector<JoinGroupRequest::Protocol>& protocols);

}  // namespace moldau
