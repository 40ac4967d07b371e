#include "broker/groups/classic_member.h"

#include <algorithm>

namespace moldau {

const ClassicMember::Protocol* ClassicMember::find(std::string_view protocol) const {
  const auto it = std::ranges::find(protocols, protocol, &Protocol::name);
  return it == protocols.end() ? nullptr : &*it;
}

SharedBytes ClassicMember::metadata(std::string_view protocol) const {
  const Protocol* found = find(protocol);
  return found ? found->metadata : share({});
}

bool ClassicMember::has_protocols(const std::vector<JoinGroupRequest::Protocol>& others) const {
  return std::ranges::equal(protocols, others, [](const Protocol& own, const auto& other) {
    return own.name == other.name && *own.metadata == as_text(other.metadata);
  });
}

std::string fresh_member_id(const JoinGroup& join) {
  constexpr size_t kMaxNameBytes = 32'000;
  const std::string& name =
      join.request.group_instance_id ? *join.request.group_instance_id : join.caller.client_id;
  return name.substr(0, kMaxNameBytes) + "-" + join.fresh_uuid;
}

std::vector<ClassicMember::Protocol> keep(
    const std::vector<JoinGroupRequest::Protocol>& protocols) {
  std::vector<ClassicMember::Protocol> kept;
  for (const auto& protocol : protocols)
    kept.push_back({.name = protocol.name, .metadata = share(protocol.metadata)});
  return kept;
}

}  // namespace moldau
