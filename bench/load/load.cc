// A load generator for servers that speak DynamoDB's wire protocol: one thread, epoll, keep-alive
// connections, one request in flight on each. Bounded in time and count; talks to the loopback interface
// only.
//
//   load --port 8000 --workload put --connections 16 --seconds 5
//
// Prints one line of JSON: requests, errors, seconds, requests/s, latencies in microseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sample_item.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  int port = 8000;
  int connections = 16;
  double seconds = 5;
  std::uint64_t requests_max = 50'000'000;
  std::string workload = "put";
  std::string table = "bench";
  std::uint32_t keys = 10'000;
};

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "load: %s\n", message.c_str());
  std::exit(1);
}

// ---------------------------------------------------------------- requests

std::string key_of(std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "k%07u", number);
  return text;
}

std::string item_of(std::uint32_t number, std::uint32_t version) {
  return tidemark::bench::sample_item(key_of(number), "item", number % 100, version);
}

std::string table_member(const Settings& settings) { return R"({"TableName":")" + settings.table + '"'; }

std::string key_member(std::uint32_t number) {
  return R"(,"Key":{"pk":{"S":")" + key_of(number) + R"("},"sk":{"S":"item"}})";
}

std::string batch_of_25(const Settings& settings, std::uint32_t first, std::uint32_t version) {
  std::string body = R"({"RequestItems":{")" + settings.table + R"(":[)";
  for (std::uint32_t i = 0; i < 25; ++i) {
    if (i > 0) body += ',';
    body += R"({"PutRequest":{"Item":)" + item_of((first + i) % settings.keys, version) + "}}";
  }
  return body + "]}}";
}

struct Workload {
  const char* operation;
  std::function<std::string(const Settings&, std::uint32_t number, std::uint32_t version)> body;
};

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all = {
      // The same HTTP server answering without a database behind it.
      {"constant", {nullptr, {}}},
      {"put",
       {"PutItem", [](const Settings& s, std::uint32_t n,
                      std::uint32_t v) { return table_member(s) + R"(,"Item":)" + item_of(n, v) + "}"; }}},
      {"get",
       {"GetItem",
        [](const Settings& s, std::uint32_t n, std::uint32_t) {
          return table_member(s) + key_member(n) + R"(,"ConsistentRead":true})";
        }}},
      {"update",
       {"UpdateItem",
        [](const Settings& s, std::uint32_t n, std::uint32_t v) {
          return table_member(s) + key_member(n) +
                 R"(,"UpdateExpression":"SET a = :a ADD version :one","ExpressionAttributeValues":{":a":{"S":")" +
                 tidemark::bench::words(n + v, 150) + R"("},":one":{"N":"1"}}})";
        }}},
      // Ten items of one partition: what the workload `fill-query` wrote.
      {"query",
       {"Query",
        [](const Settings& s, std::uint32_t n, std::uint32_t) {
          return table_member(s) +
                 R"(,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"q)" +
                 std::to_string(n % (s.keys / 10)) + R"("}}})";
        }}},
      {"fill-query",
       {"PutItem",
        [](const Settings& s, std::uint32_t n, std::uint32_t v) {
          const std::string item = tidemark::bench::sample_item("q" + std::to_string(n / 10),
                                                                "i" + std::to_string(n % 10), n % 100, v);
          return table_member(s) + R"(,"Item":)" + item + "}";
        }}},
      {"scan",
       {"Scan", [](const Settings& s, std::uint32_t,
                   std::uint32_t) { return table_member(s) + R"(,"Limit":100})"; }}},
      {"batch-write", {"BatchWriteItem", batch_of_25}},
      // Number n stands for the items 25 n … 25 n + 24: each key once, in order.
      {"fill-batch",
       {"BatchWriteItem", [](const Settings& s, std::uint32_t n,
                             std::uint32_t v) { return batch_of_25(s, n * 25 % s.keys, v); }}},
  };
  return all;
}

