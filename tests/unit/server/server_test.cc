#include "server/http/server.h"

#include <future>

#include "tests/support/catch.h"
#include "tests/unit/server/server_fixture.h"
#include "tests/unit/server/test_client.h"

namespace tidemark::server::test {
namespace {

TEST_CASE("an answer carries what every answer carries") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(post("/echo", "hello"));
  const Answer answer = client.receive();
  CHECK(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.body == "hello");
  CHECK(answer.field("Server") == "Tidemark");
  CHECK(answer.field("Date") == "Thu, 01 Jan 2026 00:00:00 GMT");
  CHECK(answer.field("Content-Length") == "5");
  CHECK(answer.field("Connection").empty());
}

TEST_CASE("a connection serves one request after the other, by the network thread and by the pool") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  for (int i = 0; i < 50; ++i) {
    const std::string body = "body " + std::to_string(i);
    client.send(post(i % 2 == 0 ? "/echo" : "/slow-echo", body));
    CHECK(client.receive().body == body);
  }
  fixture.clock.advance_seconds(1);
  client.send(post("/echo", ""));
  CHECK(client.receive().field("Date") == "Thu, 01 Jan 2026 00:00:01 GMT");
}

TEST_CASE("what turns out to take long is done by the pool") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  for (int i = 0; i < 3; ++i) {
    client.send(post("/turns-out-long", "hello"));
    CHECK(client.receive().body == "hello");
  }
  CHECK(fixture.service.shared->dropped_count() == 0);
}

TEST_CASE("answers that wait for something else take no thread") {
  const std::string path = GENERATE("/later", "/later-long");
  ServerFixture fixture;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 40; ++i) {  // more than there are threads of any kind
    clients.push_back(std::make_unique<TestClient>(fixture.port));
    clients.back()->send(post(path, std::to_string(i)));
  }
  fixture.service.shared->wait_for_arrivals(40);
  TestClient other(fixture.port);
  other.send(post("/echo", "quick"));
  CHECK(other.receive().body == "quick");
  other.send(post("/slow-echo", "slow"));
  CHECK(other.receive().body == "slow");
  fixture.service.shared->open_gate();
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(clients[i]->receive().body == std::to_string(i));
  for (auto& client : clients) {
    client->send(post(path, "again"));
    CHECK(client->receive().body == "again");
  }
  CHECK(fixture.service.shared->dropped_count() == 0);
}

TEST_CASE("pipelined requests are answered in order") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += post(i % 3 == 0 ? "/slow-echo" : "/echo", std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 300; ++i) CHECK(client.receive().body == std::to_string(i));
}

