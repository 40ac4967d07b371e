#include "replication/append_round.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "replication/replica.h"

namespace moldau {

asio::awaitable<void> AppendRound::ended() {
  if (has_ended_) co_return;
  Event now(clock_);
  waiting_.push_back(&now);
  co_await now.wait();
}

void AppendRound::run() {
  for (const auto& replica : std::exchange(replicas_, {})) replica->write_put_off();
  has_ended_ = true;
  for (Event* event : std::exchange(waiting_, {})) event->set();
}

std::shared_ptr<AppendRound> AppendRounds::current() {
  auto round = current_.lock();
  if (round && !round->has_ended_) return round;
  round = std::make_shared<AppendRound>(clock_);
  current_ = round;
  asio::post(executor_, [round] { round->run(); });
  return round;
}

}  // namespace moldau
