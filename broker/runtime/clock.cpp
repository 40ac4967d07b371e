#include "broker/runtime/clock.h"

#include <boost/asio/steady_timer.hpp>

namespace moldau {

struct RealClock::SystemTimer {
  explicit SystemTimer(boost::asio::io_context& context) : timer(context) {}
  boost::asio::steady_timer timer;
};

RealClock::~RealClock() = default;

int64_t RealClock::wall_ms() const {
  auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

void RealClock::arm(Time earliest) {
  if (!timer_) timer_ = std::make_shared<SystemTimer>(*context_);
  if (earliest == kNever) return;
  timer_->timer.expires_at(earliest);
  timer_->timer.async_wait([this](boost::system::error_code error) {
    if (!error) run_due();
  });
}

void RealClock::close() {
  clear();
  timer_.reset();
}

}  // namespace moldau
