// Running a function on another executor from a coroutine, and coming back.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace moldau {

namespace asio = boost::asio;

// Runs `f()` on `target`, in place if that is empty, and resumes on the caller's executor. `f` must
// not throw; it may block if `target` is a pool that is there for it.
template <class F>
asio::awaitable<std::invoke_result_t<F&>> run_on(asio::any_io_executor target, F f) {
  using Result = std::invoke_result_t<F&>;
  static_assert(!std::is_void_v<Result>, "return a status");
  if (!target) co_return f();
  std::optional<Result> result;
  auto start = [&](auto handler) {
    asio::post(target, [&f, &result, handler = std::move(handler)]() mutable {
      result.emplace(f());
      auto home = asio::get_associated_executor(handler);
      asio::post(home, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
  co_return std::move(*result);
}

}  // namespace moldau
