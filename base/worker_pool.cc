#include "base/worker_pool.h"

#include <cerrno>
#include <utility>

#include "base/background_threads.h"
#include "base/check.h"
#include "base/thread_name.h"

namespace tidemark {

WorkerPool::WorkerPool(unsigned threads, const std::string& name, Priority priority) : size_(threads) {
  INVARIANT(threads > 0);
  INVARIANT(::sem_init(&wake_ups_, 0, 0) == 0);
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this, name, priority] {
      name_thread(name);
      if (priority == Priority::kLow) lower_thread_priority();
      run();
    });
  }
}

WorkerPool::~WorkerPool() {
  join();
  ::sem_destroy(&wake_ups_);
}

void WorkerPool::put(MoveOnlyFunction<void()> task) {
  begin();
  tasks_.put(std::move(task));
  ::sem_post(&wake_ups_);
}

void WorkerPool::join() {
  if (threads_.empty()) return;
  end();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::end() {
  const unsigned threads = size_;  // behind the last of what follows this may be gone
  if (open_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  // Nothing is left, and nothing will come: each thread is woken for nothing, and ends.
  for (unsigned i = 0; i < threads; ++i) ::sem_post(&wake_ups_);
}

void WorkerPool::run() {
  for (;;) {
    while (::sem_wait(&wake_ups_) != 0) INVARIANT(errno == EINTR);
    MoveOnlyFunction<void()> task = tasks_.take();
    if (!task) return;
    task();
    task = {};  // with all that it owns, before it counts as done
    end();
  }
}

}  // namespace tidemark
