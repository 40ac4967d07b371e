// Keeps one misbehaving client from filling the log: a line per key and interval.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "replication/clock.h"

namespace moldau {

// Any thread; the lock is taken for log lines only, which are about to be written anyway.
class LogLimit {
 public:
  explicit LogLimit(std::chrono::milliseconds interval = std::chrono::seconds(10))
      : interval_(interval) {}

  // How many lines of this key were left out since the last one written; nullopt if this one is
  // to be left out too.
  std::optional<uint64_t> allow(std::string_view key, Clock::Time now);

 private:
  struct Recent {
    Clock::Time written;
    uint64_t left_out = 0;
  };

  void forget_old(Clock::Time now);

  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::unordered_map<std::string, Recent> recent_;
};

// "", or " (N similar lines left out)".
std::string left_out_note(uint64_t left_out);

}  // namespace moldau
