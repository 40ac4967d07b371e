// Numbers for idempotent producers, from blocks that the controller hands out (KIP-730): a number
// is never given twice, over restarts and crashes too.
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "replication/metadata_log.h"

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace moldau {

class ProducerIds {
 public:
  ProducerIds(MetadataLog& metadata, int32_t node_id) : metadata_(metadata), node_id_(node_id) {}

  // From any shard.
  asio::awaitable<absl::StatusOr<int64_t>> next();

 private:
  std::optional<int64_t> take();

  MetadataLog& metadata_;
  const int32_t node_id_;
  absl::Mutex mutex_;  // Shards share one block; taken for an increment, never over a wait.
  int64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace moldau
