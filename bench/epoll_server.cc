// The least that an HTTP server can do: reads requests on keep-alive connections and answers each with the
// same bytes. What Tidemark costs above this is what it does.
//
//   epoll_server --bytes 1100 --threads 2
//
// Prints {"port":N}, then serves the loopback interface until it is ended.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

[[noreturn]] void die(const char* message) {
  std::perror(message);
  std::exit(1);
}

// All threads listen on the same port: the kernel hands out connections.
int listen_on(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(*port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, length) != 0 || listen(fd, 1024) != 0) die("cannot listen");
  if (getsockname(fd, generic, &length) != 0) die("cannot tell the port");
  *port = ntohs(address.sin_port);
  return fd;
}

// The length of the request at the front of `text`, or 0 while it is incomplete.
std::size_t request_bytes(std::string_view text) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto head_end = text.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return 0;
  const auto length = text.substr(0, head_end).find(kName);
  std::size_t whole = head_end + 4;
  if (length != std::string_view::npos)
    whole += std::strtoull(text.data() + length + kName.size(), nullptr, 10);
  return whole <= text.size() ? whole : 0;
}

class Loop {
 public:
  Loop(int listener, const std::string& answer) : listener_(listener), answer_(answer) { watch(listener_); }

  [[noreturn]] void run() {
    epoll_event events[64];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listener_) {
          take_connections();
        } else {
          serve(events[i].data.fd);
        }
      }
    }
  }

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void take_connections() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
    }
  }

  void serve(int fd) {
    char buffer[64 << 10];
    const auto n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      close(fd);
      received_.erase(fd);
      return;
    }
    std::string& text = received_[fd];
    text.append(buffer, static_cast<std::size_t>(n));
    while (const std::size_t whole = request_bytes(text)) {
      text.erase(0, whole);
      // Small enough for the socket's buffer, as clients have one request in flight.
      if (send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) die("cannot answer");
    }
  }

  const int listener_;
  const std::string& answer_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::unordered_map<int, std::string> received_;  // what is not a whole request yet, by connection
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t body_bytes = 2;
  int thread_count = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--bytes") body_bytes = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::string_view(argv[i]) == "--threads") thread_count = std::atoi(argv[i + 1]);
  }
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: " +
      std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, 'x');
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(thread_count));
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([listener = listen_on(&port), &answer] { Loop(listener, answer).run(); });
  }
  std::printf("{\"port\":%d}\n", port);
  std::fflush(stdout);
  for (auto& thread : threads) thread.join();
  return 0;
}
