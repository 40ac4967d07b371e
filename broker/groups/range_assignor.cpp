#include <algorithm>
#include <numeric>
#include <tuple>

#include "broker/groups/assignor.h"

namespace moldau {
namespace {

using Member = AssignSpec::Members::const_pointer;

// Static members come first: their names outlive a restart, so their places do too.
auto rank(Member member) {
  const std::optional<std::string>& instance = member->second.instance_id;
  const std::string_view name = instance ? std::string_view(*instance) : std::string_view();
  return std::tuple(!instance.has_value(), name, std::string_view(member->first));
}

std::vector<Member> ranked_members(const AssignSpec& spec) {
  std::vector<Member> members;
  for (const auto& member : spec.members) members.push_back(&member);
  std::ranges::sort(members, {}, rank);
  return members;
}

std::vector<int32_t> range(int32_t first, int32_t size) {
  std::vector<int32_t> partitions(static_cast<size_t>(size));
  std::iota(partitions.begin(), partitions.end(), first);
  return partitions;
}

void share_out(const Uuid& topic_id, int32_t partitions, const std::vector<Member>& subscribers,
               TargetAssignment& target) {
  const auto members = static_cast<int32_t>(subscribers.size());
  int32_t first = 0;
  for (int32_t i = 0; i < members; ++i) {
    const int32_t size = partitions / members + (i < partitions % members ? 1 : 0);
    if (size == 0) break;
    target[subscribers[static_cast<size_t>(i)]->first].emplace(topic_id, range(first, size));
    first += size;
  }
}

}  // namespace

TargetAssignment assign_range(const AssignSpec& spec) {
  TargetAssignment target;
  std::map<Uuid, std::vector<Member>> subscribers;
  for (Member member : ranked_members(spec)) {
    target[member->first];
    for (const Uuid& topic_id : member->second.subscribed) subscribers[topic_id].push_back(member);
  }
  for (const auto& [topic_id, partitions] : spec.partition_counts) {
    auto found = subscribers.find(topic_id);
    if (found != subscribers.end()) share_out(topic_id, partitions, found->second, target);
  }
  return target;
}

}  // namespace moldau
