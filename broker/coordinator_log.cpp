#include "broker/coordinator_log.h"

#include <utility>

namespace moldau {
namespace {

// Every replica in sync has to have what a coordinator answers for.
constexpr int16_t kAllAcks = -1;

class ReplicaLog final : public CoordinatorLog {
 public:
  ReplicaLog(std::shared_ptr<Replica> replica, asio::any_io_executor blocking)
      : replica_(std::move(replica)), blocking_(std::move(blocking)) {}

  AppendResult append(MutableBytes batches, int64_t now_ms) override {
    return replica_->append(batches, AppendOrigin::kCoordinator, now_ms, kAllAcks);
  }

  asio::awaitable<ErrorCode> committed(int64_t last_offset, int32_t leader_epoch,
                                       Clock::Time deadline) override {
    return replica_->committed(last_offset, leader_epoch, deadline);
  }

  asio::awaitable<absl::StatusOr<ReadBytes>> read(int64_t offset, int64_t end_offset,
                                                  size_t max_bytes) override {
    constexpr bool kAtLeastOne = true;
    auto plan = replica_->log().plan_read(offset, end_offset, max_bytes, kAtLeastOne);
    if (!plan.ok()) co_return plan.status();
    if (!plan->file) co_return ReadBytes{.next_offset = end_offset};  // All of it compacted away.
    if (!blocking_) co_return carry_out(*plan, ReadMode::kMayBlock);
    auto carry = [plan = *std::move(plan)] { return carry_out(plan, ReadMode::kMayBlock); };
    auto bytes = co_await run_on(blocking_, std::move(carry));
    co_return bytes;
  }

  int64_t log_start_offset() const override { return replica_->log_start_offset(); }
  int64_t log_end_offset() const override { return replica_->log_end_offset(); }
  int32_t leader_epoch() const override { return replica_->leader_epoch(); }
  int32_t epoch_at(int64_t offset) const override { return replica_->log().epoch_at(offset); }
  const Uuid& topic_id() const override { return replica_->log().topic_id(); }

 private:
  std::shared_ptr<Replica> replica_;
  asio::any_io_executor blocking_;
};

}  // namespace

std::shared_ptr<CoordinatorLog> make_coordinator_log(std::shared_ptr<Replica> replica,
                                                     asio::any_io_executor blocking) {
  return std::make_shared<ReplicaLog>(std::move(replica), std::move(blocking));
}

}  // namespace moldau
