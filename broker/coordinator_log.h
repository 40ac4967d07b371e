// The log under a coordinator: a partition that this broker leads. Everything on its shard.
#pragma once

#include <cstdint>
#include <memory>

#include "protocol/bytes.h"
#include "protocol/error_code.h"
#include "protocol/uuid.h"
#include "replication/clock.h"
#include "replication/hop.h"
#include "replication/replica.h"
#include "storage/log.h"

#include "absl/status/statusor.h"

namespace moldau {

class CoordinatorLog {
 public:
  virtual ~CoordinatorLog() = default;

  // As in Replica. The batches are rewritten in place.
  virtual AppendResult append(MutableBytes batches, int64_t now_ms) = 0;
  virtual asio::awaitable<ErrorCode> committed(int64_t last_offset, int32_t leader_epoch,
                                               Clock::Time deadline) = 0;
  // Whole batches from `offset` on, at least one, and none that begins at `end_offset` or later.
  virtual asio::awaitable<absl::StatusOr<ReadBytes>> read(int64_t offset, int64_t end_offset,
                                                          size_t max_bytes) = 0;
  virtual int64_t log_start_offset() const = 0;
  virtual int64_t log_end_offset() const = 0;
  virtual int32_t leader_epoch() const = 0;
  virtual int32_t epoch_at(int64_t offset) const = 0;  // -1 if unknown.
  virtual const Uuid& topic_id() const = 0;
};

// `blocking` is where reads may wait for the disk; none: in place.
std::shared_ptr<CoordinatorLog> make_coordinator_log(std::shared_ptr<Replica> replica,
                                                     asio::any_io_executor blocking);

}  // namespace moldau
