// What tests of the shells share: a clock and a flusher moved by hand, and coroutines to look at.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "protocol/record_batch.h"
#include "replication/clock.h"
#include "storage/flusher.h"
#include "tests/storage/simulated_disk.h"

namespace moldau {

class ManualClock final : public Clock {
 public:
  Time now() const override { return now_; }
  int64_t wall_ms() const override {
    return 1'700'000'000'000 +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_ - Time()).count();
  }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    run_due();
  }

 private:
  void arm(Time) override {}
  Time now_ = Time() + std::chrono::hours(1);
};

// A slow disk: rounds end when the test says so.
class ManualFlusher final : public Flusher {
 public:
  void sync(std::vector<Unsynced> files, Done done) override {
    ++asked;
    if (is_instant) {
      done(sync_all(files));
    } else {
      rounds_.emplace_back(std::move(files), std::move(done));
    }
  }
  bool finish_round() {
    if (rounds_.empty()) return false;
    auto [files, done] = std::move(rounds_.front());
    rounds_.pop_front();
    done(sync_all(files));
    return true;
  }
  void forget() { rounds_.clear(); }

  bool is_instant = false;
  int asked = 0;

 private:
  static absl::Status sync_all(const std::vector<Unsynced>& files) {
    absl::Status status;
    for (const auto& unsynced : files) status.Update(unsynced.file->sync());
    return status;
  }
  std::deque<std::pair<std::vector<Unsynced>, Done>> rounds_;
};

class ShellTest : public testing::Test {
 protected:
  // Runs what can run.
  void settle() {
    context.restart();
    context.poll();
  }
  // The result of a coroutine, once it has one.
  template <class T>
  using Pending = std::shared_ptr<std::optional<T>>;
  template <class T>
  Pending<T> start(boost::asio::awaitable<T> work) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(context, std::move(work), [result](std::exception_ptr error, T value) {
      EXPECT_FALSE(error);
      *result = std::move(value);
    });
    settle();
    return result;
  }
  // Of a coroutine that has to end without further ado.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    auto result = start(std::move(work));
    EXPECT_TRUE(result->has_value());
    return *std::move(*result);
  }

  SimulatedDisk disk;
  boost::asio::io_context context;
  ManualFlusher flusher;
  ManualClock clock;
};

}  // namespace moldau
