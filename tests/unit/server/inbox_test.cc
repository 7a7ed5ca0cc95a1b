#include "server/http/inbox.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::server::test {
namespace {

// A thread that runs `io` until the end of the test.
class Fixture {
 public:
  Fixture() {
    REQUIRE(inbox.start().has_value());
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Fixture() {
    inbox.put([this] { io_.stop(); });
  }

  // What was put before has run.
  void settle() {
    std::atomic<bool> is_over = false;
    inbox.put([&] {
      is_over = true;
      is_over.notify_one();
    });
    is_over.wait(false);
  }

 private:
  asio::io_context io_{1};

 public:
  Inbox inbox{io_};

 private:
  std::jthread thread_;
};

TEST_CASE("tasks run on the thread of the context, in their order") {
  Fixture fixture;
  std::vector<int> done;
  std::vector<std::thread::id> by;
  // More than have a turn at once.
  for (int i = 0; i < 1'000; ++i) {
    fixture.inbox.put([&, i] {
      done.push_back(i);
      by.push_back(std::this_thread::get_id());
    });
  }
  fixture.settle();
  REQUIRE(done.size() == 1'000);
  CHECK(std::is_sorted(done.begin(), done.end()));
  CHECK(std::count(by.begin(), by.end(), by.front()) == 1'000);
  CHECK(by.front() != std::this_thread::get_id());
}

TEST_CASE("a task may put others") {
  Fixture fixture;
  std::atomic<int> left = 500;
  std::function<void()> step = [&] {
    if (--left > 0) fixture.inbox.put([&] { step(); });
    if (left == 0) left.notify_one();
  };
  fixture.inbox.put([&] { step(); });
  for (int now = left; now > 0; now = left) left.wait(now);
  fixture.settle();
  CHECK(left == 0);
}

TEST_CASE("no task is overlooked, however many threads put them") {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  Fixture fixture;
  int done = 0;  // of the one thread
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          fixture.inbox.put([&done] { ++done; });
          // So that the thread finds nothing now and then, and sleeps.
          if (i % 64 == 0) std::this_thread::yield();
        }
      });
    }
  }
  fixture.settle();
  CHECK(done == kThreads * kEach);
}

TEST_CASE("what is left when the context has stopped is destroyed") {
  const auto owned = std::make_shared<int>(1);
  {
    asio::io_context io{1};
    Inbox inbox(io);
    REQUIRE(inbox.start().has_value());
    for (int i = 0; i < 10; ++i) {
      inbox.put([owned] {});
    }
    CHECK(owned.use_count() == 11);
  }
  CHECK(owned.use_count() == 1);
}

}  // namespace
}  // namespace tidemark::server::test
