#include "base/background_threads.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/live_traffic.h"

namespace tidemark {
namespace {

constexpr auto kLookAtTraffic = std::chrono::milliseconds(50);

// All background threads that work just now, and where they may run. Thread-safe.
class Placement {
 public:
  // The processors of whoever comes first: of the process.
  Placement() {
    if (sched_getaffinity(0, sizeof all_, &all_) != 0) return;
    const int count = CPU_COUNT(&all_);
    if (count < 2) return;
    some_ = all_;
    // The first ones, always the same: those that network threads then run on undisturbed.
    int left = std::max(1, count / 4);
    for (int processor = 0; left > 0; ++processor) {
      if (!CPU_ISSET(processor, &some_)) continue;
      CPU_CLR(processor, &some_);
      --left;
    }
    looking_ = std::jthread([this](const std::stop_token& stop) { look(stop); });
  }

  void add(pid_t thread) {
    if (!looking_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      threads_.push_back(thread);
      // Also for work that is over before the next look.
      give_way(is_traffic_live());
      // It may have inherited another place from the thread that made it.
      place(thread);
    }
    changed_.notify_one();
  }

  // It may run anywhere again. Its number may be given to another thread from here on.
  void remove(pid_t thread) {
    if (!looking_.joinable()) return;
    const std::lock_guard lock(mutex_);
    std::erase(threads_, thread);
    if (gives_way_) run_on(all_, thread);
  }

 private:
  void look(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !threads_.empty(); })) {
      give_way(is_traffic_live());
      changed_.wait_for(lock, stop, kLookAtTraffic, [] { return false; });
    }
  }

  void give_way(bool gives_way) {
    if (gives_way_ == gives_way) return;
    gives_way_ = gives_way;
    for (const pid_t thread : threads_) place(thread);
  }
  void place(pid_t thread) const { run_on(gives_way_ ? some_ : all_, thread); }
  static void run_on(const cpu_set_t& processors, pid_t thread) {
    static_cast<void>(sched_setaffinity(thread, sizeof processors, &processors));
  }

  cpu_set_t all_{};
  cpu_set_t some_{};
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool gives_way_ = false;  // guarded by mutex_, as is the next
  std::vector<pid_t> threads_;
  std::jthread looking_;  // last: uses what is above; none where there is one processor
};

Placement& placement() {
  static Placement of_the_process;
  return of_the_process;
}

}  // namespace

void lower_thread_priority(int nice) {
  // Priorities are per thread on Linux.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice));
}

BackgroundWork::BackgroundWork() { placement().add(gettid()); }
BackgroundWork::~BackgroundWork() { placement().remove(gettid()); }

void run_on_background_threads(std::size_t count, const std::function<void()>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&work] {
      lower_thread_priority();
      const BackgroundWork working;
      work();
    });
  }
}

}  // namespace tidemark