void build_request(const Settings& settings, const Workload& workload, std::uint32_t number,
                   std::uint32_t version, std::string* out) {
  if (workload.operation == nullptr) {
    *out = "GET /_tidemark/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    return;
  }
  const std::string body = workload.body(settings, number, version);
  *out = "POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(settings.port) +
         "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810." +
         workload.operation +
         "\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 "
         "Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
         "SignedHeaders=host;x-amz-date;x-amz-target, "
         "Signature=0000000000000000000000000000000000000000000000000000000000000000\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// ---------------------------------------------------------------- connections

struct Connection {
  int socket = -1;
  std::string request;
  std::string response;
  std::size_t response_size = 0;  // known once the head is there
  bool ok = false;
  Clock::time_point begun;
};

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    die("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// Where the whole response ends, or 0 while the head is incomplete.
std::size_t response_end(const std::string& text, bool* ok) {
  const auto head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return 0;
  *ok = text.compare(9, 3, "200") == 0;
  static constexpr std::string_view kName = "content-length:";
  for (std::size_t line = text.find("\r\n"); line < head_end; line = text.find("\r\n", line + 2)) {
    const std::string_view field = std::string_view(text).substr(line + 2, kName.size());
    const bool matches =
        std::equal(field.begin(), field.end(), kName.begin(), kName.end(),
                   [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    if (!matches) continue;
    return head_end + 4 + std::strtoull(text.c_str() + line + 2 + kName.size(), nullptr, 10);
  }
  die("a response has no Content-Length");
}

class Load {
 public:
  explicit Load(const Settings& settings) : settings_(settings) {
    const auto found = workloads().find(settings.workload);
    if (found == workloads().end()) die("no workload " + settings.workload);
    workload_ = &found->second;
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(static_cast<std::size_t>(settings.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].socket = connect_to(settings.port);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
    // Requests are made beforehand, within bounds, so that the generator costs little while it measures. A
    // fill sends each only once: those are made as they go.
    is_fill_ = settings.workload.starts_with("fill");
    const std::uint32_t prepared_max = settings.workload.starts_with("batch") ? 400 : 20'000;
    prepared_.resize(is_fill_ ? 0 : std::min(settings.keys, prepared_max));
    for (std::uint32_t i = 0; i < prepared_.size(); ++i)
      build_request(settings_, *workload_, i, i % 26, &prepared_[i]);
  }

  void run() {
    const auto begin = Clock::now();
    deadline_ =
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings_.seconds));
    for (auto& connection : connections_) start(connection);
    while (in_flight_ > 0) {
      epoll_event events[256];
      // Polls instead of sleeping: in a virtual machine the one who wakes a sleeper pays for it, 5 to 10 us of the
      // server's CPU a request, which a busy client would not cost.
      const int count = epoll_wait(epoll_, events, 256, 0);
      if (count == 0 && Clock::now() > deadline_ + std::chrono::seconds(10)) die("no answer for ten seconds");
      for (int i = 0; i < count; ++i) receive(connections_[events[i].data.u64]);
    }
    report(std::chrono::duration<double>(Clock::now() - begin).count());
  }

 private:
  // A fill, or as many requests as there are keys, goes through the keys in order; everything else draws
  // them.
  void next_request(std::string* request) {
    if (is_fill_) return build_request(settings_, *workload_, static_cast<std::uint32_t>(begun_), 0, request);
    const bool in_order = settings_.requests_max <= prepared_.size();
    *request = prepared_[(in_order ? begun_ : random_()) % prepared_.size()];
  }

  void start(Connection& connection) {
    if (begun_ >= settings_.requests_max || Clock::now() >= deadline_) return;
    next_request(&connection.request);
    ++begun_;
    ++in_flight_;
    connection.response.clear();
    connection.response_size = 0;
    connection.begun = Clock::now();
    std::size_t sent = 0;
    while (sent < connection.request.size()) {
      const auto n = send(connection.socket, connection.request.data() + sent,
                          connection.request.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) die("cannot send");
      sent += static_cast<std::size_t>(n);
    }
  }

  void receive(Connection& connection) {
    char buffer[256 << 10];
    const auto n = recv(connection.socket, buffer, sizeof buffer, 0);
    if (n <= 0) die("the server closed a connection");
    connection.response.append(buffer, static_cast<std::size_t>(n));
    if (connection.response_size == 0)
      connection.response_size = response_end(connection.response, &connection.ok);
    if (connection.response_size == 0 || connection.response.size() < connection.response_size) return;
    const auto taken =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - connection.begun).count();
    latencies_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(taken / 100, UINT32_MAX)));
    if (!connection.ok) {
      if (errors_++ == 0) std::fprintf(stderr, "load: first error: %s\n", connection.response.c_str());
    }
    --in_flight_;
    start(connection);
  }

  void report(double seconds) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [this](double share) {
      if (latencies_.empty()) return 0.0;
      return latencies_[static_cast<std::size_t>(share * static_cast<double>(latencies_.size() - 1))] / 10.0;
    };
    std::printf(
        R"({"workload":"%s","connections":%d,"requests":%zu,"errors":%llu,"seconds":%.3f,"per_second":%.1f,)"
        R"("p50_us":%.1f,"p99_us":%.1f})"
        "\n",
        settings_.workload.c_str(), settings_.connections, latencies_.size(),
        static_cast<unsigned long long>(errors_), seconds, static_cast<double>(latencies_.size()) / seconds,
        at(0.5), at(0.99));
  }

  const Settings& settings_;
  const Workload* workload_ = nullptr;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  bool is_fill_ = false;
  std::vector<std::string> prepared_;
  std::vector<std::uint32_t> latencies_;  // in units of 0.1 us
  std::uint64_t begun_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t errors_ = 0;
  Clock::time_point deadline_;
  std::minstd_rand random_{42};
};

Settings parse_arguments(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") {
      settings.port = std::atoi(value);
    } else if (name == "--connections") {
      settings.connections = std::clamp(std::atoi(value), 1, 1024);
    } else if (name == "--seconds") {
      settings.seconds = std::clamp(std::atof(value), 0.1, 60.0);
    } else if (name == "--requests") {
      settings.requests_max = std::strtoull(value, nullptr, 10);
    } else if (name == "--workload") {
      settings.workload = value;
    } else if (name == "--table") {
      settings.table = value;
    } else if (name == "--keys") {
      settings.keys = static_cast<std::uint32_t>(std::max(100, std::atoi(value)));
    } else {
      die("unknown option " + std::string(name));
    }
  }
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = parse_arguments(argc, argv);
  Load(settings).run();
  return 0;
}
