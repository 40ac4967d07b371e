// Time and a coordinator's log that a test moves by hand.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "broker/coordinator_log.h"
#include "protocol/record_batch.h"
#include "replication/event.h"

namespace moldau {

// One executor and its clock; runs until nothing is left to do before `limit`.
class SimulatedTime final : public Clock {
 public:
  ~SimulatedTime() override { clear(); }
  Time now() const override { return now_; }
  int64_t wall_ms() const override { return 1'000'000 + since_start().count(); }
  std::chrono::milliseconds since_start() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - Time{});
  }
  boost::asio::io_context& context() { return context_; }

  void run_ready() {
    context_.restart();
    context_.poll();
  }
  void advance(std::chrono::milliseconds by) {
    const Time limit = now_ + by;
    for (run_ready(); earliest() <= limit; run_ready()) {
      now_ = std::max(now_, earliest());
      run_due();
    }
    now_ = limit;
  }

 private:
  void arm(Time) override {}

  Time now_{std::chrono::hours(1)};
  boost::asio::io_context context_;
};

// What a partition's leader keeps: batches, of which the test says how far they are committed.
class SimulatedCoordinatorLog final : public CoordinatorLog {
 public:
  explicit SimulatedCoordinatorLog(Clock& clock) : clock_(clock) {}

  AppendResult append(MutableBytes bytes, int64_t) override {
    ++appends;
    if (refuse_with != ErrorCode::kNone) return {.error = refuse_with};
    AppendResult result{.first_offset = log_end_offset()};
    const auto walked = for_each_batch(bytes, [&](const BatchHeader& header, Bytes batch) {
      batches_.push_back({end_, epoch, std::string(as_text(batch))});
      auto& data = batches_.back().data;
      set_offset_and_epoch({reinterpret_cast<uint8_t*>(data.data()), data.size()}, end_, epoch);
      end_ += header.last_offset_delta + 1;
      return true;
    });
    if (!walked.ok()) std::abort();
    result.last_offset = end_ - 1;
    if (commits_at_once) commit();
    return result;
  }

  asio::awaitable<ErrorCode> committed(int64_t last_offset, int32_t,
                                       Clock::Time deadline) override {
    while (last_offset >= committed_end_ && fail_with == ErrorCode::kNone) {
      Event moved(clock_);
      waiting_.push_back(&moved);
      const bool was_set = co_await moved.wait_until(deadline);
      std::erase(waiting_, &moved);
      if (!was_set) co_return ErrorCode::kRequestTimedOut;
    }
    co_return last_offset < committed_end_ ? ErrorCode::kNone : fail_with;
  }

  asio::awaitable<absl::StatusOr<ReadBytes>> read(int64_t offset, int64_t end_offset,
                                                  size_t max_bytes) override {
    auto memory = std::make_shared<std::string>();
    ReadBytes out{.next_offset = offset};
    for (size_t i = 0; i < batches_.size(); ++i) {
      const int64_t next = i + 1 < batches_.size() ? batches_[i + 1].base_offset : end_;
      if (next <= offset || batches_[i].base_offset >= end_offset) continue;
      if (!memory->empty() && memory->size() + batches_[i].data.size() > max_bytes) break;
      *memory += batches_[i].data;
      out.next_offset = next;
      ++batches_read;
    }
    out.memory = std::make_shared<Buffer>(memory->size());
    std::ranges::copy(as_bytes(*memory), out.memory->data());
    out.batches = out.memory->bytes();
    co_return out;
  }

  int64_t log_start_offset() const override { return start_; }
  int64_t log_end_offset() const override { return end_; }
  int32_t leader_epoch() const override { return epoch; }
  int32_t epoch_at(int64_t offset) const override {
    int32_t found = -1;
    for (const auto& batch : batches_)
      if (batch.base_offset <= offset) found = batch.epoch;
    return found;
  }
  const Uuid& topic_id() const override { return id; }

  void commit() {
    committed_end_ = end_;
    wake();
  }
  void fail(ErrorCode error) {
    fail_with = error;
    wake();
  }
  // Everything that is not committed is gone.
  void crash() {
    std::erase_if(batches_, [&](const auto& batch) { return batch.base_offset >= committed_end_; });
    end_ = committed_end_;
    fail_with = refuse_with = ErrorCode::kNone;
    ++epoch;
  }
  void load(Bytes segment) {  // As another broker wrote it.
    const auto walked = for_each_batch(segment, [&](const BatchHeader& header, Bytes batch) {
      batches_.push_back({header.base_offset, epoch, std::string(as_text(batch))});
      end_ = header.next_offset();
      return true;
    });
    if (!walked.ok()) std::abort();
    commit();
  }
  size_t batch_count() const { return batches_.size(); }
  const std::string& batch(size_t i) const { return batches_.at(i).data; }

  bool commits_at_once = true;
  ErrorCode refuse_with = ErrorCode::kNone;  // The next appends.
  ErrorCode fail_with = ErrorCode::kNone;    // What waits for a commit, from fail() on.
  int32_t epoch = 1;
  Uuid id{9};
  int appends = 0;
  int batches_read = 0;

 private:
  struct Batch {
    int64_t base_offset;
    int32_t epoch;
    std::string data;
  };
  void wake() {
    for (auto* waiting : waiting_) waiting->set();
  }

  Clock& clock_;
  std::vector<Batch> batches_;
  int64_t start_ = 0, end_ = 0, committed_end_ = 0;
  std::vector<Event*> waiting_;
};

}  // namespace moldau
