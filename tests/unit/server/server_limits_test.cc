// What a server lets its peers have: time, memory, connections, and whom it serves before whom.
#include <memory>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/server/server_fixture.h"
#include "tests/unit/server/test_client.h"

namespace tidemark::server::test {
namespace {

// Each has its share of the memory.
constexpr std::uint64_t kKindsOfThread = 2;

// The status of a short answer.
int ask(TestClient& client) {
  client.send(get("/echo"));
  return client.receive().status;
}

TEST_CASE("long answers that nobody reads do not pile up in memory") {
  constexpr std::size_t kHugeBytes = 32 << 20;
  Limits limits;
  limits.held_bytes_max = kKindsOfThread * (kHugeBytes + (1 << 20));
  ServerFixture fixture(limits, 1);
  TestClient lazy(fixture.port);
  lazy.send(get("/huge"));
  lazy.wait_for_first_byte();

  // Whoever takes what it asked for goes before whoever does not.
  TestClient other(fixture.port);
  other.send(get("/huge"));
  CHECK(other.receive().body.size() == kHugeBytes);
  CHECK_THROWS(lazy.receive());
  other.send(post("/echo", "short ones go on"));
  CHECK(other.receive().body == "short ones go on");
}

TEST_CASE("bodies that are held back give way to others, and to known senders always") {
  Limits limits;
  limits.held_bytes_max = kKindsOfThread * 200'000;
  ServerFixture fixture(limits, 1);
  const std::string path = GENERATE(std::string("/echo"), std::string("/known"));
  TestClient lazy(fixture.port);
  lazy.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(99'000, 'x'));
  int served = 0;
  // Until the server has read what the first one sent. What is being taken cannot give way.
  for (int i = 0; i < 1000 && (served == 0 || !lazy.has_something()); ++i) {
    TestClient busy(fixture.port);
    busy.send(post(path, std::string(100'000, 'y')));
    const int status = busy.receive().status;
    CHECK((status == 200 || status == 503));
    served += status == 200 ? 1 : 0;
  }
  CHECK(served > 0);
  CHECK(lazy.receive().status == 503);
}

TEST_CASE("what is taken from nobody unknown is refused to them") {
  Limits limits;
  limits.held_bytes_max = kKindsOfThread * 200'000;
  ServerFixture fixture(limits, 1);
  TestClient known(fixture.port);
  known.send("POST /known HTTP/1.1\r\nHost: x\r\nContent-Length: 190000\r\n\r\n" + std::string(180'000, 'x'));
  TestClient unknown(fixture.port);
  int refused = 0;
  for (int i = 0; i < 1000 && refused == 0; ++i) {
    TestClient one(fixture.port);
    one.send(post("/echo", std::string(100'000, 'y')));
    refused += one.receive().status == 503 ? 1 : 0;
  }
  CHECK(refused == 1);
  known.send(std::string(10'000, 'x'));
  CHECK(known.receive().body.size() == 190'000);
}

TEST_CASE("heads that are held back give way, too") {
  Limits limits;
  limits.held_bytes_max = kKindsOfThread * 100'000;
  ServerFixture fixture(limits, 1);
  std::vector<std::unique_ptr<TestClient>> lazy;
  for (int i = 0; i < 20; ++i) {
    lazy.push_back(std::make_unique<TestClient>(fixture.port));
    lazy.back()->send("GET /echo HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(15'000, 'x'));
  }
  CHECK(lazy.front()->receive().status == 503);
  TestClient other(fixture.port);
  CHECK(ask(other) == 200);
  lazy.back()->send("\r\n\r\n");
  CHECK(lazy.back()->receive().status == 200);
}

TEST_CASE("whoever takes too long is cut") {
  Limits limits;
  limits.head_timeout_s = 1;
  limits.idle_timeout_s = 1;
  limits.stall_timeout_s = 1;
  ServerFixture fixture(limits);
  const std::string sent = GENERATE(std::string(), std::string("GET /ec"),
                                    std::string("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal"));
  TestClient client(fixture.port);
  client.send(sent);
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a body that keeps coming has an end all the same") {
  Limits limits;
  limits.body_timeout_s = 1;
  limits.body_bytes_per_s_min = 1ULL << 40;
  ServerFixture fixture(limits);
  TestClient client(fixture.port);
  client.send("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (client.try_send("x")) REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(500));
}

TEST_CASE("who has been of use does not stand behind newcomers") {
  ServerFixture fixture({}, 1);
  TestClient good(fixture.port);
  CHECK(ask(good) == 200);
  TestClient stranger(fixture.port);
  stranger.send(get("/refuse") + get("/hold-thread"));
  CHECK(stranger.receive().status == 403);
  fixture.service.shared->wait_for_arrivals(1);
  for (int i = 0; i < 3; ++i) {
    good.send(post("/echo", "still here"));
    CHECK(good.receive().body == "still here");
  }
  fixture.service.shared->open_gate();
  CHECK(stranger.receive().status == 200);
}

TEST_CASE("what comes while a connection changes its thread is not lost") {
  ServerFixture fixture;
  const std::string second = post("/echo", "the second");
  const std::string third = post("/slow-echo", "the third");
  for (std::size_t sent = 0; sent <= second.size() + third.size(); ++sent) {
    TestClient client(fixture.port);
    // Some of what follows comes together with the first, and moves with the connection.
    client.send(post("/echo", "the first") + (second + third).substr(0, sent));
    CHECK(client.receive().body == "the first");
    client.send((second + third).substr(sent));
    CHECK(client.receive().body == "the second");
    CHECK(client.receive().body == "the third");
  }
}

TEST_CASE("beyond the limit of connections, strangers go before who has been of use") {
  Limits limits;
  limits.connections_max = 3;
  ServerFixture fixture(limits, GENERATE(1U, 2U));
  TestClient first(fixture.port);
  CHECK(ask(first) == 200);
  TestClient second(fixture.port);
  CHECK(ask(second) == 200);
  TestClient stranger(fixture.port);
  TestClient newcomer(fixture.port);
  CHECK(ask(newcomer) == 200);
  CHECK(stranger.is_closed_by_peer());
  CHECK(ask(first) == 200);
  CHECK(ask(second) == 200);
}

TEST_CASE("beyond the limit of connections, the one that has been silent for longest is closed") {
  Limits limits;
  limits.connections_max = 2;
  ServerFixture fixture(limits, GENERATE(1U, 2U));
  TestClient first(fixture.port);
  CHECK(ask(first) == 200);
  TestClient second(fixture.port);
  CHECK(ask(second) == 200);
  TestClient third(fixture.port);
  CHECK(ask(third) == 200);
  CHECK(first.is_closed_by_peer());
  CHECK(ask(second) == 200);
}

TEST_CASE(
    "beyond the limit of connections, half a head is as good as silence, and work in progress goes on") {
  Limits limits;
  limits.connections_max = 2;
  ServerFixture fixture(limits, 1);
  TestClient busy(fixture.port);
  busy.send(get("/gate"));
  fixture.service.shared->wait_for_arrivals(1);
  TestClient half(fixture.port);
  half.send("GET /ec");
  TestClient third(fixture.port);
  CHECK(ask(third) == 200);
  CHECK(half.is_closed_by_peer());
  fixture.service.shared->open_gate();
  CHECK(busy.receive().status == 200);
}

}  // namespace
}  // namespace tidemark::server::test
