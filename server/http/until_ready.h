// Waiting for an exchange whose answer waits for something that takes no thread.
#pragma once

#include <utility>

#include "base/http_message.h"
#include "base/worker_pool.h"
#include "server/http/asio.h"
#include "server/http/inbox.h"

namespace tidemark::server {

// Suspends the caller until `exchange`, which is_waiting(), is ready; it resumes on the thread of `home`.
// `pool` expects it: whoever joins that, waits until the exchange is ready.
inline Awaitable<void> until_ready(http::Exchange& exchange, WorkerPool& pool, Inbox& home) {
  auto initiate = [&exchange, &pool, &home](auto handler) {
    auto resume = [&home, expected = WorkerPool::Expected(pool), handler = std::move(handler)]() mutable {
      home.put(std::move(handler));
    };
    exchange.when_ready(std::move(resume));
  };
  constexpr asio::use_awaitable_t<Executor> kToken{};
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(initiate), kToken);
}

}  // namespace tidemark::server