TEST_CASE("a request may arrive byte by byte") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  const auto request =
      GENERATE(post("/echo", "hello"),
               std::string("POST /echo HTTP/1.1\r\nTransfer-Encoding: "
                           "chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: z\r\n\r\n"));
  for (const char byte : request) client.send({&byte, 1});
  CHECK(client.receive().body == "hello");
  client.send(get("/echo"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("an empty chunked body may be split anywhere") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  for (const std::string_view part :
       {"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "\r", "\n"}) {
    client.send(part);
  }
  CHECK(client.receive().body == "0");
}

TEST_CASE("long bodies arrive whole, in bounded pieces") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  const std::string body(5'000'000, 'b');
  SECTION("with a length") { client.send(post("/size", body)); }
  SECTION("chunked") {
    client.send("POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    constexpr std::size_t kChunk = 1'000'000;
    for (std::size_t at = 0; at < body.size(); at += kChunk) {
      client.send("f4240\r\n");  // 1,000,000
      client.send(std::string_view(body).substr(at, kChunk));
      client.send("\r\n");
    }
    client.send("0\r\n\r\n");
  }
  CHECK(client.receive().body == "5000000");
  CHECK(fixture.service.shared->piece_max <= 256 * 1024);
  client.send(get("/echo"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("100 Continue is sent only for a body that is wanted") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  constexpr std::string_view kExpect = "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  SECTION("accepted") {
    client.send("PUT /echo HTTP/1.1\r\n" + std::string(kExpect));
    CHECK(client.receive().head == "HTTP/1.1 100 Continue\r\n");
    client.send("hello");
    CHECK(client.receive().body == "hello");
    client.send(get("/echo"));
    CHECK(client.receive().status == 200);
  }
  SECTION("refused: the answer comes instead, and the connection ends") {
    client.send("PUT /refuse HTTP/1.1\r\n" + std::string(kExpect));
    const Answer answer = client.receive();
    CHECK(answer.status == 403);
    CHECK(answer.field("Connection") == "close");
    CHECK(client.is_closed_by_peer());
  }
  SECTION("other expectations cannot be met") {
    client.send("PUT /echo HTTP/1.1\r\nContent-Length: 5\r\nExpect: miracles\r\n\r\n");
    CHECK(client.receive().status == 417);
    CHECK(client.is_closed_by_peer());
  }
}

TEST_CASE("an early answer reaches a peer that is still sending") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  SECTION("a short body is read to its end and the connection lives on") {
    client.send(post("/refuse", std::string(1000, 'x')));
    CHECK(client.receive().status == 403);
    client.send(post("/echo", "next"));
    CHECK(client.receive().body == "next");
  }
  SECTION("without a body it lives on, too") {
    client.send(get("/refuse"));
    CHECK(client.receive().status == 403);
    client.send(get("/echo"));
    CHECK(client.receive().status == 200);
  }
  SECTION("a long body is drained, then the connection ends") {
    client.send(post("/early", std::string(3'000'000, 'x')));
    const Answer answer = client.receive();
    CHECK(answer.status == 413);
    CHECK(answer.body == "too much");
    CHECK(answer.field("Connection") == "close");
    CHECK(client.is_closed_by_peer());
    CHECK(fixture.service.shared->dropped_count() == 1);
  }
}

TEST_CASE("whoever sends everything before reading finds the answer, however long that is") {
  struct Case {
    const char* why;
    std::string head;
    int status;
  };
  const auto c = GENERATE(values<Case>({
      {"a long body", "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n", 403},
      {"a body found too long", "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n", 413},
      {"chunks that are none", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       400},
      {"a head without end", "GET /echo HTTP/1.1\r\nX: ", 400},
      {"no HTTP at all", "hello\r\n\r\n", 400},
  }));
  INFO(c.why);
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(c.head);
  const std::string piece(1'000'000, 'x');
  for (int i = 0; i < 60; ++i) client.send(piece);
  CHECK(client.receive().status == c.status);
}

TEST_CASE("behind an early answer only so much is taken") {
  Limits limits;
  limits.discard_silence_s = 1;
  const std::string head = "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n";
  SECTION("bytes") {
    limits.discard_bytes_max = 1'000'000;
    ServerFixture fixture(limits);
    TestClient client(fixture.port);
    client.send(head);
    const std::string piece(1'000'000, 'x');
    int sent = 0;
    while (sent < 100 && client.try_send(piece)) ++sent;
    CHECK(sent < 100);
  }
  SECTION("time, however little comes in it") {
    limits.discard_timeout_s = 1;
    ServerFixture fixture(limits);
    TestClient client(fixture.port);
    client.send(head);
    CHECK(client.receive().status == 403);
    const auto start = std::chrono::steady_clock::now();
    while (client.try_send("x")) {
      REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    }
  }
}

TEST_CASE("answers without a body announce the right length") {
  struct Case {
    const char* why;
    std::string request;
    int status;
    std::string length;
  };
  const auto c = GENERATE(values<Case>({
      {"HEAD announces what GET would send", get("/big", "HEAD"), 200, "1048576"},
      {"HEAD of a file", get("/file?5000000", "HEAD"), 200, "5000000"},
      {"HEAD with the service's own length", get("/length", "HEAD"), 200, "12345"},
      {"GET never announces more than it sends", get("/length"), 200, "0"},
      {"204 announces nothing", get("/empty"), 204, ""},
      {"304 has no body", get("/unmodified"), 304, ""},
  }));
  INFO(c.why);
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(c.request);
  const Answer answer = client.receive(false);
  CHECK(answer.status == c.status);
  CHECK(answer.field("Content-Length") == c.length);
  client.send(post("/echo", "in step"));
  CHECK(client.receive().body == "in step");
}

TEST_CASE("what is not HTTP is refused and the connection closed") {
  struct Case {
    const char* why;
    std::string request;
    int status;
  };
  const auto c = GENERATE(values<Case>({
      {"no HTTP at all", "hello\r\n\r\n", 400},
      {"TLS on a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"two different lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"length and chunked", "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"negative length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"unknown coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"bad chunk size", "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"head too long, one field", "GET / HTTP/1.1\r\nX: " + std::string(16'400, 'x') + "\r\n\r\n", 400},
      {"head without end", "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x'), 400},
      {"head too long, many fields",
       [] {
         std::string head = "GET / HTTP/1.1\r\n";
         for (int i = 0; i < 3000; ++i) head += "X-Field-" + std::to_string(i) + ": some value\r\n";
         return head + "\r\n";
       }(),
       400},
      {"target too long", "GET /" + std::string(16'400, 'x') + " HTTP/1.1\r\n\r\n", 400},
      {"target without end", "GET /" + std::string(70'000, 'x'), 400},
  }));
  INFO(c.why);
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(c.request);
  const Answer answer = client.receive();
  CHECK(answer.status == c.status);
  CHECK(answer.field("Connection") == "close");
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a head just below the limit is served") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send("GET /echo HTTP/1.1\r\nX: " + std::string(16 * 1024 - 100, 'x') + "\r\n\r\n");
  CHECK(client.receive().status == 200);
}

TEST_CASE("keep-alive follows the version and the Connection field") {
  struct Case {
    std::string version, connection, answered;
    bool stays;
  };
  const auto c = GENERATE(values<Case>({
      {"1.1", "", "", true},
      {"1.1", "close", "close", false},
      {"1.0", "", "close", false},
      {"1.0", "keep-alive", "keep-alive", true},
  }));
  ServerFixture fixture;
  TestClient client(fixture.port);
  const std::string field = c.connection.empty() ? "" : "Connection: " + c.connection + "\r\n";
  client.send("GET /echo HTTP/" + c.version + "\r\n" + field + "\r\n");
  CHECK(client.receive().field("Connection") == c.answered);
  if (c.stays) {
    client.send(get("/echo"));
    CHECK(client.receive().status == 200);
  } else {
    CHECK(client.is_closed_by_peer());
  }
}

TEST_CASE("a half-closed connection is served to its end and closed") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  SECTION("after a request") {
    client.send(post("/slow-echo", "last words"));
    client.end_sending();
    CHECK(client.receive().body == "last words");
  }
  SECTION("in the middle of a head") {
    client.send("GET /echo HT");
    client.end_sending();
  }
  SECTION("in the middle of a body") {
    client.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal");
    client.end_sending();
  }
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a body that stays away drops its exchange") {
  ServerFixture fixture;
  {
    TestClient client(fixture.port);
    client.send("POST /echo HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'x'));
  }
  auto& shared = *fixture.service.shared;
  std::unique_lock lock(shared.mutex);
  CHECK(shared.changed.wait_for(lock, std::chrono::seconds(20), [&] { return shared.dropped == 1; }));
}

TEST_CASE("slow and waiting clients hold nobody up") {
  ServerFixture fixture;
  TestClient dribbling(fixture.port);
  dribbling.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal");
  TestClient not_reading(fixture.port);
  for (int i = 0; i < 30; ++i) not_reading.send(get("/big"));
  TestClient first_waiting(fixture.port);
  first_waiting.send(get("/gate"));
  TestClient second_waiting(fixture.port);
  second_waiting.send(get("/gate"));
  fixture.service.shared->wait_for_arrivals(2);

  for (int i = 0; i < 4; ++i) {
    TestClient client(fixture.port);
    client.send(post("/slow-echo", "through"));
    CHECK(client.receive().body == "through");
  }
  fixture.service.shared->open_gate();
  CHECK(first_waiting.receive().status == 200);
  CHECK(second_waiting.receive().status == 200);
  dribbling.send("f a body");
  CHECK(dribbling.receive().status == 200);
  for (int i = 0; i < 30; ++i) CHECK(not_reading.receive().body.size() == 1 << 20);
}

TEST_CASE("files are sent whole, whatever their size") {
  const std::size_t size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{524'288},
                                    std::size_t{524'289}, std::size_t{20'000'000});
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(get("/file?" + std::to_string(size)));
  const Answer answer = client.receive();
  REQUIRE(answer.body.size() == size);
  bool same = true;
  for (std::size_t i = 0; i < size; ++i) same = same && answer.body[i] == PatternFile::at(i);
  CHECK(same);
  client.send(get("/echo"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("a file that cannot be read never looks complete") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  SECTION("from the start: there is still time to say so") {
    client.send(get("/broken?0"));
    CHECK(client.receive().status == 500);
    CHECK(client.is_closed_by_peer());
  }
  SECTION("later: the connection ends before the announced length") {
    client.send(get("/broken?1500000"));
    CHECK_THROWS_WITH(client.receive(), "closed in the middle of a body");
  }
}

TEST_CASE("an exception of a service becomes 500") {
  const auto path = GENERATE("/throw-begin", "/throw-write", "/throw-finish");
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(post(path, "body"));
  CHECK(client.receive().status == 500);
  TestClient next(fixture.port);
  next.send(get("/echo"));
  CHECK(next.receive().status == 200);
}

TEST_CASE("a header value cannot end its line") {
  ServerFixture fixture;
  TestClient client(fixture.port);
  client.send(get("/split"));
  const Answer answer = client.receive();
  CHECK(answer.field("X-Split") == "a  X-Injected: b");
  CHECK(answer.field("X-Injected").empty());
}

TEST_CASE("stopping lets requests in progress finish and closes idle connections") {
  // One thread: when it has closed the idle connection, it knows that it is stopping.
  ServerFixture fixture({}, 1);
  TestClient idle(fixture.port);
  idle.send(get("/echo"));
  CHECK(idle.receive().status == 200);
  TestClient busy(fixture.port);
  busy.send(get("/gate"));
  fixture.service.shared->wait_for_arrivals(1);

  auto stopped = std::async(std::launch::async,
                            [&] { return fixture.server->drain_and_stop(std::chrono::seconds(20)); });
  CHECK(idle.is_closed_by_peer());
  fixture.service.shared->open_gate();
  const Answer answer = busy.receive();
  CHECK(answer.status == 200);
  CHECK(answer.field("Connection") == "close");
  CHECK(stopped.get());
  CHECK_THROWS(TestClient(fixture.port));
}

TEST_CASE("stopping does not wait long for those who send nothing more") {
  ServerFixture fixture;
  TestClient half_head(fixture.port);
  half_head.send("GET /ec");
  TestClient half_body(fixture.port);
  half_body.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal");
  TestClient no_reader(fixture.port);
  no_reader.send(get("/huge"));
  no_reader.wait_for_first_byte();
  const auto start = std::chrono::steady_clock::now();
  CHECK(fixture.server->drain_and_stop(std::chrono::seconds(20)));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("stopping does not wait for ever") {
  ServerFixture fixture;
  TestClient stuck(fixture.port);
  stuck.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal");
  TestClient sign_of_life(fixture.port);
  sign_of_life.send(get("/echo"));
  CHECK(sign_of_life.receive().status == 200);
  CHECK_FALSE(fixture.server->drain_and_stop(std::chrono::milliseconds(50)));
  CHECK(stuck.is_closed_by_peer());
}

TEST_CASE("a port in use is named") {
  ServerFixture fixture;
  FakeService service;
  SystemClock clock;
  Options options;
  options.listeners = {{.port = fixture.port, .service = &service}};
  options.clock = &clock;
  const auto second = Server::start(options);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::kUnavailable);
  CHECK(second.error().message == "port " + std::to_string(fixture.port) + " on 127.0.0.1 is already in use");
}

TEST_CASE("a host that is none is named") {
  FakeService service;
  SystemClock clock;
  Options options;
  options.host = "no such host";
  options.listeners = {{.port = 0, .service = &service}};
  options.clock = &clock;
  const auto server = Server::start(options);
  REQUIRE_FALSE(server.has_value());
  CHECK(server.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tidemark::server::test
