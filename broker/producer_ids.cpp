#include "broker/producer_ids.h"

#include "protocol/messages/allocate_producer_ids.h"

namespace moldau {

std::optional<int64_t> ProducerIds::take() {
  absl::MutexLock lock(&mutex_);
  if (next_ == end_) return std::nullopt;
  return next_++;
}

asio::awaitable<absl::StatusOr<int64_t>> ProducerIds::next() {
  for (;;) {
    if (const auto id = take()) co_return *id;
    const auto* broker = metadata_.image()->broker(node_id_);
    const AllocateProducerIdsRequest request{.broker_id = node_id_,
                                             .broker_epoch = broker ? broker->epoch : -1};
    const auto decide = [request](Controller& controller, int64_t) {
      return controller.allocate_producer_ids(request);
    };
    const auto block = co_await metadata_.propose(decide);
    if (!block.ok()) co_return block.status();
    if (block->error_code != 0)
      co_return absl::UnavailableError("the controller gave out no producer ids");
    // Shards that ran out together each bring a block; the last one is used, the others are
    // skipped.
    absl::MutexLock lock(&mutex_);
    next_ = block->producer_id_start;
    end_ = block->producer_id_start + block->producer_id_len;
  }
}

}  // namespace moldau
