// A plain blocking socket that speaks HTTP by hand, to send what no client library would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/http_message.h"

namespace tidemark::server::test {

struct Answer {
  int status = 0;
  std::string head;  // status line and fields
  std::string body;

  [[nodiscard]] std::string field(std::string_view name) const {
    std::size_t at = 0;
    while ((at = head.find("\r\n", at)) != std::string::npos) {
      at += 2;
      const std::size_t colon = head.find(": ", at);
      const std::size_t end = head.find("\r\n", at);
      if (colon == std::string::npos || end == std::string::npos) break;
      if (http::equal_ignoring_case(std::string_view(head).substr(at, colon - at), name)) {
        return head.substr(colon + 2, end - colon - 2);
      }
    }
    return {};
  }
};

// Whole requests.
inline std::string post(std::string_view path, std::string_view body, std::string_view more_fields = {}) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more_fields) + "\r\n" + std::string(body);
}

inline std::string get(std::string_view path, std::string_view method = "GET") {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

// Every wait gives up after 20 seconds with an exception, which fails the test.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket_);
      throw std::runtime_error("cannot connect");
    }
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("cannot send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // False once the peer has gone.
  bool try_send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  // One answer; `has_body` is false for answers to HEAD. Interim answers (1xx) count as answers of their own.
  Answer receive(bool has_body = true) {
    Answer answer;
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more()) throw std::runtime_error("closed in the middle of a head");
    }
    answer.head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const std::string length = answer.field("Content-Length");
    const std::size_t size = has_body && !length.empty() ? std::stoul(length) : 0;
    while (pending_.size() < size) {
      if (!receive_more()) throw std::runtime_error("closed in the middle of a body");
    }
    answer.body = pending_.substr(0, size);
    pending_.erase(0, size);
    return answer;
  }

  // Whether an answer has begun to arrive, or the peer has closed.
  bool has_something() {
    char byte = 0;
    const ssize_t count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
  // Waits until an answer has begun to arrive, and leaves it where it is.
  void wait_for_first_byte() {
    char byte = 0;
    if (::recv(socket_, &byte, 1, MSG_PEEK) != 1) throw std::runtime_error("no answer began");
  }

  // Waits for the peer to close; anything that arrives instead is a failure.
  bool is_closed_by_peer() { return pending_.empty() && !receive_more(); }

 private:
  bool receive_more() {
    char buffer[64 * 1024];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      throw std::runtime_error("nothing came for 20 s");
    }
    if (count <= 0) return false;
    pending_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string pending_;
};

}  // namespace tidemark::server::test
