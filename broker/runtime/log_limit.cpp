#include "broker/runtime/log_limit.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kMostKeys = 1024;

}  // namespace

std::optional<uint64_t> LogLimit::allow(std::string_view key, Clock::Time now) {
  std::lock_guard lock(mutex_);
  if (recent_.size() >= kMostKeys) forget_old(now);
  // With that many keys at once they share one.
  if (recent_.size() >= kMostKeys) key = "";
  auto [it, is_new] = recent_.try_emplace(std::string(key), Recent{.written = now});
  if (is_new) return 0;
  if (now - it->second.written < interval_) {
    ++it->second.left_out;
    return std::nullopt;
  }
  it->second.written = now;
  return std::exchange(it->second.left_out, 0);
}

void LogLimit::forget_old(Clock::Time now) {
  std::erase_if(recent_,
                [&](const auto& entry) { return now - entry.second.written >= interval_; });
}

std::string left_out_note(uint64_t left_out) {
  return left_out == 0 ? "" : absl::StrCat(" (", left_out, " similar lines left out)");
}

}  // namespace moldau
