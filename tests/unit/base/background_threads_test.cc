#include "base/background_threads.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/live_traffic.h"

using tidemark::BackgroundWork;
using tidemark::is_traffic_live;
using tidemark::run_on_background_threads;
using tidemark::TrafficMeter;

namespace {

int nice_of_this_thread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

int processors_of_this_thread() {
  cpu_set_t processors{};
  return sched_getaffinity(0, sizeof processors, &processors) == 0 ? CPU_COUNT(&processors) : 0;
}

void come_as_traffic(TrafficMeter* meter) {
  // More than any window holds, wherever it ends.
  for (int i = 0; i < 100; ++i) meter->count();
}

}  // namespace

TEST_CASE("background threads are all run at low priority and waited for") {
  const int own_nice = nice_of_this_thread();
  for (const std::size_t count : {0U, 1U, 5U}) {
    std::atomic<std::size_t> ran = 0;
    std::atomic<std::size_t> low = 0;
    run_on_background_threads(count, [&] {
      ++ran;
      if (nice_of_this_thread() > own_nice) ++low;
    });
    CHECK(ran == count);
    CHECK(low == count);
  }
  CHECK(nice_of_this_thread() == own_nice);
}

TEST_CASE("background threads keep off a processor while clients are answered, and come back") {
  const int all = processors_of_this_thread();
  if (all < 2) {
    WARN("there is one processor: nothing to keep off");
    return;
  }
  std::atomic<int> came_back = 0;
  run_on_background_threads(2, [&] {
    TrafficMeter meter;
    while (processors_of_this_thread() == all) {
      come_as_traffic(&meter);
      std::this_thread::yield();
    }
    while (processors_of_this_thread() < all) std::this_thread::yield();
    ++came_back;
  });
  CHECK(came_back == 2);
  CHECK(processors_of_this_thread() == all);
}

TEST_CASE("a thread's work in the background ends, and with it what it gave up") {
  const int all = processors_of_this_thread();
  if (all < 2) {
    WARN("there is one processor: nothing to keep off");
    return;
  }
  TrafficMeter meter;
  std::thread([&] {
    while (!is_traffic_live()) come_as_traffic(&meter);
    {
      const BackgroundWork working;
      CHECK(processors_of_this_thread() < all);
      // A thread that is made meanwhile begins where its maker is, and goes where it belongs itself.
      std::thread([&] {
        const BackgroundWork also_working;
        while (processors_of_this_thread() < all) std::this_thread::yield();
      }).join();
    }
    CHECK(processors_of_this_thread() == all);
  }).join();
}

TEST_CASE("a client that asks now and then is no traffic") {
  while (is_traffic_live()) std::this_thread::yield();
  TrafficMeter meter;
  for (int i = 0; i < 7; ++i) meter.count();
  CHECK_FALSE(is_traffic_live());
  come_as_traffic(&meter);
  CHECK(is_traffic_live());
}
