#include "base/hand_over_queue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("what is put comes out in that order, however it is mixed with taking") {
  HandOverQueue queue;
  std::vector<int> taken;
  int put = 0;
  for (const int more : {1, 3, 0, 2, 100, 1}) {
    for (int i = 0; i < more; ++i) {
      queue.put([&taken, number = put++] { taken.push_back(number); });
    }
    // Leaves some of the larger heaps for later.
    for (int i = 0; i < 5; ++i) {
      if (auto task = queue.take()) task();
    }
  }
  while (auto task = queue.take()) task();
  REQUIRE(taken.size() == 107);
  CHECK(std::is_sorted(taken.begin(), taken.end()));
  CHECK_FALSE(queue.take());
}

TEST_CASE("many put and many take: nothing is lost, nothing comes twice, and each thread's order is kept") {
  constexpr int kThreads = 3;
  constexpr int kEach = 20'000;
  HandOverQueue queue;
  // By who put it. One takes at a time what one thread put, or else the order could not be seen.
  std::array<std::atomic<int>, kThreads> next = {};
  std::atomic<int> taken = 0;
  std::atomic<int> out_of_order = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          queue.put(
              [&, thread, i] { out_of_order += next[static_cast<std::size_t>(thread)]++ == i ? 0 : 1; });
        }
      });
    }
    threads.emplace_back([&] {
      while (taken < kThreads * kEach) {
        if (auto task = queue.take()) {
          task();
          ++taken;
        }
      }
    });
  }
  CHECK(taken == kThreads * kEach);
  CHECK(out_of_order == 0);
  CHECK_FALSE(queue.take());
}

TEST_CASE("what nobody took is destroyed with the queue") {
  const auto owned = std::make_shared<int>(1);
  {
    HandOverQueue queue;
    for (int i = 0; i < 300; ++i) {
      queue.put([owned] {});
    }
    CHECK(queue.take());
    CHECK(owned.use_count() == 300);
  }
  CHECK(owned.use_count() == 1);
}

}  // namespace
}  // namespace tidemark::test
