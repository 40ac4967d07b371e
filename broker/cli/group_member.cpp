#include "broker/cli/group_member.h"

#include <algorithm>
#include <chrono>

namespace moldau::cli {
namespace {

constexpr int kRequestTimeoutMs = 30'000;
constexpr int64_t kLearnAgainMs = 30'000;  // New topics and partitions are looked for so often.

// What a change of makes another assignment necessary.
std::vector<std::pair<std::string, size_t>> shape(
    const std::vector<MetadataResponse::Topic>& topics) {
  std::vector<std::pair<std::string, size_t>> counts;
  for (const auto& topic : topics)
    counts.emplace_back(topic.name.value_or(""), topic.partitions.size());
  return counts;
}

}  // namespace

GroupMember::GroupMember(Client& client, Options options, Positions positions)
    : client_(client),
      options_(std::move(options)),
      coordinator_(client, kRequestTimeoutMs),
      positions_(std::move(positions)),
      next_commit_ms_(now_ms() + options_.auto_commit_interval_ms) {}

int64_t GroupMember::now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<bool> GroupMember::learn_topics(bool must_be_new) {
  if (!must_be_new && now_ms() < learn_topics_ms_) return false;
  const bool by_pattern = options_.topics.empty();
  auto metadata = client_.metadata(by_pattern ? nullptr : &options_.topics, !by_pattern);
  if (!metadata.ok()) return metadata.status();
  learn_topics_ms_ = now_ms() + kLearnAgainMs;
  const auto before = shape(topics_);
  topics_.clear();
  for (const auto& topic : metadata->topics) {
    if (by_pattern && !options_.includes(topic.name.value_or(""))) continue;
    if (topic.error_code == 0) {
      topics_.push_back(topic);
    } else if (is_retriable(static_cast<ErrorCode>(topic.error_code))) {
      learn_topics_ms_ = now_ms() + 200;  // It may just be in the making.
    } else {
      return to_status(topic.error_code);
    }
  }
  std::ranges::sort(topics_, {}, &MetadataResponse::Topic::name);
  return shape(topics_) != before;
}

absl::Status GroupMember::commit() {
  next_commit_ms_ = now_ms() + options_.auto_commit_interval_ms;
  PartitionOffsets offsets = positions_();
  std::erase_if(offsets, [&](const auto& entry) { return !assigned_.contains(entry.first); });
  if (!options_.auto_commit || offsets.empty()) return absl::OkStatus();
  absl::Status status = coordinator_.commit(options_.group, committer(), offsets);
  if (!status.ok()) next_heartbeat_ms_ = 0;
  return status;
}

absl::StatusOr<std::optional<GroupMember::Assignment>> GroupMember::keep_up(int64_t timeout_ms) {
  std::optional<Assignment> assignment;
  auto changed = step(timeout_ms);
  if (!changed.ok()) return changed.status();
  if (!*changed) {
    if (now_ms() >= next_commit_ms_) (void)commit();
    return assignment;
  }
  assignment = {.all = assigned_, .starts = {}};
  if (new_.empty()) return assignment;
  auto committed = coordinator_.committed(options_.group);
  if (!committed.ok()) return committed.status();
  for (const auto& partition : new_) {
    const auto found = committed->find(partition);
    assignment->starts[partition] = found == committed->end() ? -1 : found->second.offset;
  }
  return assignment;
}

absl::Status GroupMember::leave() {
  const absl::Status committed = commit();
  const absl::Status left = say_goodbye();
  return committed.ok() ? left : committed;
}

}  // namespace moldau::cli
