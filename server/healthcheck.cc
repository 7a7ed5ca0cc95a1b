#include "server/healthcheck.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <memory>
#include <string_view>

namespace tidemark::server {
namespace {

constexpr int kPatienceSeconds = 3;

Error unhealthy(const std::string& host, std::uint16_t port, const std::string& why) {
  return Error::unavailable(host + ":" + std::to_string(port) + " " + why);
}

// The start of the answer; empty when there was none.
std::string exchange(int socket, std::string_view request) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return {};
  }
  std::string answer;
  char buffer[1024];
  ssize_t count = 0;
  while (answer.size() < 16 * 1024 && (count = ::recv(socket, buffer, sizeof buffer, 0)) > 0) {
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  return answer;
}

}  // namespace

Result<void> check_health(const std::string& host, std::uint16_t port) {
  const std::string target = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return fail(unhealthy(target, port, "is not an address"));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const int socket = ::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
  if (socket < 0) {
    return fail(unhealthy(target, port, "cannot be asked: no socket"));
  }
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const bool is_connected = ::connect(socket, found->ai_addr, found->ai_addrlen) == 0;
  const std::string answer =
      is_connected
          ? exchange(socket, "GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
          : std::string();
  ::close(socket);
  if (!is_connected) {
    return fail(unhealthy(target, port, "does not accept connections"));
  }
  if (!answer.starts_with("HTTP/1.1 200 ") || answer.find("\"status\":\"ok\"") == std::string::npos) {
    return fail(unhealthy(target, port, "does not answer that it is well"));
  }
  return {};
}

}  // namespace tidemark::server
