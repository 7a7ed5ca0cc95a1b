#include "server/http/request_log.h"

#include <string>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/server/log_lines.h"

namespace tidemark::server::test {
namespace {

http::RequestNote put_item() { return {.service = "dynamodb", .operation = "PutItem"}; }

struct Fixture {
  ManualClock clock{Timestamp::from_seconds(1'767'225'600)};
  RequestLog requests{clock};
  const LogLevel level;

  explicit Fixture(log::Level written) : level(written) {}

  // The lines that `action` causes, without their times.
  template <class Action>
  std::vector<std::string> lines(Action action) {
    const CapturedLog log;
    action();
    return lines_of(log.text());
  }
  std::vector<std::string> tell(const http::RequestNote& note, const Outcome& outcome) {
    return lines([&] { requests.tell(note, outcome); });
  }
};

using Lines = std::vector<std::string>;

TEST_CASE("a line tells all that is known") {
  Fixture fixture(log::Level::kDebug);
  http::RequestNote note = put_item();
  note.add("table", "orders");
  note.error = "ValidationException";
  note.request_id = "ABC";
  const Outcome outcome{.status = 400, .bytes_in = 42, .bytes_out = 7, .ms = 0.25, .peer = "127.0.0.1"};
  CHECK(fixture.tell(note, outcome) ==
        Lines{"debug request service=dynamodb operation=PutItem table=orders status=400 "
              "error=ValidationException ms=0.25 bytes_in=42 bytes_out=7 request_id=ABC peer=127.0.0.1"});
}

TEST_CASE("a connection that ended too early says where") {
  Fixture fixture(log::Level::kDebug);
  CHECK(fixture.tell(put_item(), {.cut = Outcome::Cut::kReceiving, .bytes_in = 42}) ==
        Lines{"debug request service=dynamodb operation=PutItem cut=receiving bytes_in=42 bytes_out=0"});
  CHECK(fixture.tell({}, {.status = 200, .cut = Outcome::Cut::kSending, .bytes_out = 9}) ==
        Lines{"debug request status=200 cut=sending bytes_in=0 bytes_out=9"});
}

TEST_CASE("the level of a line is that of its status") {
  struct Case {
    int status;
    log::Level level;
    std::string_view begins;  // empty: no line
  };
  const auto c = GENERATE(values<Case>({
      {200, log::Level::kDebug, "debug"},
      {200, log::Level::kInfo, ""},
      {400, log::Level::kInfo, ""},
      {0, log::Level::kInfo, ""},
      {501, log::Level::kInfo, "info"},
      {501, log::Level::kWarn, ""},
      {503, log::Level::kWarn, "warn"},
      {503, log::Level::kError, ""},
      {500, log::Level::kError, "error"},
      {500, log::Level::kOff, ""},
  }));
  CAPTURE(c.status, c.level);
  Fixture fixture(c.level);
  const Lines lines = fixture.tell(put_item(), {.status = c.status});
  REQUIRE(lines.size() == (c.begins.empty() ? 0 : 1));
  if (!c.begins.empty()) CHECK(lines.front().starts_with(std::string(c.begins) + " request "));
}

TEST_CASE("that an operation is not built is told once") {
  Fixture fixture(log::Level::kInfo);
  const auto ask = [&](std::string_view operation) {
    return fixture.tell({.service = "s3", .operation = operation}, {.status = 501}).size();
  };
  CHECK(ask("GetObjectTorrent") == 1);
  fixture.clock.advance_seconds(3'600);
  CHECK(ask("GetObjectTorrent") == 0);
  CHECK(ask("RestoreObject") == 1);
  CHECK(ask("") == 1);
  CHECK(ask("") == 0);
  CHECK(fixture.tell({.service = "dynamodb", .operation = ""}, {.status = 501}).size() == 1);
}

TEST_CASE("a failure is told once a second, with the number left out") {
  Fixture fixture(log::Level::kInfo);
  const auto fail_with = [&](int status) { return fixture.tell(put_item(), {.status = status}); };
  const Lines first{"error request service=dynamodb operation=PutItem status=500 bytes_in=0 bytes_out=0"};
  CHECK(fail_with(500) == first);
  CHECK(fail_with(500).empty());
  fixture.clock.advance_micros(999'999);
  CHECK(fail_with(500).empty());
  CHECK(fail_with(503).size() == 1);
  fixture.clock.advance_micros(1);
  CHECK(fail_with(500) == Lines{first.front() + " left_out=2"});
  fixture.clock.advance_seconds(2);
  CHECK(fail_with(500) == first);
}

TEST_CASE("a clock that was set back silences nothing") {
  Fixture fixture(log::Level::kInfo);
  CHECK(fixture.tell(put_item(), {.status = 500}).size() == 1);
  fixture.clock.advance_seconds(-3'600);
  CHECK(fixture.tell(put_item(), {.status = 500}).size() == 1);
}

TEST_CASE("with a line for each request nothing is left out") {
  Fixture fixture(log::Level::kDebug);
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.tell(put_item(), {.status = 500}).size() == 1);
    CHECK(fixture.tell(put_item(), {.status = 501}).size() == 1);
  }
}

}  // namespace
}  // namespace tidemark::server::test
