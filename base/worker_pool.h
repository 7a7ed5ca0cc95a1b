// Threads for work that the threads of the network must not do themselves.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hand_over_queue.h"
#include "base/move_only_function.h"

namespace tidemark {

// Carries out what it is given, in that order, on so many threads. Thread-safe but for its beginning and end.
class WorkerPool {
 public:
  enum class Priority {
    kNormal,
    kLow,  // as lower_thread_priority(): its threads give way to all others
  };
  // Something that is yet to come, for which join() waits. Ends on any thread.
  class Expected {
   public:
    explicit Expected(WorkerPool& pool) : pool_(&pool) { pool.begin(); }
    Expected(Expected&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Expected& operator=(Expected&&) = delete;
    ~Expected() {
      if (pool_ != nullptr) pool_->end();
    }

   private:
    WorkerPool* pool_;
  };

  // `name` is that of the threads, of which the system shows 15 bytes.
  WorkerPool(unsigned threads, const std::string& name, Priority priority);
  // As join().
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  [[nodiscard]] unsigned size() const { return size_; }
  // `task` runs soon, and must not throw. The caller waits for nobody: there is no lock, nor a condition
  // variable, whose signal waits for those that were woken before (glibc's does).
  void put(MoveOnlyFunction<void()> task);
  // Waits until all is done that was put or is expected, and ends the threads. Nothing may be put any more,
  // other than by what it waits for. Not to be called by a task.
  void join();

 private:
  void begin() { open_.fetch_add(1, std::memory_order_relaxed); }
  void end();
  void run();

  const unsigned size_;
  HandOverQueue tasks_;
  // Posting is one atomic operation and, where somebody sleeps, one call of the system.
  sem_t wake_ups_;                       // one for each task, and at the end one for each thread
  std::atomic<std::uint64_t> open_ = 1;  // tasks and what is expected, and one more until join()
  std::vector<std::thread> threads_;     // last: they use what is above
};

}  // namespace tidemark
