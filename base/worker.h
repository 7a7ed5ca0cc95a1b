// A thread of its own for one long chore, so that the schedule has its thread back at once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace tidemark {

// Runs its chore once for each wake(), but only once for all that come before it has begun.
// Thread-safety: all methods but stop() may be called concurrently.
class Worker {
 public:
  // Ends early when a stop is requested; an exception that it throws is logged.
  using Chore = std::function<void(const std::stop_token& stop)>;

  // `name` is the thread's, of which the system shows 15 bytes. `nice` (0 to 19) is how readily the thread
  // gives way to those that answer requests; above 0 the chore is BackgroundWork (background_threads.h).
  Worker(const std::string& name, int nice, Chore chore);
  // As stop().
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The chore runs soon, from its beginning. Never blocks for long; does nothing after stop().
  void wake();
  // Waits until a run has ended that began after every wake() so far, or until stop(), or until a stop of the
  // waiting is requested. Does not wait on the worker's own thread.
  void drain(const std::stop_token& stop = {});
  // Requests a stop and waits for the end of the thread. Not to be called by the chore.
  void stop();

 private:
  void run(const std::stop_token& stop, const std::string& name, int nice, const Chore& chore);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t woken_ = 0;  // guarded by mutex_, as is the next: how often
  std::uint64_t done_ = 0;   // up to which of them the chore has run
  bool is_over_ = false;     // guarded by mutex_: nothing will run any more
  std::thread::id own_id_;   // guarded by mutex_
  std::jthread thread_;      // last: uses what is above
};

}  // namespace tidemark
