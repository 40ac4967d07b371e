#include "broker/housekeeping.h"

#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include "broker/runtime/fan_out.h"

namespace moldau {
namespace {

Clock::Time in_ms(Clock& clock, int64_t ms) { return clock.now() + std::chrono::milliseconds(ms); }

struct Checkpoints {
  OffsetCheckpoint recovery_points;
  OffsetCheckpoint high_watermarks;
  OffsetCheckpoint log_starts;
};

}  // namespace

Housekeeping::Housekeeping(Partitions& partitions, const Config& config,
                           std::function<void(const absl::Status&)> on_failure)
    : partitions_(partitions),
      config_(config),
      on_failure_(std::move(on_failure)),
      home_(partitions.shards()[0]),
      stop_retention_(home_.clock()),
      stop_checkpoints_(home_.clock()) {}

void Housekeeping::stop() {
  is_stopped_ = true;
  stop_retention_.set();
  stop_checkpoints_.set();
}

asio::awaitable<void> Housekeeping::run_retention() {
  const int64_t interval_ms = config_.get<"log.retention.check.interval.ms">();
  while (!is_stopped_) {
    co_await stop_retention_.wait_until(in_ms(home_.clock(), interval_ms));
    if (!is_stopped_) co_await apply_retention();
  }
}

asio::awaitable<void> Housekeeping::run_checkpoints() {
  const int64_t interval_ms = config_.get<"log.flush.offset.checkpoint.interval.ms">();
  while (!is_stopped_) {
    co_await stop_checkpoints_.wait_until(in_ms(home_.clock(), interval_ms));
    if (!is_stopped_) co_await write_checkpoints();
  }
}

asio::awaitable<void> Housekeeping::apply_retention() {
  const auto on_shard = [this](Shard& shard) -> asio::awaitable<void> {
    const int64_t now_ms = shard.clock().wall_ms();
    for (const auto& found : partitions_.on_shard(shard)) {
      Log& log = found.replica->log();
      if (found.replica->is_offline()) continue;
      if (const auto status = log.roll_if_due(now_ms); !status.ok()) on_failure_(status);
      const auto retention = log.apply_retention(now_ms, found.replica->high_watermark());
      if (!retention.ok())
        on_failure_(retention.status());
      else if (retention->segments > 0)
        spdlog::info("Retention removed {} segments ({} bytes) of {}: {}", retention->segments,
                     retention->bytes, found.name.to_string(), retention->reason);
      auto files = log.take_deleted_files();
      if (!files.empty())
        asio::co_spawn(home_.executor(),
                       remove_later(std::move(files), log.config().file_delete_delay_ms),
                       asio::detached);
    }
    co_return;
  };
  co_await on_each(home_, partitions_.shards().all(), on_shard);
  co_await write_checkpoints();
}

asio::awaitable<void> Housekeeping::remove_later(std::vector<std::string> files, int64_t delay_ms) {
  co_await sleep_until(home_.clock(), in_ms(home_.clock(), delay_ms));
  const auto remove = [this, &files] {
    absl::Status status;
    for (const auto& file : files) status.Update(partitions_.disk().remove(file));
    return status;
  };
  const auto status = co_await partitions_.pool().run(remove);
  if (!status.ok()) on_failure_(status);
}

asio::awaitable<void> Housekeeping::write_checkpoints() {
  const auto at_home = [this]() -> asio::awaitable<void> {
    const uint64_t mine = ++asked_;
    if (is_writing_) {
      Event done(home_.clock());
      while (written_ < mine) {
        waiting_.push_back(&done);
        co_await done.wait();
      }
      co_return;
    }
    is_writing_ = true;
    while (written_ < asked_) {
      const uint64_t covered = asked_;
      co_await write_checkpoints_now();
      written_ = covered;
      for (Event* event : std::exchange(waiting_, {})) event->set();
    }
    is_writing_ = false;
  };
  co_await on(home_, at_home);
}

asio::awaitable<void> Housekeeping::write_checkpoints_now() {
  std::vector<Checkpoints> by_directory(partitions_.directories().size());
  for (int i = 0; i < partitions_.shards().size(); ++i) {
    Shard& shard = partitions_.shards()[i];
    const auto collect = [&] {
      for (const auto& found : partitions_.on_shard(shard)) {
        const Log& log = found.replica->log();
        auto& offsets = by_directory[found.directory];
        offsets.recovery_points[found.name] = log.durable_offset();
        offsets.high_watermarks[found.name] = found.replica->high_watermark();
        if (log.log_start_offset() > 0) offsets.log_starts[found.name] = log.log_start_offset();
      }
    };
    co_await on(shard, collect);
  }
  const auto write = [this, &by_directory] {
    absl::Status status;
    for (size_t i = 0; i < by_directory.size(); ++i) {
      LogDirectory& directory = *partitions_.directories()[i].directory;
      status.Update(directory.write_recovery_points(by_directory[i].recovery_points));
      status.Update(directory.write_high_watermarks(by_directory[i].high_watermarks));
      status.Update(directory.write_log_starts(by_directory[i].log_starts));
    }
    return status;
  };
  const auto status = co_await partitions_.pool().run(write);
  if (!status.ok()) on_failure_(status);
}

}  // namespace moldau
