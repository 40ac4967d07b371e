// Running a function on another executor from a coroutine, and coming back.
#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace moldau {

namespace asio = boost::asio;

// Runs `f()` on `target` and resumes on the caller's executor. `f` must not throw, and may block if
// `target` is a pool that is there for it.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> run_on(asio::any_io_executor target, F f) {
  using Result = std::invoke_result_t<F&>;
  asio::any_io_executor home = co_await asio::this_coro::executor;
  co_await asio::post(asio::bind_executor(target, asio::use_awaitable));
  if constexpr (std::is_void_v<Result>) {
    f();
    co_await asio::post(asio::bind_executor(home, asio::use_awaitable));
  } else {
    Result result = f();
    co_await asio::post(asio::bind_executor(home, asio::use_awaitable));
    co_return result;
  }
}

}  // namespace moldau
