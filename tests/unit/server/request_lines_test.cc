// What the log says of requests over a real connection.
#include <chrono>
#include <optional>
#include <regex>
#include <string>
#include <thread>

#include "server/http/server.h"
#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/server/fake_service.h"
#include "tests/unit/server/log_lines.h"
#include "tests/unit/server/test_client.h"

namespace tidemark::server::test {
namespace {

struct Fixture {
  explicit Fixture(log::Level level = log::Level::kDebug) : level(level) {
    Options options;
    options.listeners = {{.port = 0, .service = &service}};
    options.blocking_threads = 2;
    options.clock = &clock;
    auto started = Server::start(options);
    REQUIRE(started.has_value());
    server = std::move(*started);
    port = server->ports().at(0);
  }

  // The next line, without its time, its milliseconds as `ms=N`.
  std::string next_line() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      const auto lines = lines_of(log.text());
      if (lines.size() > seen) {
        static const std::regex kMillis(R"( ms=[0-9]+(\.[0-9]+)?(e-?[0-9]+)? )");
        return std::regex_replace(lines[seen++], kMillis, " ms=N ");
      }
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::yield();
    }
  }
  // Nothing but what next_line() has returned, after all requests have ended.
  bool is_silent() {
    server->drain_and_stop(std::chrono::seconds(5));
    return lines_of(log.text()).size() == seen;
  }

  const LogLevel level;
  const CapturedLog log;
  std::size_t seen = 0;
  FakeService service;
  ManualClock clock{Timestamp::from_seconds(1'767'225'600)};
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

TEST_CASE("each request has a line, however it is answered") {
  struct Case {
    const char* why;
    std::string request;
    std::string line;
  };
  const auto c = GENERATE(values<Case>({
      {"by the network thread", post("/echo", "hello"),
       "debug request service=fake operation=Echo path=/echo status=200 ms=N bytes_in=5 bytes_out=5 "
       "peer=127.0.0.1"},
      {"by the pool", post("/slow-echo", "hello"),
       "debug request service=fake path=/slow-echo status=200 ms=N bytes_in=5 bytes_out=5 peer=127.0.0.1"},
      {"chunked", "POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
       "debug request service=fake path=/size status=200 ms=N bytes_in=3 bytes_out=1 peer=127.0.0.1"},
      {"with files", get("/file?200000"),
       "debug request service=fake path=/file status=200 ms=N bytes_in=0 bytes_out=200000 peer=127.0.0.1"},
      {"too long for one write", get("/huge"),
       "debug request service=fake path=/huge status=200 ms=N bytes_in=0 bytes_out=33554432 peer=127.0.0.1"},
      {"without a body", get("/length", "HEAD"),
       "debug request service=fake path=/length status=200 ms=N bytes_in=0 bytes_out=0 peer=127.0.0.1"},
      {"refused with the head", post("/refuse", "abc"),
       "debug request service=fake path=/refuse status=403 ms=N bytes_in=0 bytes_out=2 peer=127.0.0.1"},
      {"refused in the middle", post("/early", "0123456789abc"),
       "debug request service=fake path=/early status=413 ms=N bytes_in=13 bytes_out=8 peer=127.0.0.1"},
      {"no HTTP", "nonsense\r\n\r\n", "debug request status=400 ms=N bytes_in=0 bytes_out=31 peer=127.0.0.1"},
      {"a coding that nobody knows", "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
       "info request status=501 ms=N bytes_in=0 bytes_out=46 peer=127.0.0.1"},
      {"an exception at the beginning", get("/throw-begin"),
       "error request service=fake path=/throw-begin status=500 reason=begin ms=N bytes_in=0 bytes_out=22 "
       "peer=127.0.0.1"},
      {"an exception at the end", get("/throw-finish"),
       "error request service=fake path=/throw-finish status=500 reason=finish ms=N bytes_in=0 bytes_out=22 "
       "peer=127.0.0.1"},
  }));
  INFO(c.why);
  Fixture fixture;
  TestClient client(fixture.port);
  client.send(c.request);
  client.receive(!c.request.starts_with("HEAD"));
  CHECK(fixture.next_line() == c.line);
}

TEST_CASE("pipelined requests have a line each, in order") {
  Fixture fixture;
  TestClient client(fixture.port);
  client.send(post("/echo", "a") + post("/slow-echo", "bb") + post("/size", "ccc"));
  for (const std::string bytes : {"bytes_in=1 ", "bytes_in=2 ", "bytes_in=3 "}) {
    CHECK(fixture.next_line().find(bytes) != std::string::npos);
  }
  CHECK(fixture.is_silent());
}

TEST_CASE("a peer that goes away is told of") {
  Fixture fixture;
  SECTION("in the middle of its body") {
    {
      TestClient client(fixture.port);
      client.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
    }
    CHECK(fixture.next_line() ==
          "debug request service=fake operation=Echo path=/echo cut=receiving ms=N bytes_in=3 bytes_out=0 "
          "peer=127.0.0.1");
  }
  SECTION("in the middle of the answer") {
    {
      TestClient client(fixture.port);
      client.send(get("/huge"));
      client.wait_for_first_byte();
    }
    const std::string line = fixture.next_line();
    CHECK(line.starts_with("debug request service=fake path=/huge status=200 cut=sending ms=N bytes_in=0 "));
    CHECK(line.find("bytes_out=33554432") == std::string::npos);
  }
  CHECK(fixture.is_silent());
}

TEST_CASE("an answer that breaks off here is told of, too") {
  Fixture fixture;
  TestClient client(fixture.port);
  client.send(get("/broken?1000000"));
  CHECK(fixture.next_line() == "error a file to be sent cannot be read offset=1000000 error=\"bad sector\"");
  const std::string line = fixture.next_line();
  CHECK(line.starts_with("debug request service=fake path=/broken status=200 cut=sending ms=N bytes_in=0 "));
}

TEST_CASE("a connection without a request has no line") {
  Fixture fixture;
  {
    const TestClient nothing(fixture.port);
    TestClient half(fixture.port);
    half.send("GET /echo HT");
  }
  CHECK(fixture.is_silent());
}

TEST_CASE("without debug only failures have lines, and of a kind one a second") {
  Fixture fixture(log::Level::kInfo);
  for (int i = 0; i < 3; ++i) {
    TestClient client(fixture.port);
    client.send(post("/echo", "hello"));
    CHECK(client.receive().status == 200);
    client.send(get("/refuse"));
    CHECK(client.receive().status == 403);
    client.send(get("/throw-finish"));
    CHECK(client.receive().status == 500);
  }
  CHECK(fixture.next_line() ==
        "error request service=fake status=500 reason=finish bytes_in=0 bytes_out=22 peer=127.0.0.1");
  CHECK(fixture.is_silent());
}

}  // namespace
}  // namespace tidemark::server::test
