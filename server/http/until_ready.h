// Waiting for an exchange whose answer waits for something that takes no thread.
#pragma once

#include <utility>

#include "base/http_message.h"
#include "server/http/asio.h"

namespace tidemark::server {

// Suspends the caller until `exchange`, which is_waiting(), is ready; it resumes on `home`. Counts as work of
// `pool`: whoever joins that, waits until the exchange is ready.
inline Awaitable<void> until_ready(http::Exchange& exchange, asio::thread_pool& pool, Executor home) {
  auto initiate = [&exchange, &pool, home](auto handler) {
    auto resume = [home, work = asio::make_work_guard(pool), handler = std::move(handler)]() mutable {
      asio::post(home, std::move(handler));
    };
    exchange.when_ready(std::move(resume));
  };
  constexpr asio::use_awaitable_t<Executor> kToken{};
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(initiate), kToken);
}

}  // namespace tidemark::server
