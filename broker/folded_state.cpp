#include "broker/folded_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocol/big_endian.h"

namespace moldau {
namespace {

constexpr char kPositionMark = 0, kEntryMark = 1;
constexpr size_t kPositionBytes = 1 + 16 + 8 + 4 + 8;

std::string encode(const FoldedState::Position& position) {
  std::string out(kPositionBytes, '\0');
  auto* at = reinterpret_cast<uint8_t*>(out.data());
  at[0] = position.version;
  std::ranges::copy(position.topic_id, at + 1);
  store_big_endian(at + 17, position.end_offset);
  store_big_endian(at + 25, position.leader_epoch);
  store_big_endian(at + 29, position.folded_at_ms);
  return out;
}

std::optional<FoldedState::Position> decode(std::string_view text) {
  if (text.size() != kPositionBytes) return std::nullopt;
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  FoldedState::Position position{.version = at[0]};
  std::copy_n(at + 1, 16, position.topic_id.begin());
  position.end_offset = load_big_endian<int64_t>(at + 17);
  position.leader_epoch = load_big_endian<int32_t>(at + 25);
  position.folded_at_ms = load_big_endian<int64_t>(at + 29);
  return position;
}

}  // namespace

FoldedState::FoldedState(Table& table, std::string prefix)
    : table_(table), prefix_(std::move(prefix)) {}

std::string FoldedState::table_key(std::string_view key) const {
  std::string full = prefix_ + kEntryMark;
  full += key;
  return full;
}

std::optional<std::string> FoldedState::get(std::string_view key) const {
  if (const auto it = writes_.find(key); it != writes_.end()) return it->second;
  auto found = table_.get(table_key(key));
  if (found.ok()) return *std::move(found);
  status_.Update(found.status());
  return std::nullopt;
}

void FoldedState::scan_from(std::string_view prefix, std::string_view from,
                            const Visit& visit) const {
  auto write = writes_.lower_bound(std::max(prefix, from));
  const auto is_write = [&] { return write != writes_.end() && write->first.starts_with(prefix); };
  bool go_on = true;
  const auto visit_writes_below = [&](std::optional<std::string_view> bound) {
    for (; go_on && is_write() && (!bound || write->first < *bound); ++write)
      if (write->second) go_on = visit(write->first, *write->second);
  };
  const size_t skip = prefix_.size() + 1;
  const auto visit_entry = [&](std::string_view full, std::string_view value) {
    const std::string_view key = full.substr(skip);
    visit_writes_below(key);
    if (!go_on) return false;
    if (is_write() && write->first == key) {
      if (write->second) go_on = visit(key, *write->second);
      ++write;
    } else {
      go_on = visit(key, value);
    }
    return go_on;
  };
  status_.Update(table_.scan_from(table_key(prefix), table_key(from), visit_entry));
  visit_writes_below(std::nullopt);
}

bool FoldedState::has_prefix(std::string_view prefix) const {
  bool found = false;
  scan(prefix, [&](std::string_view, std::string_view) {
    found = true;
    return false;
  });
  return found;
}

void FoldedState::put(std::string key, std::string value) {
  writes_[std::move(key)] = std::move(value);
}

void FoldedState::erase(std::string key) { writes_[std::move(key)] = std::nullopt; }

std::optional<FoldedState::Position> FoldedState::position() const {
  auto found = table_.get(prefix_ + kPositionMark);
  if (!found.ok() || !*found) return std::nullopt;
  return decode(**found);
}

absl::Status FoldedState::commit(const Position& position) {
  std::vector<Table::Write> batch;
  batch.reserve(writes_.size() + 1);
  for (const auto& [key, value] : writes_) batch.push_back({table_key(key), value});
  batch.push_back({prefix_ + kPositionMark, encode(position)});
  absl::Status status = table_.apply(batch);
  if (status.ok()) writes_.clear();
  return status;
}

void FoldedState::discard() {
  writes_.clear();
  status_ = absl::OkStatus();
}

absl::Status FoldedState::clear() {
  writes_.clear();
  return table_.remove_prefix(prefix_);
}

}  // namespace moldau
