#include "storage/leader_epochs.h"

#include <algorithm>

#include "storage/checkpoint_file.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace moldau {

absl::StatusOr<LeaderEpochs> LeaderEpochs::parse(std::string_view text) {
  auto lines = parse_checkpoint_file(text, 2);
  if (!lines.ok()) return lines.status();
  LeaderEpochs epochs;
  for (const auto& fields : *lines) {
    const auto epoch = parse_number<int32_t>(fields[0]);
    const auto start = parse_number<int64_t>(fields[1]);
    if (!epoch || !start) return absl::DataLossError("a line is not two numbers");
    if (!epochs.empty() &&
        (*epoch <= epochs.latest() || *start < epochs.entries_.back().start_offset))
      return absl::DataLossError("epochs do not ascend");
    epochs.entries_.push_back({*epoch, *start});
  }
  return epochs;
}

std::string LeaderEpochs::text() const {
  std::vector<std::string> lines;
  for (const auto& entry : entries_)
    lines.push_back(absl::StrCat(entry.epoch, " ", entry.start_offset));
  return checkpoint_file_text(lines);
}

bool LeaderEpochs::assign(int32_t epoch, int64_t start_offset) {
  if (!entries_.empty() && entries_.back().epoch == epoch &&
      entries_.back().start_offset <= start_offset)
    return false;
  while (!entries_.empty() &&
         (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset))
    entries_.pop_back();
  entries_.push_back({epoch, start_offset});
  return true;
}

bool LeaderEpochs::truncate_from(int64_t end_offset) {
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
  return entries_.size() != before;
}

bool LeaderEpochs::truncate_before(int64_t start_offset) {
  auto keep = std::ranges::partition_point(
      entries_, [&](const Entry& e) { return e.start_offset <= start_offset; });
  if (keep == entries_.begin()) return false;
  --keep;  // The epoch that holds start_offset.
  const bool changes = keep != entries_.begin() || keep->start_offset != start_offset;
  keep->start_offset = start_offset;
  entries_.erase(entries_.begin(), keep);
  return changes;
}

int32_t LeaderEpochs::epoch_at(int64_t offset) const {
  const auto after = std::ranges::partition_point(
      entries_, [&](const Entry& e) { return e.start_offset <= offset; });
  return after == entries_.begin() ? -1 : (after - 1)->epoch;
}

LeaderEpochs::End LeaderEpochs::end_offset_for(int32_t epoch, int64_t log_end_offset) const {
  if (epoch < 0 || entries_.empty()) return {};
  if (epoch == latest()) return {epoch, log_end_offset};
  const auto next =
      std::ranges::partition_point(entries_, [&](const Entry& e) { return e.epoch <= epoch; });
  if (next == entries_.end()) return {};
  if (next == entries_.begin()) return {epoch, next->start_offset};
  return {(next - 1)->epoch, next->start_offset};
}

}  // namespace moldau
