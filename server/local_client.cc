#include "server/local_client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <memory>

namespace tidemark::server {
namespace {

constexpr std::size_t kAnswerBytesMax = 4U << 20;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

Error unavailable(const ServerAddress& server, const std::string& why) {
  return Error::unavailable(server.host + ":" + std::to_string(server.port) + " " + why);
}

std::string text_of(const LocalRequest& request) {
  std::string text(request.method);
  text += ' ';
  text += request.path;
  text += " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (!request.json_body.empty()) {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.json_body.size()) +
            "\r\n";
  }
  text += "\r\n";
  text += request.json_body;
  return text;
}

// Everything until the server closes; empty when there was nothing, or too much.
std::string exchange(int socket, std::string_view request) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return {};
  std::string answer;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::recv(socket, buffer, sizeof buffer, 0)) > 0) {
    answer.append(buffer, static_cast<std::size_t>(count));
    if (answer.size() > kAnswerBytesMax) return {};
  }
  return answer;
}

}  // namespace

Result<LocalAnswer> ask_server(const ServerAddress& given, const LocalRequest& request) {
  ServerAddress server = given;
  if (server.host == "0.0.0.0") server.host = "127.0.0.1";
  if (server.host == "::") server.host = "::1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) {
    return fail(unavailable(server, "is not an address"));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const Socket socket(::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol));
  if (socket.get() < 0) return fail(unavailable(server, "cannot be asked: no socket"));
  const timeval patience{.tv_sec = request.patience_seconds, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) {
    return fail(unavailable(server, "does not accept connections"));
  }

  const std::string text = exchange(socket.get(), text_of(request));
  static constexpr std::string_view kStart = "HTTP/1.1 ";
  const std::size_t head_end = text.find("\r\n\r\n");
  LocalAnswer answer;
  const char* const status = text.data() + kStart.size();
  if (!text.starts_with(kStart) || head_end == std::string::npos ||
      std::from_chars(status, status + 3, answer.status).ec != std::errc()) {
    return fail(unavailable(server, "does not answer as a Tidemark does"));
  }
  answer.body = text.substr(head_end + 4);
  return answer;
}

}  // namespace tidemark::server
