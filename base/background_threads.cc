#include "base/background_threads.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/live_traffic.h"

namespace tidemark {
namespace {

constexpr auto kLookAtTraffic = std::chrono::milliseconds(50);

// Where some threads may run. Not thread-safe.
class Processors {
 public:
  // Those of the calling thread.
  Processors() {
    if (sched_getaffinity(0, sizeof all_, &all_) != 0) return;
    const int count = CPU_COUNT(&all_);
    if (count < 2) return;
    can_give_way_ = true;
    some_ = all_;
    // The first ones: all jobs leave the same.
    int left = std::max(1, count / 4);
    for (int processor = 0; left > 0; ++processor) {
      if (!CPU_ISSET(processor, &some_)) continue;
      CPU_CLR(processor, &some_);
      --left;
    }
  }

  void add(pid_t thread) {
    threads_.push_back(thread);
    if (gives_way_) place(thread);
  }
  void remove(pid_t thread) { std::erase(threads_, thread); }

  void give_way(bool gives_way) {
    if (!can_give_way_ || gives_way_ == gives_way) return;
    gives_way_ = gives_way;
    for (const pid_t thread : threads_) place(thread);
  }

 private:
  void place(pid_t thread) const {
    const cpu_set_t& processors = gives_way_ ? some_ : all_;
    static_cast<void>(sched_setaffinity(thread, sizeof processors, &processors));
  }

  cpu_set_t all_{};
  cpu_set_t some_{};
  bool can_give_way_ = false;
  bool gives_way_ = false;
  std::vector<pid_t> threads_;
};

}  // namespace

void lower_thread_priority(int nice) {
  // Priorities are per thread on Linux.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice));
}

void run_on_background_threads(std::size_t count, const std::function<void()>& work) {
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t working = count;  // guarded by mutex, as is the next
  Processors processors;
  // Also for jobs that are over before anybody looks.
  processors.give_way(is_traffic_live());

  const auto run = [&] {
    lower_thread_priority();
    {
      const std::lock_guard lock(mutex);
      processors.add(gettid());
    }
    work();
    const std::lock_guard lock(mutex);
    // Its number may be given to another thread.
    processors.remove(gettid());
    --working;
    ended.notify_one();
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(run);
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, kLookAtTraffic, [&] { return working == 0; })) {
    processors.give_way(is_traffic_live());
  }
}

}  // namespace tidemark
