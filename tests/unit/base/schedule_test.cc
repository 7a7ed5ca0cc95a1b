#include "base/schedule.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/service_clock.h"
#include "base/worker.h"
#include "tests/support/captured_log.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

constexpr Timestamp kStart = Timestamp::from_seconds(1'767'225'600);  // 2026-01-01T00:00:00Z

std::string offset(Timestamp time) { return std::to_string((time - kStart) / 1s); }

// A schedule that runs on the test's thread, and what its tasks did: `name@seconds since the start`.
struct Fixture {
  Schedule::Run note(const std::string& name) {
    return [this, name] { ran.push_back(name + "@" + offset(clock.now())); };
  }
  std::vector<std::string> take() { return std::exchange(ran, {}); }

  ManualClock clock{kStart};
  Schedule schedule{clock};
  std::vector<std::string> ran;
};

using Names = std::vector<std::string>;

TEST_CASE("a task runs once, when its time has come") {
  Fixture f;
  const auto task = f.schedule.at(kStart.plus(10s), "task", f.note("task"));
  f.schedule.run_due();
  CHECK(f.take().empty());
  f.clock.advance_seconds(9);
  f.schedule.run_due();
  CHECK(f.take().empty());
  f.clock.advance_seconds(1);
  f.schedule.run_due();
  CHECK(f.take() == Names{"task@10"});
  f.clock.advance_seconds(1'000);
  f.schedule.run_due();
  CHECK(f.take().empty());
}

TEST_CASE("a task whose time has passed runs soon") {
  Fixture f;
  const auto task = f.schedule.at(kStart.plus(-1h), "task", f.note("task"));
  f.schedule.run_due();
  CHECK(f.take() == Names{"task@0"});
}

TEST_CASE("due tasks run in the order of their times, then of their age") {
  Fixture f;
  const auto c = f.schedule.at(kStart.plus(3s), "c", f.note("c"));
  const auto a = f.schedule.at(kStart.plus(1s), "a", f.note("a"));
  const auto b1 = f.schedule.at(kStart.plus(2s), "b1", f.note("b1"));
  const auto b2 = f.schedule.at(kStart.plus(2s), "b2", f.note("b2"));
  f.clock.advance_seconds(5);
  f.schedule.run_due();
  CHECK(f.take() == Names{"a@5", "b1@5", "b2@5", "c@5"});
}

TEST_CASE("a periodic task keeps its ticks and leaves out what it missed") {
  Fixture f;
  f.clock.advance_seconds(3);
  const auto task = f.schedule.every(10s, "tick", f.note("tick"));
  for (const int seconds : {9, 1, 5, 5, 31, 9}) {
    f.clock.advance_seconds(seconds);
    f.schedule.run_due();
    f.schedule.run_due();
  }
  CHECK(f.take() == Names{"tick@13", "tick@23", "tick@54", "tick@63"});
}

TEST_CASE("aligned ticks are multiples of the interval") {
  Fixture f;
  f.clock.advance_seconds(5'000);
  const auto day = f.schedule.every(24h, "day", f.note("day"), {.is_aligned = true});
  const auto hour = f.schedule.every(1h, "hour", f.note("hour"), {.is_aligned = true});
  REQUIRE(f.schedule.advance(2'300s));
  CHECK(f.take() == Names{"hour@7200"});
  REQUIRE(f.schedule.advance(24h));
  CHECK(f.take() == Names{"day@86400", "hour@93600"});
  f.clock.turn_to(kStart.plus(Days(2)));
  f.schedule.run_due();
  const auto exactly_now = f.schedule.every(24h, "day2", f.note("day2"), {.is_aligned = true});
  f.take();
  f.schedule.run_due();
  CHECK(f.take().empty());  // the first tick is after now
}

TEST_CASE("a jump goes from task to task") {
  Fixture f;
  const auto late = f.schedule.at(kStart.plus(Days(3)), "late", f.note("late"));
  const auto early = f.schedule.at(kStart.plus(10s), "early", f.note("early"));
  const auto beyond = f.schedule.at(kStart.plus(Days(5)), "beyond", f.note("beyond"));
  const auto often = f.schedule.every(7s, "often", f.note("often"));
  REQUIRE(f.schedule.advance(Days(4)));
  CHECK(f.take() == Names{"early@10", "late@259200", "often@345597"});
  CHECK(f.clock.now() == kStart.plus(Days(4)));
  REQUIRE(f.schedule.set(kStart.plus(Days(5))));
  CHECK(f.take() == Names{"often@431998", "beyond@432000"});
  CHECK(f.clock.now() == kStart.plus(Days(5)));
}

TEST_CASE("a jump stops at the ticks that a task wants") {
  Fixture f;
  // What the task still has to do, in seconds since the start.
  std::vector<int> left = {25, 26, 5'000, 300, 99'999};
  const auto next_due = [&]() -> std::optional<Timestamp> {
    if (left.empty()) return std::nullopt;
    return kStart.plus(std::chrono::seconds(*std::min_element(left.begin(), left.end())));
  };
  const auto task = f.schedule.every(
      10s, "task",
      [&] {
        f.note("task")();
        std::erase_if(left, [&](int due) { return kStart.plus(std::chrono::seconds(due)) <= f.clock.now(); });
      },
      {.next_due = next_due});
  const auto other = f.schedule.at(kStart.plus(1'000s), "other", [&] { left.push_back(1'234); });
  REQUIRE(f.schedule.advance(6'003s));
  CHECK(f.take() == Names{"task@30", "task@300", "task@1240", "task@5000", "task@6000"});
  CHECK(left == std::vector<int>{99'999});
  // In the course of time one that comes late leaves out what it missed.
  f.clock.advance_seconds(4'000);
  f.schedule.run_due();
  CHECK(f.take() == Names{"task@10003"});
}

TEST_CASE("what is due next, by its time: nothing of a task that knows of nothing") {
  Fixture f;
  std::optional<Timestamp> wanted;
  const auto once = f.schedule.at(kStart.plus(90s), "once", f.note("once"));
  const auto blind = f.schedule.every(1h, "blind", f.note("blind"));
  const auto knowing =
      f.schedule.every(10s, "knowing", f.note("knowing"), {.next_due = [&] { return wanted; }});
  const auto shown = [&](std::size_t max = 9) {
    Names names;
    for (const DueTask& task : f.schedule.due(max)) {
      names.push_back(task.name + "@" + offset(task.time) + (task.has_work ? "" : "?") + " every " +
                      std::to_string(task.interval / 1s));
    }
    return names;
  };
  CHECK(shown() == Names{"once@90 every 0", "blind@3600? every 3600"});
  wanted = kStart.plus(41s);
  CHECK(shown() == Names{"knowing@50 every 10", "once@90 every 0", "blind@3600? every 3600"});
  CHECK(shown(2) == Names{"knowing@50 every 10", "once@90 every 0"});
  wanted = Timestamp{};
  CHECK(shown(1) == Names{"knowing@10 every 10"});
  wanted.reset();
  REQUIRE(f.schedule.advance(100s));
  CHECK(shown() == Names{"blind@3600? every 3600"});
}

TEST_CASE("a jump over more ticks than it can stop at takes larger steps in the end") {
  Fixture f;
  int runs = 0;
  Timestamp last;
  microseconds widest{0};
  const auto task = f.schedule.every(1s, "task",
                                     [&] {
                                       if (runs++ > 0) widest = std::max(widest, f.clock.now() - last);
                                       last = f.clock.now();
                                       if (runs == Schedule::kWantedTicksMax) CHECK(widest == 1s);
                                     },
                                     {.next_due = [&] { return f.clock.now(); }});
  REQUIRE(f.schedule.advance(Days(40)));
  CHECK(runs <= 2 * Schedule::kWantedTicksMax + 1);
  CHECK(widest <= microseconds(Days(40)) / Schedule::kWantedTicksMax + 1s);
  CHECK(last == kStart.plus(Days(40)));
}

TEST_CASE("a jump loses none of the time that it takes") {
  ManualClock wall{kStart};
  ManualClock steady{Timestamp::from_seconds(500)};
  ServiceClock clock{wall, steady};
  Schedule schedule{clock};
  const auto task = schedule.at(kStart.plus(1h), "slow", [&] {
    CHECK(clock.now() == kStart.plus(1h));
    wall.advance_seconds(7);
    steady.advance_seconds(7);
    CHECK(clock.now() == kStart.plus(1h));
  });
  REQUIRE(schedule.advance(Days(34)));
  CHECK(std::chrono::round<std::chrono::milliseconds>(clock.state().offset) == Days(34));
}

TEST_CASE("what tasks add during a jump, and is due in it, runs too") {
  Fixture f;
  std::vector<ScheduledTask> added;
  const auto task = f.schedule.at(kStart.plus(100s), "task", [&] {
    f.note("task")();
    added.push_back(f.schedule.at(kStart.plus(50s), "past", f.note("past")));
    added.push_back(f.schedule.at(kStart.plus(200s), "in it", f.note("in it")));
    added.push_back(f.schedule.at(kStart.plus(2'000s), "after it", f.note("after it")));
    added.push_back(f.schedule.every(300s, "ticks", f.note("ticks")));
  });
  REQUIRE(f.schedule.advance(1'001s));
  CHECK(f.take() == Names{"task@100", "past@100", "in it@200", "ticks@1000"});
  REQUIRE(f.schedule.advance(1'000s));
  CHECK(f.take() == Names{"ticks@1900", "after it@2000"});
}

TEST_CASE("a chain of tasks runs whole") {
  Fixture f;
  ScheduledTask next;
  const std::function<void()> link = [&] {
    f.note("link")();
    next = f.schedule.at(f.clock.now().plus(1h), "link", link);
  };
  next = f.schedule.at(kStart.plus(1h), "link", link);
  REQUIRE(f.schedule.advance(3h));
  CHECK(f.take() == Names{"link@3600", "link@7200", "link@10800"});
}

TEST_CASE("woken tasks run soon") {
  Fixture f;
  auto once = f.schedule.at(kStart.plus(1h), "once", f.note("once"));
  auto ticks = f.schedule.every(10s, "ticks", f.note("ticks"));
  f.clock.advance_seconds(4);
  once.wake();
  ticks.wake();
  ticks.wake();
  f.schedule.run_due();
  CHECK(f.take() == Names{"once@4", "ticks@4"});
  once.wake();  // has had its run
  REQUIRE(f.schedule.advance(1h));
  CHECK(f.take() == Names{"ticks@3600"});
}

TEST_CASE("a task that wakes another during a jump has it run at once") {
  Fixture f;
  auto ticks = f.schedule.every(1h, "ticks", f.note("ticks"));
  const auto waker = f.schedule.at(kStart.plus(90min), "waker", [&] { ticks.wake(); });
  REQUIRE(f.schedule.advance(150min));
  CHECK(f.take() == Names{"ticks@5400", "ticks@7200"});
}

TEST_CASE("a task does not run after its end") {
  Fixture f;
  SECTION("by the end of its object") {
    { const auto task = f.schedule.at(kStart.plus(1s), "task", f.note("task")); }
    REQUIRE(f.schedule.advance(1h));
    CHECK(f.take().empty());
  }
  SECTION("by another in its place") {
    auto task = f.schedule.every(1s, "old", f.note("old"));
    task = f.schedule.at(kStart.plus(2s), "new", f.note("new"));
    REQUIRE(f.schedule.advance(1h));
    CHECK(f.take() == Names{"new@2"});
  }
  SECTION("by itself") {
    ScheduledTask task;
    task = f.schedule.every(1s, "task", [&] {
      f.note("task")();
      task.cancel();
      task.wake();
    });
    f.clock.advance_seconds(1);
    f.schedule.run_due();
    REQUIRE(f.schedule.advance(1h));
    CHECK(f.take() == Names{"task@1"});
  }
  SECTION("not by being moved") {
    auto task = f.schedule.at(kStart.plus(1s), "task", f.note("task"));
    ScheduledTask moved(std::move(task));
    std::vector<ScheduledTask> kept;
    kept.push_back(std::move(moved));
    REQUIRE(f.schedule.advance(1h));
    CHECK(f.take() == Names{"task@1"});
  }
}

TEST_CASE("a jump waits for chores, the course of time does not") {
  ManualClock clock(kStart);
  std::vector<std::string> done;  // by the worker, read when it has been drained
  Worker worker("chores", 0, [&](const std::stop_token&) { done.push_back("chore@" + offset(clock.now())); });
  Schedule schedule(clock);
  std::atomic<int> settled = 0;
  const auto task =
      schedule.every(1h, "chore", [&] { worker.wake(); }, {.settled = [&](const std::stop_token& stop) {
                       worker.drain(stop);
                       ++settled;
                     }});
  const auto after = schedule.at(kStart.plus(3h + 1s), "after", [&] { done.push_back("after"); });
  REQUIRE(schedule.advance(4h - 1s));
  CHECK(done == Names{"chore@10800", "after"});
  CHECK(settled == 1);
  clock.advance_seconds(1);
  schedule.run_due();
  CHECK(done.back() == "chore@14400");
}

TEST_CASE("a stop does not wait for a chore that a move waits for") {
  ManualClock clock(kStart);
  std::promise<void> begun;
  std::promise<void> end;
  Worker worker("chores", 0, [&](const std::stop_token&) {
    begun.set_value();
    end.get_future().wait();
  });
  Schedule schedule(clock);
  schedule.start();
  const auto task = schedule.every(1h, "chore", [&] { worker.wake(); },
                                   {.settled = [&](const auto& stop) { worker.drain(stop); }});
  auto moved = std::async(std::launch::async, [&] { return schedule.advance(1h); });
  begun.get_future().wait();
  schedule.stop();  // would wait for ever
  const auto outcome = moved.get();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::kUnavailable);
  end.set_value();
}

TEST_CASE("moves that cannot be made are refused") {
  Fixture f;
  const auto error = [](const Result<void>& result) { return result ? "" : result.error().message; };
  f.clock.advance_seconds(1);
  CHECK(error(f.schedule.set(kStart)) ==
        "the clock cannot be set back: it is at 2026-01-01T00:00:01.000Z, which is after "
        "2026-01-01T00:00:00.000Z");
  CHECK(error(f.schedule.advance(-1us)) == "the clock cannot be set back");
  CHECK(error(f.schedule.advance(microseconds::max())) ==
        "the clock cannot be set to a time after the year 9999");
  std::string inner;
  const auto task = f.schedule.at(kStart, "task", [&] { inner = error(f.schedule.advance(1h)); });
  REQUIRE(f.schedule.advance(0us));
  CHECK(inner == "a task of the schedule cannot move the clock");
  CHECK(f.clock.now() == kStart.plus(1s));
}

TEST_CASE("a task that throws does not end the schedule") {
  Fixture f;
  const CapturedLog log;
  const auto bad = f.schedule.every(1s, "bad", [] { throw std::runtime_error("no luck"); });
  const auto good = f.schedule.every(1s, "good", f.note("good"));
  REQUIRE(f.schedule.advance(1s));
  CHECK(f.take() == Names{"good@1"});
  CHECK(log.text().find("a scheduled task failed task=bad error=\"no luck\"") != std::string::npos);
}

// With a thread of its own, over a service clock whose wall and steady clock are turned by hand.
struct Threaded {
  Threaded() { schedule.start(); }

  ManualClock wall{kStart};
  ManualClock steady{Timestamp::from_seconds(500)};
  ServiceClock clock{wall, steady};
  Schedule schedule{clock};
};

TEST_CASE("the thread carries out jumps exactly") {
  Threaded f;
  std::vector<std::string> ran;
  std::thread::id id;
  const auto note = [&](const char* name) {
    return [&, name] {
      id = std::this_thread::get_id();
      ran.push_back(std::string(name) + "@" + std::to_string((f.clock.now() - kStart).count()));
    };
  };
  const auto a = f.schedule.at(kStart.plus(1h), "a", note("a"));
  const auto b = f.schedule.at(kStart.plus(Days(1)), "b", note("b"));
  REQUIRE(f.schedule.advance(Days(34)));
  CHECK(ran == Names{"a@3600000000", "b@86400000000"});
  CHECK(id != std::this_thread::get_id());
  // Holding the clock costs some microseconds.
  CHECK(f.clock.now() - kStart >= Days(34));
  CHECK(f.clock.now() - kStart < Days(34) + 1ms);
  CHECK_FALSE(f.clock.state().is_frozen);
  CHECK_FALSE(f.schedule.set(kStart).has_value());
}

TEST_CASE("the thread runs what falls due when the clock is moved behind its back") {
  Threaded f;
  std::promise<void> ran;
  const auto task = f.schedule.at(kStart.plus(Days(1)), "task", [&] { ran.set_value(); });
  REQUIRE(f.clock.advance(Days(1)));
  ran.get_future().wait();
}

TEST_CASE("the thread runs what is added, what is woken, and what time brings") {
  const SystemClock wall;
  const BootClock steady;
  ServiceClock clock(wall, steady);
  Schedule schedule(clock);
  schedule.start();
  std::promise<void> added;
  const auto now = schedule.at(clock.now(), "now", [&] { added.set_value(); });
  added.get_future().wait();
  std::promise<void> woken;
  auto later = schedule.every(1h, "later", [&] { woken.set_value(); });
  later.wake();
  woken.get_future().wait();
  later.cancel();
  std::promise<void> came;
  const auto soon = schedule.at(clock.now().plus(20ms), "soon", [&] { came.set_value(); });
  came.get_future().wait();
  // An hour takes 36 ms.
  REQUIRE(clock.set_rate(100'000));
  std::promise<void> flew;
  const auto fast = schedule.at(clock.now().plus(1h), "fast", [&] { flew.set_value(); });
  flew.get_future().wait();
}

TEST_CASE("the thread rests, however fast time passes") {
  const SystemClock wall;
  const BootClock steady;
  ServiceClock clock(wall, steady);
  Schedule schedule(clock);
  REQUIRE(clock.set_rate(ServiceClock::kRateMax));
  std::atomic<int> runs = 0;
  const auto task = schedule.every(1s, "tick", [&] { ++runs; });
  const Timestamp begun = steady.now();
  schedule.start();
  while (runs < 20) std::this_thread::yield();
  CHECK(steady.now() - begun >= 15ms);
}

TEST_CASE("a frozen clock has no due tasks but those that are woken") {
  Threaded f;
  f.clock.freeze(true);
  std::atomic<int> runs = 0;
  std::promise<void> woken;
  const auto task = f.schedule.at(kStart.plus(1min), "task", [&] { ++runs; });
  f.steady.advance_seconds(3'600);
  f.wall.advance_seconds(3'600);
  auto waker = f.schedule.every(1h, "waker", [&] { woken.set_value(); });
  waker.wake();
  woken.get_future().wait();
  CHECK(runs == 0);
  f.clock.freeze(false);
  REQUIRE(f.schedule.advance(1min));
  CHECK(runs == 1);
}

TEST_CASE("what waits for the machine runs by real time on a frozen clock") {
  Threaded f;
  f.clock.freeze(true);
  std::atomic<int> runs = 0;
  std::promise<void> again;
  const auto task = f.schedule.every(10ms, "room",
                                     [&] {
                                       if (++runs == 2) again.set_value();
                                     },
                                     {.also_in_real_time = true});
  std::atomic<int> others = 0;
  const auto other = f.schedule.every(10ms, "time", [&] { ++others; });
  again.get_future().wait();
  CHECK(others == 0);
}

TEST_CASE("a move need not be waited for") {
  Threaded f;
  std::promise<void> may_end;
  const auto slow = f.schedule.at(kStart.plus(1h), "slow", [&] { may_end.get_future().wait(); });
  std::promise<Result<void>> first;
  std::promise<Result<void>> second;
  f.schedule.begin_advance(1h, [&](Result<void> moved) { first.set_value(std::move(moved)); });
  f.schedule.begin_set(kStart.plus(3h), [&](Result<void> moved) { second.set_value(std::move(moved)); });
  std::optional<Result<void>> refused;
  f.schedule.begin_advance(-1us, [&](Result<void> moved) { refused = std::move(moved); });
  REQUIRE(refused);
  CHECK_FALSE(refused->has_value());
  may_end.set_value();
  CHECK(first.get_future().get().has_value());
  CHECK(second.get_future().get().has_value());
  CHECK(f.clock.now() == kStart.plus(3h));
}

TEST_CASE("no more than a hundred moves wait") {
  Threaded f;
  std::promise<void> begun;
  std::promise<void> may_end;
  const auto slow = f.schedule.at(kStart.plus(1h), "slow", [&] {
    begun.set_value();
    may_end.get_future().wait();
  });
  std::promise<void> last;
  f.schedule.begin_advance(1h, [](const Result<void>&) {});
  begun.get_future().wait();
  std::atomic<int> made = 0;
  for (int i = 0; i < 100; ++i) {
    f.schedule.begin_advance(1s, [&](const Result<void>& moved) {
      if (moved && ++made == 100) last.set_value();
    });
  }
  std::optional<Result<void>> refused;
  f.schedule.begin_advance(1s, [&](Result<void> moved) { refused = std::move(moved); });
  REQUIRE(refused);
  CHECK(refused->error().code == ErrorCode::kUnavailable);
  may_end.set_value();
  last.get_future().wait();
  const microseconds passed = f.clock.now() - kStart;
  CHECK(passed >= 1h + 100s);
  CHECK(passed < 1h + 100s + 1ms);  // no change of the clock shows a microsecond twice
}

TEST_CASE("cancelling waits for a run in progress") {
  Threaded f;
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<bool> is_done = false;
  auto task = f.schedule.at(kStart, "task", [&] {
    begun.set_value();
    may_end.get_future().wait();
    is_done = true;
  });
  begun.get_future().wait();
  std::thread ender([&] { may_end.set_value(); });
  task.cancel();
  CHECK(is_done);
  ender.join();
}

TEST_CASE("many threads move the clock, add and cancel") {
  Threaded f;
  std::atomic<int> runs = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 50; ++n) {
          const auto once = f.schedule.at(f.clock.now().plus(1s), "once", [&] { ++runs; });
          auto ticks = f.schedule.every(1s, "ticks", [&] { ++runs; });
          if (i % 2 == 0) static_cast<void>(f.schedule.advance(2s));
          ticks.wake();
        }
      });
    }
  }
  CHECK(runs >= 100);
  CHECK(f.clock.now() - kStart >= 200s);
}

TEST_CASE("a schedule that has ended moves no clock") {
  Threaded f;
  f.schedule.stop();
  const auto moved = f.schedule.advance(1h);
  REQUIRE_FALSE(moved.has_value());
  CHECK(moved.error().code == ErrorCode::kUnavailable);
  REQUIRE(f.clock.advance(1h));  // the clock itself lives on
}

TEST_CASE("moves that wait for a schedule that ends are told so") {
  Threaded f;
  std::promise<void> begun;
  std::promise<void> may_end;
  const auto task = f.schedule.at(kStart, "task", [&] {
    begun.set_value();
    may_end.get_future().wait();
  });
  begun.get_future().wait();
  auto waiting = std::async(std::launch::async, [&] { return f.schedule.advance(1h); });
  std::thread stopper([&] { f.schedule.stop(); });
  may_end.set_value();
  stopper.join();
  // Either it came before the end, or it was told.
  if (const auto moved = waiting.get(); !moved) CHECK(moved.error().code == ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tidemark
