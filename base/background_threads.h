// Threads that work in the background: at low priority, and off some of the processors while clients are
// being answered.
//
// A low priority alone does not keep live traffic undisturbed: a network thread that wakes up on a processor
// whose background thread is inside the kernel (writing a block, say) waits until that comes out, for
// milliseconds. On a processor that is left alone it runs at once.
#pragma once

#include <cstddef>
#include <functional>

namespace tidemark {

// The calling thread gives way to others, for good: the more readily the higher `nice` is, 1 to 19. Where the
// system refuses (a sandbox), nothing happens.
void lower_thread_priority(int nice = 10);

// While it lives, its thread works in the background: it may use all processors of the process, but while
// traffic is live (live_traffic.h) all but a quarter of them, at least one. Threads that are made meanwhile
// begin there, too. Of one thread at a time at most; destroyed on the thread that made it.
class BackgroundWork {
 public:
  BackgroundWork();
  ~BackgroundWork();
  BackgroundWork(const BackgroundWork&) = delete;
  BackgroundWork& operator=(const BackgroundWork&) = delete;
};

// Calls work() once on each of `count` new threads of low priority, as BackgroundWork, and returns when all
// are done. `work` must not throw.
void run_on_background_threads(std::size_t count, const std::function<void()>& work);

}  // namespace tidemark
