// The one hop of a request between threads.
#pragma once

#include <utility>

#include "base/worker_pool.h"
#include "server/http/asio.h"
#include "server/http/inbox.h"

namespace tidemark::server {

// Runs `*work`, which must not throw, on a thread of `pool`; the caller, which keeps it alive, resumes on the
// thread of `home`.
template <class Work>
Awaitable<void> run_blocking(WorkerPool& pool, Inbox& home, Work* work) {
  auto initiate = [&pool, &home, work](auto handler) {
    auto task = [&home, work, handler = std::move(handler)]() mutable {
      (*work)();
      home.put(std::move(handler));
    };
    pool.put(std::move(task));
  };
  constexpr asio::use_awaitable_t<Executor> kToken{};
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(initiate), kToken);
}

}  // namespace tidemark::server
