#include "server/webhook.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

using std::chrono::milliseconds;

// An HTTP endpoint that writes down what it gets. It answers the statuses of a list in turn, then 200.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses = {}) : statuses_(std::move(statuses)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    INVARIANT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    INVARIANT(::listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    INVARIANT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this] { run(); });
  }
  ~Receiver() { ::shutdown(listener_, SHUT_RDWR), thread_.join(), ::close(listener_); }

  // The bodies, once there are so many requests.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    INVARIANT(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return bodies_.size() >= count; }));
    return bodies_;
  }

  std::uint16_t port = 0;

 private:
  void run() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      std::string text;
      char buffer[4096];
      std::size_t head = std::string::npos;
      std::size_t wanted = 1;
      while (head == std::string::npos || text.size() < head + 4 + wanted) {
        const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count <= 0) break;
        text.append(buffer, static_cast<std::size_t>(count));
        head = text.find("\r\n\r\n");
        const std::size_t length = text.find("Content-Length: ");
        if (head != std::string::npos) wanted = std::stoul(text.substr(length + 16));
      }
      const std::scoped_lock lock(mutex_);
      const int status = bodies_.size() < statuses_.size() ? statuses_[bodies_.size()] : 200;
      const std::string answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 " + std::to_string(status) +
                                 " X\r\nContent-Length: 0\r\n\r\n";
      ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(socket);
      bodies_.push_back(text.substr(head + 4));
      changed_.notify_all();
    }
  }

  int listener_ = -1;
  const std::vector<int> statuses_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;  // guarded by mutex_
  std::jthread thread_;
};

s3emu::ObjectEvent event_of(const std::string& key) {
  s3emu::Bucket bucket;
  bucket.info.name = "bucket";
  s3emu::ObjectEvent event;
  event.name = "ObjectCreated:Put";
  event.bucket = std::make_shared<const s3emu::Bucket>(bucket);
  event.key = key;
  event.size = 5;
  event.etag = "abc";
  event.time = Timestamp::from_seconds(1'790'000'000);
  event.sequencer = "00";
  return event;
}

Webhook::Options options_for(std::uint16_t port) {
  Webhook::Options options;
  options.url = {"127.0.0.1", port, "/hook?a=b"};
  options.region = "us-east-1";
  options.owner_id = "owner";
  options.pause_min = milliseconds(1);
  options.pause_max = milliseconds(10);
  options.refusals_max = 3;
  return options;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("addresses of webhooks") {
  struct Case {
    const char* url;
    const char* host;  // empty: refused
    std::uint16_t port;
    const char* target;
  };
  const auto c = GENERATE(values<Case>({
      {"http://localhost", "localhost", 80, "/"},
      {"http://localhost:9/a/b?c=d#e", "localhost", 9, "/a/b?c=d"},
      {"http://h?x", "h", 80, "/?x"},
      {"http://[::1]:8080/", "::1", 8080, "/"},
      {"https://localhost", "", 0, ""},
      {"localhost:80", "", 0, ""},
      {"http://", "", 0, ""},
      {"http://h:0", "", 0, ""},
      {"http://h:70000", "", 0, ""},
      {"http://h:80x", "", 0, ""},
      {"http://[::1", "", 0, ""},
      {"http://[::1]8080", "", 0, ""},
      {"http://me@h", "", 0, ""},
      {"http://h/a b", "", 0, ""},
      {"http://h/\r\nX: y", "", 0, ""},
  }));
  INFO(c.url);
  const auto url = parse_http_url(c.url);
  if (*c.host == '\0') {
    CHECK(!url);
    return;
  }
  REQUIRE(url);
  CHECK(url->host == c.host);
  CHECK(url->port == c.port);
  CHECK(url->target == c.target);
}

TEST_CASE("events arrive in order, after failures as well") {
  Receiver receiver({500, 503, 200, 429});
  Webhook webhook(options_for(receiver.port));
  for (const char* key : {"k1", "k2", "k3"}) webhook.tell(event_of(key));
  const auto bodies = receiver.wait_for(6);
  const char* expected[] = {"k1", "k1", "k1", "k2", "k2", "k3"};
  for (std::size_t i = 0; i < 6; ++i) CHECK(has(bodies[i], std::string("\"key\":\"") + expected[i] + "\""));
  CHECK(webhook.dropped() == 0);
}

TEST_CASE("what is refused is given up") {
  Receiver receiver({404, 500, 500, 500});
  Webhook webhook(options_for(receiver.port));
  for (const char* key : {"k1", "k2", "k3"}) webhook.tell(event_of(key));
  const auto bodies = receiver.wait_for(5);
  CHECK(has(bodies[0], "\"k1\""));
  CHECK(has(bodies[3], "\"k2\""));
  CHECK(has(bodies[4], "\"k3\""));
  CHECK(webhook.dropped() == 2);
}

TEST_CASE("an endpoint that is not there stops nobody") {
  std::uint16_t port = 0;
  { port = Receiver().port; }
  const auto start = std::chrono::steady_clock::now();
  {
    Webhook::Options options = options_for(port);
    options.events_max = 10;
    Webhook webhook(options);
    for (int i = 0; i < 1000; ++i) webhook.tell(event_of("k" + std::to_string(i)));
    CHECK(webhook.dropped() >= 980);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("what is left at the end is sent") {
  Receiver receiver;
  {
    Webhook webhook(options_for(receiver.port));
    for (int i = 0; i < 20; ++i) webhook.tell(event_of("k" + std::to_string(i)));
  }
  CHECK(receiver.wait_for(20).size() == 20);
}

}  // namespace tidemark::server
