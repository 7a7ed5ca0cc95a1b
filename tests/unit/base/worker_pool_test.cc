#include "base/worker_pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("one thread carries out what it is given in that order, and join waits for all of it") {
  std::vector<int> done;
  WorkerPool pool(1, "one", WorkerPool::Priority::kNormal);
  for (int i = 0; i < 1'000; ++i) {
    pool.put([i, &done] { done.push_back(i); });
  }
  pool.join();
  REQUIRE(done.size() == 1'000);
  CHECK(std::is_sorted(done.begin(), done.end()));
}

TEST_CASE("many put, and many carry out") {
  constexpr int kEach = 20'000;
  std::atomic<int> done = 0;
  {
    WorkerPool pool(4, "many", WorkerPool::Priority::kNormal);
    std::vector<std::jthread> putting;
    for (int thread = 0; thread < 4; ++thread) {
      putting.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) pool.put([&done] { ++done; });
      });
    }
    putting.clear();
  }
  CHECK(done == 4 * kEach);
}

TEST_CASE("all threads work at the same time") {
  WorkerPool pool(3, "three", WorkerPool::Priority::kNormal);
  CHECK(pool.size() == 3);
  std::latch all(3);
  for (int i = 0; i < 3; ++i) {
    pool.put([&all] { all.arrive_and_wait(); });
  }
  pool.join();
  CHECK(all.try_wait());
}

TEST_CASE("a task may put another, and what is expected counts until it is over") {
  std::atomic<int> done = 0;
  WorkerPool pool(2, "two", WorkerPool::Priority::kNormal);
  std::optional<WorkerPool::Expected> expected(pool);
  std::jthread elsewhere([&] {
    pool.put([&] { pool.put([&done] { ++done; }); });
    expected.reset();
  });
  pool.join();
  CHECK(done == 1);
}

TEST_CASE("what a task owns comes to its end before the task counts as done") {
  std::atomic<int> done = 0;
  WorkerPool pool(2, "two", WorkerPool::Priority::kNormal);
  struct PutsAtEnd {
    WorkerPool& pool;
    std::atomic<int>& done;
    ~PutsAtEnd() {
      pool.put([&done = done] { ++done; });
    }
  };
  pool.put([owned = std::make_unique<PutsAtEnd>(pool, done)] {});
  pool.join();
  CHECK(done == 1);
}

TEST_CASE("threads of low priority give way") {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  std::atomic<int> low = 0;
  std::atomic<int> normal = 0;
  {
    WorkerPool behind(1, "behind", WorkerPool::Priority::kLow);
    WorkerPool beside(1, "beside", WorkerPool::Priority::kNormal);
    behind.put([&low] { low = ::getpriority(PRIO_PROCESS, 0); });
    beside.put([&normal] { normal = ::getpriority(PRIO_PROCESS, 0); });
  }
  CHECK(normal == before);
  CHECK(low > before);
}

}  // namespace
}  // namespace tidemark::test
