// What the broker does by itself now and then: retention, rolls by time, and the checkpoint files
// that make the next start quick.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "broker/config/config.h"
#include "broker/partitions.h"
#include "replication/event.h"

namespace moldau {

class Housekeeping {
 public:
  // On shard 0. What is given outlives the object.
  Housekeeping(Partitions& partitions, const Config& config,
               std::function<void(const absl::Status&)> on_failure);

  // Until stop(): retention every log.retention.check.interval.ms, checkpoints every
  // log.flush.offset.checkpoint.interval.ms.
  asio::awaitable<void> run_retention();
  asio::awaitable<void> run_checkpoints();
  void stop();

  asio::awaitable<void> apply_retention();

  // Writes the durable end, the high watermark and the start of every log. From any shard; calls
  // that come while one is under way share the next.
  asio::awaitable<void> write_checkpoints();

 private:
  asio::awaitable<void> write_checkpoints_now();
  asio::awaitable<void> remove_later(std::vector<std::string> files, int64_t delay_ms);

  Partitions& partitions_;
  const Config& config_;
  std::function<void(const absl::Status&)> on_failure_;
  Shard& home_;
  bool is_stopped_ = false;
  Event stop_retention_;
  Event stop_checkpoints_;

  bool is_writing_ = false;
  uint64_t asked_ = 0;
  uint64_t written_ = 0;
  std::vector<Event*> waiting_;
};

}  // namespace moldau
