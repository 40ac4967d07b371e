#include "replication/event.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace moldau {

Event::~Event() {
  if (timer_) clock_.take(*timer_);
}

asio::awaitable<bool> Event::wait_until(Clock::Time deadline) {
  if (is_set_) {
    is_set_ = false;
    co_return true;
  }
  executor_ = co_await asio::this_coro::executor;
  auto start = [this, deadline](auto handler) {
    timer_ = clock_.call_at(deadline, [this, handler = std::move(handler)](bool expired) mutable {
      if (expired) timer_.reset();
      std::move(handler)(!expired);
    });
  };
  bool was_set = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      std::move(start), asio::use_awaitable);
  co_return was_set;
}

asio::awaitable<void> Event::wait() {
  auto was_set = co_await wait_until(Clock::kNever);
  static_cast<void>(was_set);
}

void Event::set() {
  if (!timer_) {
    is_set_ = true;
    return;
  }
  auto resume = clock_.take(*timer_);
  timer_.reset();
  asio::post(executor_, [resume = std::move(resume)]() mutable { std::move(resume)(false); });
}

void SharedEvent::set() {
  if (posted_.exchange(true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->posted_ = false;
    self->event_.set();
  });
}

asio::awaitable<void> sleep_until(Clock& clock, Clock::Time deadline) {
  Event never(clock);
  auto was_set = co_await never.wait_until(deadline);
  static_cast<void>(was_set);
}

}  // namespace moldau
