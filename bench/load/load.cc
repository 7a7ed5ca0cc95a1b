// A load generator for servers that speak the protocols of DynamoDB and S3: one thread, epoll, keep-alive
// connections, one request in flight on each. Bounded in time and count; talks to the loopback interface
// only.
//
//   load --port 8000 --workload put --connections 16 --seconds 5
//   load --port 9000 --workload s3-get --bucket b --keys 16 --bytes 8388608 --connections 4 --seconds 5
//
// Prints one line of JSON: requests, errors, seconds, requests/s, received and sent bytes, latencies in
// microseconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/request.h"

namespace tidemark::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "load: %s\n", message.c_str());
  std::exit(1);
}

const Workload* find_workload(const std::string& name) {
  if (const Workload* found = find_dynamodb_workload(name)) return found;
  return find_s3_workload(name);
}

struct ResponseHead {
  bool is_success = false;
  std::uint64_t body_bytes = 0;
};

// Nothing while it is incomplete; `*text` then keeps it, and is left with the bytes behind it otherwise.
std::optional<ResponseHead> take_head(std::string* text, bool is_bodiless) {
  const auto head_end = text->find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  ResponseHead head;
  head.is_success = text->compare(9, 1, "2") == 0;
  is_bodiless = is_bodiless || text->compare(9, 3, "204") == 0;
  static constexpr std::string_view kName = "content-length:";
  bool is_length_known = is_bodiless;
  for (std::size_t line = text->find("\r\n"); !is_length_known && line < head_end;
       line = text->find("\r\n", line + 2)) {
    const std::string_view field = std::string_view(*text).substr(line + 2, kName.size());
    is_length_known = std::equal(field.begin(), field.end(), kName.begin(), kName.end(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    });
    if (is_length_known) {
      head.body_bytes = std::strtoull(text->c_str() + line + 2 + kName.size(), nullptr, 10);
    }
  }
  if (!is_length_known) die("a response has no Content-Length");
  text->erase(0, head_end + 4);
  return head;
}

struct Connection {
  int socket = -1;
  Request request;
  std::size_t sent = 0;
  bool waits_for_room = false;
  // The head while it is incomplete, then what has come of the body, as far as it is of use in a message.
  std::string response;
  std::optional<ResponseHead> head;
  std::uint64_t body_received = 0;
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
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

class Load {
 public:
  explicit Load(const Settings& settings) : settings_(settings), workload_(find_workload(settings.workload)) {
    if (workload_ == nullptr) die("no workload " + settings.workload);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(static_cast<std::size_t>(settings.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].socket = connect_to(settings.port);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
    // Requests are made beforehand, within bounds, so that the generator costs little while it measures.
    if (workload_->order == Order::kRandom || workload_->order == Order::kInTurn) {
      prepared_.resize(std::min(settings.keys, workload_->prepared_max));
    }
    for (std::uint32_t i = 0; i < prepared_.size(); ++i) prepared_[i] = workload_->make(settings_, i, i % 26);
  }

  void run() {
    const auto begin = Clock::now();
    deadline_ =
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings_.seconds));
    for (auto& connection : connections_) start(connection);
    while (in_flight_ > 0) {
      epoll_event events[256];
      // Polls instead of sleeping: in a virtual machine the one who wakes a sleeper pays for it, 5 to 10 us
      // of the server's CPU a request, which a busy client would not cost.
      const int count = epoll_wait(epoll_, events, 256, 0);
      if (count == 0 && Clock::now() > deadline_ + std::chrono::seconds(10)) die("no answer for ten seconds");
      for (int i = 0; i < count; ++i) {
        Connection& connection = connections_[events[i].data.u64];
        if ((events[i].events & EPOLLOUT) != 0) send_more(connection);
        if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(connection);
      }
    }
    report(std::chrono::duration<double>(Clock::now() - begin).count());
  }

 private:
  Request next_request() {
    if (workload_->order == Order::kOnce) {
      return workload_->make(settings_, static_cast<std::uint32_t>(begun_), 0);
    }
    if (workload_->order == Order::kDrawn) {
      return workload_->make(settings_, static_cast<std::uint32_t>(random_() % settings_.keys),
                             static_cast<std::uint32_t>(begun_ % 26));
    }
    const bool in_order = workload_->order == Order::kInTurn || settings_.requests_max <= prepared_.size();
    Request request = prepared_[(in_order ? begun_ : random_()) % prepared_.size()];
    if (request.token_offset != 0) {
      char token[kTokenBytes + 1];
      std::snprintf(token, sizeof token, "%016llx%016llx", static_cast<unsigned long long>(first_token_),
                    static_cast<unsigned long long>(begun_));
      request.text.replace(request.token_offset, kTokenBytes, token);
    }
    return request;
  }

