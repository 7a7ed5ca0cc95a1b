// What other threads hand to a network thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/hand_over_queue.h"
#include "base/move_only_function.h"
#include "base/result.h"
#include "server/http/asio.h"

namespace tidemark::server {

// asio::post() from another thread wakes the network thread while it holds the lock that this one needs first
// of all. On a busy machine the two then change places at once, and the network thread waits until the other,
// whose priority may be low, is given a processor again: up to a second. This has no lock.
class Inbox {
 public:
  // What is put is run by the thread that runs `io`, which must outlive this; begins with start().
  explicit Inbox(asio::io_context& io) : io_(io), wake_up_(io.get_executor()) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Errors: kIo where the system has no more descriptors, or waits for no more. Once, before anything is put.
  Result<void> start();
  // `task` runs soon, and must not throw. From any thread; waits for nobody.
  void put(MoveOnlyFunction<void()> task);

 private:
  void listen();
  void deliver();

  asio::io_context& io_;
  asio::posix::basic_stream_descriptor<Executor> wake_up_;  // an eventfd
  std::uint64_t woken_ = 0;                                 // what is read from it
  std::atomic<bool> is_waking_ = false;  // somebody has woken the thread, which has yet to look
  HandOverQueue tasks_;                  // last: what is left has sockets of `io`
};

}  // namespace tidemark::server
