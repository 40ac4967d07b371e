// Real time for one io_context. See replication/clock.h for what a clock is.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "replication/clock.h"

namespace moldau {

// Sleeps in one timer of the operating system, and not at all while nobody waits.
class RealClock final : public Clock {
 public:
  RealClock() = default;
  explicit RealClock(boost::asio::io_context& context) : context_(&context) {}
  ~RealClock() override;
  void attach(boost::asio::io_context& context) { context_ = &context; }  // Before the first use.

  Time now() const override { return std::chrono::steady_clock::now(); }
  int64_t wall_ms() const override;
  // Drops the callbacks and the timer; to be called before the context goes.
  void close();

 private:
  struct SystemTimer;

  void arm(Time earliest) override;

  boost::asio::io_context* context_ = nullptr;
  std::shared_ptr<SystemTimer> timer_;
};

}  // namespace moldau
