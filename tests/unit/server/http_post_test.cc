#include "server/client/http_post.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

using namespace std::chrono_literals;

// Takes one connection, reads one request without a body, and answers with these bytes, whatever was asked.
class CannedServer {
 public:
  explicit CannedServer(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);  // ends accept(), should nobody have come
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  // What was asked; once the answer has been read.
  const std::string& request() {
    if (thread_.joinable()) thread_.join();
    return request_;
  }

  std::uint16_t port = 0;

 private:
  void serve(const std::string& answer) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    char buffer[4096];
    while (request_.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      request_.append(buffer, static_cast<std::size_t>(count));
    }
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(socket);
  }

  const int listener_;
  std::string request_;  // of the thread, until it has ended
  std::jthread thread_;
};

HttpUrl url_of(std::uint16_t port) { return {.host = "127.0.0.1", .port = port, .target = "/path?q"}; }

TEST_CASE("answers are read to their end") {
  struct Case {
    const char* why;
    std::string answer;
    int status;        // 0: no answer
    std::string text;  // the body, or the end of the error
  };
  const auto c = GENERATE(values<Case>({
      {"by its length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"field names know no case", "HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", 200, "hello"},
      {"no body", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, ""},
      {"until the connection is closed", "HTTP/1.0 404 Not Found\r\n\r\nhello", 404, "hello"},
      {"behind an interim answer",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno", 400, "no"},
      {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", 0,
       "closed the connection within its answer"},
      {"announced too long", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", 0,
       "answers with too much"},
      {"too long", "HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'x'), 0, "answers with too much"},
      {"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", 0, "does not speak HTTP"},
      {"half a head", "HTTP/1.1 200 OK\r\n", 0, "closed the connection before it answered"},
      {"an endless head", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'), 0,
       "answers with a head that is too long"},
  }));
  INFO(c.why);
  CannedServer server(c.answer);
  const auto answer = ask(url_of(server.port), {.answer_bytes_max = 50}, 20s);
  if (c.status == 0) {
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == ErrorCode::kUnavailable);
    CHECK(answer.error().message == "127.0.0.1:" + std::to_string(server.port) + " " + c.text);
  } else {
    REQUIRE(answer.has_value());
    CHECK(answer->status == c.status);
    CHECK(answer->body == c.text);
  }
}

TEST_CASE("a request says what it is") {
  CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(ask(url_of(server.port), {.method = "POST", .json_body = "{}"}, 20s).has_value());
  CHECK(server.request() == "POST /path?q HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) +
                                "\r\nUser-Agent: Tidemark\r\nConnection: close\r\n"
                                "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("a name is tried by each of its addresses") {
  CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");  // on 127.0.0.1 alone
  CHECK(ask({.host = "localhost", .port = server.port, .target = "/"}, {}, 20s).has_value());
}

TEST_CASE("a port that nobody listens on says so") {
  std::uint16_t port = 0;
  { port = CannedServer("").port; }
  const auto answer = ask(url_of(port), {}, 20s);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message == "127.0.0.1:" + std::to_string(port) + " does not accept connections");
}

}  // namespace
}  // namespace tidemark::server
