#include "base/worker.h"

#include <pthread.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("a worker runs its chore once for each wake that it is waited for") {
  std::atomic<int> runs = 0;
  Worker worker("chores", 0, [&](const std::stop_token&) { ++runs; });
  worker.drain();  // nothing to wait for
  CHECK(runs == 0);
  for (int i = 1; i <= 3; ++i) {
    worker.wake();
    worker.drain();
    CHECK(runs == i);
  }
}

TEST_CASE("wakes during a run become one more run") {
  std::atomic<int> runs = 0;
  std::promise<void> begun;
  std::promise<void> may_end;
  std::shared_future<void> end = may_end.get_future().share();
  Worker worker("chores", 0, [&](const std::stop_token&) {
    if (++runs == 1) begun.set_value();
    end.wait();
  });
  worker.wake();
  begun.get_future().wait();
  for (int i = 0; i < 5; ++i) worker.wake();
  may_end.set_value();
  worker.drain();
  CHECK(runs == 2);
}

TEST_CASE("a worker goes on after a chore that throws") {
  const CapturedLog log;
  std::atomic<int> runs = 0;
  Worker worker("chores", 0, [&](const std::stop_token&) {
    if (++runs == 1) throw std::runtime_error("no luck");
  });
  for (int i = 0; i < 2; ++i) {
    worker.wake();
    worker.drain();
  }
  CHECK(runs == 2);
  CHECK(log.text().find("a chore failed worker=chores error=\"no luck\"") != std::string::npos);
}

TEST_CASE("the end of a worker stops its chore and whoever waits for it") {
  std::promise<void> begun;
  std::atomic<bool> was_stopped = false;
  std::future<void> waiting;
  {
    Worker worker("chores", 0, [&](const std::stop_token& stop) {
      begun.set_value();
      while (!stop.stop_requested()) std::this_thread::yield();
      was_stopped = true;
    });
    worker.wake();
    begun.get_future().wait();
    worker.wake();  // will not be carried out
    waiting = std::async(std::launch::async, [&] { worker.drain(); });
    worker.stop();
    CHECK(was_stopped);
    waiting.wait();
    worker.wake();
    worker.drain();
  }
}

TEST_CASE("a chore that drains its own worker does not wait for itself") {
  std::atomic<int> runs = 0;
  Worker* self = nullptr;
  Worker worker("chores", 0, [&](const std::stop_token&) {
    self->drain();
    ++runs;
  });
  self = &worker;
  worker.wake();
  worker.drain();
  CHECK(runs == 1);
}

TEST_CASE("the thread has its name and gives way") {
  std::string name;
  int nice = 0;
  Worker worker("a-name-that-is-too-long", 7, [&](const std::stop_token&) {
    char text[16] = {};
    pthread_getname_np(pthread_self(), text, sizeof text);
    name = text;
    nice = ::getpriority(PRIO_PROCESS, 0);
  });
  const int own = ::getpriority(PRIO_PROCESS, 0);
  worker.wake();
  worker.drain();
  CHECK(name == "a-name-that-is-");
  CHECK(nice == std::max(own, 7));
  CHECK(::getpriority(PRIO_PROCESS, 0) == own);
}

}  // namespace
}  // namespace tidemark