  void start(Connection& connection) {
    if (begun_ >= settings_.requests_max || Clock::now() >= deadline_) return;
    connection.request = next_request();
    ++begun_;
    ++in_flight_;
    connection.sent = 0;
    connection.response.clear();
    connection.head.reset();
    connection.body_received = 0;
    connection.begun = Clock::now();
    send_more(connection);
  }

  void send_more(Connection& connection) {
    const std::string& text = connection.request.text;
    const std::string_view tail = connection.request.tail;
    const std::size_t whole = text.size() + tail.size();
    while (connection.sent < whole) {
      const std::size_t of_text = std::min(connection.sent, text.size());
      const std::size_t of_tail = connection.sent - of_text;
      iovec parts[2] = {{const_cast<char*>(text.data()) + of_text, text.size() - of_text},
                        {const_cast<char*>(tail.data()) + of_tail, tail.size() - of_tail}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      const auto n = sendmsg(connection.socket, &message, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) die("cannot send");
      connection.sent += static_cast<std::size_t>(n);
      bytes_sent_ += static_cast<std::uint64_t>(n);
    }
    wait_for_room(connection, connection.sent < whole);
  }

  void wait_for_room(Connection& connection, bool wanted) {
    if (connection.waits_for_room == wanted) return;
    connection.waits_for_room = wanted;
    epoll_event event{.events = wanted ? EPOLLIN | EPOLLOUT : std::uint32_t{EPOLLIN},
                      .data = {.u64 = static_cast<std::uint64_t>(&connection - connections_.data())}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket, &event);
  }

  void receive(Connection& connection) {
    static char buffer[256 << 10];
    const auto n = recv(connection.socket, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("the server closed a connection");
    const auto count = static_cast<std::size_t>(n);
    bytes_received_ += count;
    if (connection.head) {
      connection.body_received += count;
      keep_for_message(connection, {buffer, count});
    } else {
      connection.response.append(buffer, count);
      connection.head = take_head(&connection.response, connection.request.is_head);
      connection.body_received = connection.response.size();
    }
    if (!connection.head || connection.body_received < connection.head->body_bytes) return;
    finish(connection);
  }

  static void keep_for_message(Connection& connection, std::string_view bytes) {
    constexpr std::size_t kKept = 1000;
    if (!connection.head->is_success && connection.response.size() < kKept) connection.response.append(bytes);
  }

  void finish(Connection& connection) {
    const auto taken =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - connection.begun).count();
    latencies_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(taken / 100, UINT32_MAX)));
    if (!connection.head->is_success && errors_++ == 0) {
      std::fprintf(stderr, "load: first error: %s\n", connection.response.c_str());
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
        R"("bytes_received":%llu,"bytes_sent":%llu,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f})"
        "\n",
        settings_.workload.c_str(), settings_.connections, latencies_.size(),
        static_cast<unsigned long long>(errors_), seconds, static_cast<double>(latencies_.size()) / seconds,
        static_cast<unsigned long long>(bytes_received_), static_cast<unsigned long long>(bytes_sent_),
        at(0.5), at(0.99), at(1.0));
  }

  const Settings& settings_;
  const Workload* const workload_;
  const std::uint64_t first_token_ = std::random_device{}();
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<Request> prepared_;
  std::vector<std::uint32_t> latencies_;  // in units of 0.1 us
  std::uint64_t begun_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t bytes_sent_ = 0;
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
      settings.seconds = std::clamp(std::atof(value), 0.1, 600.0);
    } else if (name == "--requests") {
      settings.requests_max = std::strtoull(value, nullptr, 10);
    } else if (name == "--workload") {
      settings.workload = value;
    } else if (name == "--table") {
      settings.table = value;
    } else if (name == "--bucket") {
      settings.bucket = value;
    } else if (name == "--iterator") {
      settings.iterator = value;
    } else if (name == "--as-of") {
      settings.as_of = value;
    } else if (name == "--bytes") {
      settings.object_bytes = std::min<std::size_t>(std::strtoull(value, nullptr, 10), 1 << 30);
    } else if (name == "--keys") {
      settings.keys = static_cast<std::uint32_t>(std::max(1, std::atoi(value)));
    } else {
      die("unknown option " + std::string(name));
    }
  }
  return settings;
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  const auto settings = tidemark::bench::parse_arguments(argc, argv);
  tidemark::bench::Load(settings).run();
  return 0;
}
