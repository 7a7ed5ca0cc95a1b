#include "base/service_clock.h"

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

constexpr Timestamp kStart = Timestamp::from_seconds(1'767'225'600);  // 2026-01-01T00:00:00Z

struct Fixture {
  // Real time passes, and the schedule looks every second.
  void pass(microseconds time) {
    while (time.count() > 0) {
      const microseconds step = std::min<microseconds>(time, 1s);
      run(step);
      clock.look();
      time -= step;
    }
  }
  // Real time passes, and nobody looks.
  void run(microseconds time) {
    wall.advance_micros(time.count());
    steady.advance_micros(time.count());
  }
  void step_wall(microseconds by) { wall.advance_micros(by.count()); }
  [[nodiscard]] microseconds since_start() const { return clock.now() - kStart; }
  [[nodiscard]] microseconds forgetting_since_start() const { return clock.forgetting_time() - kStart; }

  ManualClock wall{kStart};
  ManualClock steady{Timestamp::from_seconds(500)};
  ServiceClock clock{wall, steady};
};

// Moves cost up to a microsecond each.
void check_near(microseconds time, microseconds expected, microseconds tolerance = 10us) {
  INFO(time.count() << " near " << expected.count());
  CHECK((time >= expected - tolerance && time <= expected + tolerance));
}

TEST_CASE("service time is the wall's time") {
  Fixture f;
  CHECK(f.clock.now() == kStart);
  f.run(5s);
  CHECK(f.since_start() == 5s);
  f.pass(1h);
  CHECK(f.clock.now() == f.wall.now());
  CHECK(f.clock.forgetting_time() == f.clock.now());
}

TEST_CASE("a wall that steps forward is followed at the next look") {
  Fixture f;
  f.step_wall(30min);
  CHECK(f.since_start() == 0s);
  f.clock.look();
  CHECK(f.since_start() == 30min);
  CHECK(f.clock.forgetting_time() == f.clock.now());  // not enough to be doubted
}

TEST_CASE("a wall that steps back is bridged at half speed") {
  const CapturedLog log;
  Fixture f;
  f.pass(10s);
  f.step_wall(-1h);
  f.clock.look();
  check_near(f.since_start(), 10s);
  f.pass(1h);  // the wall is where it was
  check_near(f.since_start(), 10s + 30min, 1ms);
  f.pass(1h);
  check_near(f.since_start(), 10s + 1h, 1s);
  f.pass(10s);
  check_near(f.clock.now() - f.wall.now(), 0us, 1ms);
}

TEST_CASE("time never goes backwards, whatever the wall does") {
  const CapturedLog log;
  Fixture f;
  Timestamp before = f.clock.now();
  for (const microseconds step : std::vector<microseconds>{-1h, 2h, -3h, 1ms, -1ms, 1us, -1us, -Days(400),
                                                           Days(800), -1s, 500ms, -500ms}) {
    f.step_wall(step);
    for (int i = 0; i < 5; ++i) {
      f.pass(700ms);
      CHECK(f.clock.now() > before);
      before = f.clock.now();
    }
  }
}

TEST_CASE("slews are followed in silence") {
  const CapturedLog log;
  Fixture f;
  for (int second = 0; second < 200; ++second) {
    f.step_wall(second < 100 ? 500us : -500us);
    f.pass(1s);
    check_near(f.clock.now() - f.wall.now(), 0us, 1'600us);
  }
  CHECK(log.text().empty());
}

TEST_CASE("a small step back ends without a jump") {
  Fixture f;
  f.step_wall(-20ms);
  f.clock.look();
  f.run(1s);
  check_near(f.clock.now() - f.wall.now(), 0us);
}

TEST_CASE("steps are logged once, with what they mean") {
  struct Case {
    const char* why;
    microseconds step;
    const char* text;  // nothing: silence
  };
  const auto c = GENERATE(values<Case>({
      {"an hour forward", 1h, nullptr},
      {"more than an hour forward", 61min, "stepped forward"},
      {"half a second back", -500ms, nullptr},
      {"a second back", -1s, "stepped back"},
      {"a year back", -Days(365), "stepped back"},
  }));
  INFO(c.why);
  Fixture f;
  f.pass(3s);
  const CapturedLog log;
  f.step_wall(c.step);
  f.pass(30s);
  const std::string text = log.text();
  if (c.text == nullptr) {
    CHECK(text.empty());
  } else {
    CHECK(text.find(c.text) != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  }
}

TEST_CASE("each step back is noted") {
  Fixture f;
  const CapturedLog log;
  for (int i = 0; i < 2; ++i) {
    f.step_wall(-10s);
    f.pass(30s);
  }
  const std::string text = log.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a step back is noted while another is being bridged") {
  Fixture f;
  const CapturedLog log;
  f.step_wall(-2h);
  f.pass(30s);
  f.step_wall(-Days(1));
  f.pass(30s);
  const std::string text = log.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a leap of the wall is believed after an hour, where something may be forgotten") {
  const CapturedLog log;
  Fixture f;
  f.pass(10s);
  f.step_wall(Days(40));
  f.pass(1s);
  check_near(f.since_start(), Days(40) + 11s);
  check_near(f.forgetting_since_start(), 11s);
  f.pass(59min + 58s);
  check_near(f.forgetting_since_start(), 59min + 69s);
  f.pass(3s);
  CHECK(f.clock.forgetting_time() == f.clock.now());
}

TEST_CASE("a leap that is taken back was never there, where something may be forgotten") {
  const CapturedLog log;
  Fixture f;
  f.step_wall(Days(40));
  f.pass(25s);
  f.step_wall(-Days(40));
  for (int i = 0; i < 100; ++i) {
    f.pass(1min);
    CHECK(f.since_start() > Days(40));
    check_near(f.clock.forgetting_time() - f.wall.now(), 0us, 1ms);
  }
}

TEST_CASE("a leap from one look to the next counts as one, however late the look is") {
  Fixture f;
  f.run(Days(3));  // the process was stopped, time passed
  f.clock.look();
  CHECK(f.clock.forgetting_time() == f.clock.now());
  CHECK(f.since_start() == Days(3));
}

TEST_CASE("the clock can be advanced and set forward") {
  Fixture f;
  REQUIRE(f.clock.advance(Days(34)));
  CHECK(f.since_start() == Days(34));
  CHECK(f.clock.forgetting_time() == f.clock.now());
  f.pass(10s);
  CHECK(f.since_start() == Days(34) + 10s);
  REQUIRE(f.clock.set(kStart.plus(Days(50))));
  CHECK(f.since_start() == Days(50));
  CHECK(f.clock.forgetting_time() == f.clock.now());
  f.pass(10s);
  const ServiceClock::State state = f.clock.state();
  CHECK(state.now == kStart.plus(Days(50) + 10s));
  CHECK(state.wall == kStart.plus(20s));
  CHECK(state.offset == Days(50) - 10s);
  CHECK_FALSE(state.is_frozen);
  CHECK(state.rate == 1);
  // The wall's steps go on to count.
  f.step_wall(5min);
  f.pass(1s);
  CHECK(f.since_start() == Days(50) + 5min + 11s);
}

TEST_CASE("the clock is not moved to where it must not be") {
  Fixture f;
  const auto error = [](const Result<void>& result) { return result ? "" : result.error().message; };
  CHECK(error(f.clock.set(kStart.plus_micros(-1'000))) ==
        "the clock cannot be set back: it is at 2026-01-01T00:00:00.000Z, which is after "
        "2025-12-31T23:59:59.999Z");
  CHECK(error(f.clock.advance(-1us)) == "the clock cannot be set back");
  CHECK(error(f.clock.set(kLatestTime.plus_micros(1))) ==
        "the clock cannot be set to a time after the year 9999");
  const std::string end =
      "the clock ends at 9999-01-01T00:00:00Z: what is computed ahead of it needs dates that clients can "
      "read";
  CHECK(error(f.clock.set(ServiceClock::kLatest.plus_micros(1))) == end);
  CHECK(error(f.clock.advance(microseconds::max())) == end);
  CHECK(error(f.clock.advance(ServiceClock::kLatest - kStart + 1us)) == end);
  CHECK(f.clock.now() == kStart);
  for (const double rate : {0.0, -1.0, 1e6 + 1, std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::infinity()}) {
    CHECK(error(f.clock.set_rate(rate)) == "the rate of the clock must be more than 0 and at most 1000000");
  }
  CHECK(f.clock.set(kStart));
  CHECK(f.clock.advance(0us));
}

TEST_CASE("a frozen clock stands still until it goes on from there") {
  Fixture f;
  f.pass(5s);
  f.clock.freeze(true);
  const Timestamp frozen = f.clock.now();
  check_near(f.since_start(), 5s);
  f.pass(1h);
  CHECK(f.clock.now() == frozen);
  CHECK(f.clock.state().is_frozen);
  REQUIRE(f.clock.advance(1h));
  CHECK(f.clock.now() == frozen.plus(1h));
  f.step_wall(Days(2));  // does not show
  f.pass(1s);
  f.clock.freeze(false);
  CHECK(f.clock.now() == frozen.plus(1h));
  f.pass(10s);
  check_near(f.clock.now() - frozen, 1h + 10s);
  CHECK(f.clock.forgetting_time() == f.clock.now());
  check_near(f.clock.state().offset, -Days(2) - 1s);
}

TEST_CASE("a held clock stands still, and the time that it stood still passes when it is let go") {
  Fixture f;
  f.clock.hold(true);
  const Timestamp held = f.clock.now();
  f.pass(2s);
  CHECK(f.clock.now() == held);
  REQUIRE(f.clock.set(held.plus(Days(34))));
  f.pass(3s);
  CHECK(f.clock.now() == held.plus(Days(34)));
  f.clock.hold(false);
  check_near(f.since_start(), Days(34) + 5s);
  check_near(f.clock.state().offset, Days(34));
  f.pass(1h);
  check_near(f.clock.state().offset, Days(34));

  REQUIRE(f.clock.set_rate(60));
  const Timestamp fast = f.clock.now();
  f.clock.hold(true);
  f.pass(2s);
  f.clock.hold(false);
  check_near(f.clock.now() - fast, 2min, 100us);

  f.clock.freeze(true);
  const Timestamp frozen = f.clock.now();
  f.clock.hold(true);
  f.pass(2s);
  f.clock.hold(false);
  CHECK(f.clock.now() == frozen);
}

TEST_CASE("what a held clock holds back passes at the rate that was wanted then") {
  Fixture f;
  f.clock.hold(true);
  f.pass(12s);
  REQUIRE(f.clock.set_rate(1000));
  f.pass(1s);
  f.clock.freeze(true);
  f.pass(1h);
  f.clock.freeze(false);
  f.pass(2s);
  f.clock.hold(false);
  check_near(f.since_start(), 12s + 1000s + 2000s, 10ms);
}

TEST_CASE("what a held clock holds back passes when it is let go, also where it is frozen by then") {
  Fixture f;
  f.clock.hold(true);
  f.pass(4s);
  f.clock.freeze(true);
  f.pass(1h);
  f.clock.hold(false);
  check_near(f.since_start(), 4s);
  f.clock.freeze(false);
  f.clock.hold(true);
  f.clock.hold(false);
  check_near(f.since_start(), 4s);
}

TEST_CASE("time passes at the rate that was asked for") {
  struct Case {
    double rate;
    microseconds real, service;
  };
  const auto c = GENERATE(values<Case>({
      {60, 1min, 1h},
      {1, 1min, 1min},
      {0.5, 1min, 30s},
      {1e6, 10s, 10'000'000s},
      {1e-3, 1h, 3'600ms},
  }));
  INFO(c.rate);
  Fixture f;
  REQUIRE(f.clock.set_rate(c.rate));
  const Timestamp begun = f.clock.now();
  f.pass(c.real);
  check_near(f.clock.now() - begun, c.service, 1ms);
  CHECK(f.clock.state().rate == c.rate);
  REQUIRE(f.clock.set_rate(1));
  const Timestamp changed = f.clock.now();
  f.pass(10s);
  check_near(f.clock.now() - changed, 10s);
}

TEST_CASE("the clock stands still a year before the last date there is") {
  Fixture f;
  REQUIRE(f.clock.set(ServiceClock::kLatest.plus(-1h)));
  REQUIRE(f.clock.set_rate(1e6));
  f.run(Days(365));
  CHECK(f.clock.now() == ServiceClock::kLatest);
  CHECK(f.clock.now().plus(Days(364)) < kLatestTime);
  CHECK_FALSE(f.clock.real_time_until(ServiceClock::kLatest.plus_micros(1)));
  REQUIRE(f.clock.set_rate(1));
  f.pass(10s);
  CHECK(f.clock.now() == ServiceClock::kLatest);
  f.clock.freeze(true);
  f.clock.freeze(false);
  f.pass(10s);
  CHECK(f.clock.now() == ServiceClock::kLatest);
}

TEST_CASE("the clock does not go back behind a write that was later than its end") {
  Fixture f;
  const Timestamp late = ServiceClock::kLatest.plus(Days(3));
  f.clock.resume_after(late);
  f.pass(10s);
  CHECK(f.clock.now() == late);
  REQUIRE(f.clock.set_rate(60));
  f.pass(10s);
  CHECK(f.clock.now() >= late);
  CHECK(f.clock.now() < late.plus(1s));
}

TEST_CASE("a step back that is being bridged survives what else is done to the clock") {
  const CapturedLog log;
  Fixture f;
  f.step_wall(Days(40));
  f.pass(1s);
  f.step_wall(-Days(40));
  f.pass(1s);
  const auto check_forgetting = [&f](microseconds ahead) {
    check_near(f.clock.forgetting_time() - f.wall.now(), ahead, 1ms);
  };
  check_forgetting(0us);
  f.clock.freeze(true);
  f.clock.freeze(false);
  f.pass(1s);
  check_forgetting(0us);
  REQUIRE(f.clock.advance(1h));
  f.pass(1s);
  check_forgetting(1h);
  CHECK(f.since_start() > Days(40));
}

TEST_CASE("the clock goes on after the last write") {
  Fixture f;
  SECTION("a moment ago") {
    f.clock.resume_after(kStart.plus(-10min));
    check_near(f.since_start(), 0s);
    CHECK(f.clock.forgetting_time() == f.clock.now());
  }
  SECTION("long ago: perhaps the machine's clock is wrong") {
    f.clock.resume_after(kStart.plus(-Days(40)));
    check_near(f.since_start(), 0s);
    check_near(f.forgetting_since_start(), -Days(40));
    f.pass(30min);
    check_near(f.forgetting_since_start(), -Days(40) + 30min);
    f.pass(31min);
    CHECK(f.clock.forgetting_time() == f.clock.now());
  }
  SECTION("long ago, but somebody moves the clock, who must know what time it is") {
    f.clock.resume_after(kStart.plus(-Days(3)));
    SECTION("by so much") { REQUIRE(f.clock.advance(Days(31))); }
    SECTION("to a time") { REQUIRE(f.clock.set(f.clock.now().plus(Days(31)))); }
    CHECK(f.clock.forgetting_time() == f.clock.now());
  }
  SECTION("long ago, and the clock does not follow the machine's") {
    f.clock.resume_after(kStart.plus(-Days(3)));
    REQUIRE(f.clock.set_rate(60));
    f.pass(59min);
    CHECK(f.clock.forgetting_time() < f.clock.now());
    f.pass(2min);
    CHECK(f.clock.forgetting_time() == f.clock.now());
  }
  SECTION("in the future, where it had been moved to") {
    f.clock.resume_after(kStart.plus(Days(34)), Days(34) - 10min);
    check_near(f.since_start(), Days(34));
    CHECK(f.clock.forgetting_time() == f.clock.now());
    check_near(f.clock.state().moved, Days(34));
  }
  SECTION("further in the future than it had been moved to") {
    f.clock.resume_after(kStart.plus(Days(34)), Days(4));
    check_near(f.forgetting_since_start(), Days(4));
    check_near(f.clock.state().moved, Days(4));
  }
  SECTION("in the future") {
    const CapturedLog log;
    f.clock.resume_after(kStart.plus(Days(34)));
    CHECK(log.text().find("service time goes on from there") != std::string::npos);
    check_near(f.since_start(), Days(34));
    check_near(f.forgetting_since_start(), 0s);
    f.pass(2h);
    check_near(f.since_start(), Days(34) + 2h);
    CHECK(f.clock.forgetting_time() == f.clock.now());
  }
}

TEST_CASE("how long it takes until a time") {
  Fixture f;
  CHECK(f.clock.real_time_until(kStart) == 0us);
  CHECK(f.clock.real_time_until(kStart.plus(-1h)) == 0us);
  CHECK(f.clock.real_time_until(kStart.plus(1h)) == 1h);
  REQUIRE(f.clock.set_rate(60));
  check_near(*f.clock.real_time_until(kStart.plus(1h)), 1min);
  f.clock.freeze(true);
  CHECK(f.clock.real_time_until(kStart) == 0us);
  CHECK_FALSE(f.clock.real_time_until(kStart.plus(1h)).has_value());
}

TEST_CASE("every move is told of") {
  Fixture f;
  int moves = 0;
  f.clock.on_move([&moves] { ++moves; });
  REQUIRE(f.clock.advance(1h));
  REQUIRE(f.clock.set(kStart.plus(2h)));
  f.clock.freeze(true);
  f.clock.freeze(true);  // changes nothing
  f.clock.freeze(false);
  REQUIRE(f.clock.set_rate(2));
  CHECK(moves == 5);
  CHECK_FALSE(f.clock.set(kStart).has_value());
  f.clock.on_move({});
  REQUIRE(f.clock.advance(1h));
  CHECK(moves == 5);
}

// By the real clocks, and under ThreadSanitizer a proof that readers need no lock.
TEST_CASE("many threads see time that never goes backwards") {
  const SystemClock wall;
  const BootClock steady;
  ServiceClock clock(wall, steady);
  std::atomic<bool> is_done = false;
  std::atomic<int> went_back = 0;
  std::vector<std::jthread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Timestamp before = clock.now();
      while (!is_done) {
        const Timestamp now = clock.now();
        if (now < before) ++went_back;
        const Timestamp forgetting = clock.forgetting_time();  // in this order
        if (forgetting > clock.now()) ++went_back;
        before = now;
      }
    });
  }
  for (int i = 0; i < 3'000; ++i) {
    clock.freeze(i % 2 == 0);
    CHECK(clock.advance(microseconds{i % 7}));
    CHECK(clock.set_rate(i % 3 == 0 ? 1'000 : 1));
    clock.look();
    static_cast<void>(clock.state());
  }
  is_done = true;
  readers.clear();
  CHECK(went_back == 0);
}

TEST_CASE("the boot clock runs forward") {
  const BootClock clock;
  const Timestamp first = clock.now();
  CHECK(first > Timestamp{});
  CHECK(clock.now() >= first);
}

}  // namespace
}  // namespace tidemark
