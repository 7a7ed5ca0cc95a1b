#include "admin/clock.h"

#include "tests/support/catch.h"

namespace tidemark::admin {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart = Timestamp::from_seconds(1'767'225'600);  // 2026-01-01T00:00:00Z

struct Fixture {
  http::Response send(std::string_view method, std::string_view body = {},
                      std::string_view path = "/_tidemark/clock") {
    const http::RequestHead head;
    for (const Route& route : routes) {
      if (route.method != method || route.path != path) continue;
      const AdminRequest request{.head = head, .body = body, .name = {}};
      // Without a thread of the schedule a move is over when it has begun.
      return route.begin ? route.begin(request)->look().value() : route.handle(request);
    }
    return {};
  }
  std::string text(std::string_view method, std::string_view body = {}) {
    return std::get<std::string>(send(method, body).body);
  }

  ManualClock wall{kStart};
  ManualClock steady{Timestamp::from_seconds(1'000)};
  ServiceClock clock{wall, steady};
  Schedule schedule{clock};
  int moves = 0;
  std::vector<Route> routes = clock_routes(clock, schedule, [this] { ++moves; });
};

TEST_CASE("the state of the clock") {
  Fixture f;
  CHECK(
      f.text("GET") ==
      R"({"now":"2026-01-01T00:00:00.000Z","wall":"2026-01-01T00:00:00.000Z","offset":"PT0S","frozen":false,"rate":1.0})"
      "\n");
}

TEST_CASE("what is due next") {
  Fixture f;
  const auto once = f.schedule.at(kStart.plus(1h), "table states", [] {});
  const auto often = f.schedule.every(24h, "upkeep", [] {});
  CHECK(std::get<std::string>(f.send("GET", {}, "/_tidemark/clock/due").body) ==
        R"({"due":[{"task":"table states","time":"2026-01-01T01:00:00.000Z","has_work":true},)"
        R"({"task":"upkeep","time":"2026-01-02T00:00:00.000Z","every":"P1D","has_work":false}]})"
        "\n");
}

TEST_CASE("a move answers the new state, and what was due has happened") {
  Fixture f;
  std::vector<std::string> ran;
  const auto task =
      f.schedule.at(kStart.plus(24h), "task", [&] { ran.push_back(format_iso_seconds(f.clock.now())); });
  CHECK(
      f.text("POST", R"({"advance":"P34DT12H","freeze":true,"rate":2})") ==
      R"({"now":"2026-02-04T12:00:00.000Z","wall":"2026-01-01T00:00:00.000Z","offset":"P34DT12H","frozen":true,"rate":2.0})"
      "\n");
  CHECK(ran == std::vector<std::string>{"2026-01-02T00:00:00Z"});
  CHECK(f.moves == 1);
  CHECK(f.send("POST", R"({"freeze":false,"rate":1})").status == 200);
  CHECK(f.moves == 1);
  CHECK(f.send("POST", R"({"set":"2026-03-01T00:00:00Z"})").status == 200);
  CHECK(format_iso_seconds(f.clock.now()) == "2026-03-01T00:00:00Z");
}

TEST_CASE("what is refused changes nothing") {
  struct Case {
    const char* why;
    std::string body;
    std::string sentence;
  };
  const auto c = GENERATE(values<Case>({
      {"not JSON", "advance",
       "The body must be a JSON object with one or more of advance, set, freeze and rate."},
      {"nothing", "{}", "The body must be a JSON object with one or more of advance, set, freeze and rate."},
      {"another member", R"({"advance":"P1D","jump":1})",
       "There is no member 'jump'; there are advance, set, freeze and rate."},
      {"not a duration", R"({"advance":"1 day"})",
       "advance must be a duration such as P34D, PT1H30M or PT0.5S."},
      {"months have no length", R"({"advance":"P1M"})",
       "advance must be a duration such as P34D, PT1H30M or PT0.5S."},
      {"not a time", R"({"set":"tomorrow"})", "set must be a time such as 2026-01-01T00:00:00Z."},
      {"both moves", R"({"advance":"P1D","set":"2026-03-01T00:00:00Z"})",
       "advance and set exclude each other."},
      {"backwards", R"({"set":"2025-12-31T23:59:59Z"})",
       "the clock cannot be set back: it is at 2026-01-01T00:00:00.000Z, which is after "
       "2025-12-31T23:59:59.000Z"},
      {"freeze a number", R"({"freeze":1,"advance":"P1D"})", "freeze must be true or false."},
      {"rate 0", R"({"rate":0,"advance":"P1D"})", "rate must be a number above 0 and at most 1000000."},
      {"rate too high", R"({"rate":1000001})", "rate must be a number above 0 and at most 1000000."},
  }));
  INFO(c.why);
  Fixture f;
  const auto response = f.send("POST", c.body);
  CHECK(response.status == 400);
  CHECK(std::get<std::string>(response.body) == "{\"error\":\"" + c.sentence + "\"}\n");
  CHECK(f.clock.now() - kStart < 1ms);
}

}  // namespace
}  // namespace tidemark::admin
