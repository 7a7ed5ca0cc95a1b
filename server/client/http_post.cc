#include "server/client/http_post.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "base/http_message.h"

namespace tidemark::server {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::size_t kAnswerHeadMax = 16 << 10;

auto unavailable(const HttpUrl& url, const std::string& why) {
  return fail(Error::unavailable(url.host + ":" + std::to_string(url.port) + " " + why));
}

// What is wrong with the connection, as the end of a sentence.
std::string trouble(int error) {
  return error == ECONNREFUSED ? std::string(kNobodyThere) : std::strerror(error);
}

// A socket that never blocks longer than until the deadline or the stop.
class Connection {
 public:
  Connection(const HttpUrl& url, Moment deadline, int stop_descriptor)
      : url_(url), deadline_(deadline), stop_descriptor_(stop_descriptor) {}
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> open() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(url_.host.c_str(), std::to_string(url_.port).c_str(), &hints, &found) != 0) {
      return unavailable(url_, "is not an address");
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
    Result<void> opened = unavailable(url_, "has no address");
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      opened = connect(*address);
      if (opened) return {};
    }
    return opened;
  }

  Result<void> send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) return unavailable(url_, std::strerror(errno));
      RETURN_IF_ERROR(wait(POLLOUT));
    }
    return {};
  }

  // Appends what has come; at the end of the answer nothing.
  Result<std::size_t> receive(std::string* text) {
    char buffer[4096];
    while (true) {
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count >= 0) {
        text->append(buffer, static_cast<std::size_t>(count));
        return static_cast<std::size_t>(count);
      }
      if (errno != EAGAIN && errno != EINTR) return unavailable(url_, std::strerror(errno));
      RETURN_IF_ERROR(wait(POLLIN));
    }
  }

 private:
  Result<void> connect(const addrinfo& address) {
    if (socket_ >= 0) ::close(socket_);
    socket_ =
        ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
    if (socket_ < 0) return unavailable(url_, std::strerror(errno));
    if (::connect(socket_, address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return unavailable(url_, trouble(errno));
    RETURN_IF_ERROR(wait(POLLOUT));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unavailable(url_, trouble(error));
    return {};
  }

  Result<void> wait(short events) {
    pollfd polled[] = {{socket_, events, 0}, {stop_descriptor_, POLLIN, 0}};
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) return unavailable(url_, "took too long");
      const int ready = ::poll(polled, 2, static_cast<int>(left.count()) + 1);
      if (ready < 0 && errno != EINTR) return unavailable(url_, std::strerror(errno));
      if (polled[1].revents != 0) return fail(Error::unavailable("stopping"));
      if (ready > 0 && polled[0].revents != 0) return {};
    }
  }

  const HttpUrl& url_;
  const Moment deadline_;
  const int stop_descriptor_;
  int socket_ = -1;
};

// `HTTP/1.1 204 No Content`; 0 when it is none.
int status_of(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  int status = 0;
  const auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return error == std::errc() && end == head.data() + 12 && status >= 100 ? status : 0;
}

// What a final answer begins with, and what of its body has come with that.
struct Head {
  int status = 0;
  std::string fields;
  std::string rest;
};

Result<Head> read_head(const HttpUrl& url, Connection* connection) {
  std::string text;
  while (text.size() <= kAnswerHeadMax) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end != std::string::npos) {
      const int status = status_of(text);
      if (status == 0) return unavailable(url, "does not speak HTTP");
      if (status >= 200) return Head{status, text.substr(0, end + 2), text.substr(end + 4)};
      text.erase(0, end + 4);  // an interim answer
      continue;
    }
    ASSIGN_OR_RETURN(const std::size_t count, connection->receive(&text));
    if (count == 0) return unavailable(url, "closed the connection before it answered");
  }
  return unavailable(url, "answers with a head that is too long");
}

// The number in the field Content-Length; nothing when there is none.
std::optional<std::size_t> length_of(std::string_view fields) {
  const auto text = field_of(fields, "Content-Length");
  if (!text) return std::nullopt;
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return length;
}

// Until the end that the head announces, or else until the connection is closed.
Result<std::string> read_body(const HttpUrl& url, Head head, std::size_t bytes_max, Connection* connection) {
  const std::optional<std::size_t> length = length_of(head.fields);
  std::string body = std::move(head.rest);
  while (!length || body.size() < *length) {
    if (std::max(body.size(), length.value_or(0)) > bytes_max) {
      return unavailable(url, "answers with too much");
    }
    ASSIGN_OR_RETURN(const std::size_t count, connection->receive(&body));
    if (count > 0) continue;
    if (length) return unavailable(url, "closed the connection within its answer");
    break;
  }
  return body;
}

bool is_chunked(std::string_view fields) {
  static constexpr std::string_view kField = "\r\nTransfer-Encoding: chunked\r\n";
  for (; fields.size() >= kField.size(); fields.remove_prefix(1)) {
    if (http::equal_ignoring_case(fields.substr(0, kField.size()), kField)) return true;
  }
  return false;
}

// Takes the chunks of a body apart.
class ChunkReader {
 public:
  explicit ChunkReader(const TakePiece& take) : take_(take) {}

  // Takes what is whole off the front of `*text`. True: the body is complete. Nothing when it is broken.
  std::optional<bool> read(std::string* text) {
    std::string_view rest = *text;
    bool is_over = false;
    while (!is_over) {
      if (left_ > 0) {
        const std::string_view piece = rest.substr(0, left_);
        if (piece.empty()) break;
        take_(piece);
        left_ -= piece.size();
        rest.remove_prefix(piece.size());
        ends_chunk_ = true;
        continue;
      }
      const std::size_t skipped = ends_chunk_ ? 2 : 0;  // the line end behind a chunk
      const std::size_t end = rest.find("\r\n", skipped);
      if (end == std::string_view::npos) {
        if (rest.size() > kLineBytesMax) return std::nullopt;
        break;
      }
      const auto [stop, error] = std::from_chars(rest.data() + skipped, rest.data() + end, left_, 16);
      if (error != std::errc() || stop != rest.data() + end) return std::nullopt;
      rest.remove_prefix(end + 2);
      ends_chunk_ = false;
      is_over = left_ == 0;
    }
    text->erase(0, text->size() - rest.size());
    return is_over;
  }

 private:
  static constexpr std::size_t kLineBytesMax = 64;

  const TakePiece& take_;
  std::size_t left_ = 0;  // of the current chunk
  bool ends_chunk_ = false;
};

Result<void> take_chunks(const HttpUrl& url, std::string text, Connection* connection,
                         const TakePiece& take) {
  ChunkReader reader(take);
  while (true) {
    const auto is_over = reader.read(&text);
    if (!is_over) return unavailable(url, "does not speak HTTP");
    if (*is_over) return {};
    ASSIGN_OR_RETURN(const std::size_t count, connection->receive(&text));
    if (count == 0) return unavailable(url, "broke off within its answer; its log says why");
  }
}

std::string text_of(const HttpUrl& url, const HttpQuestion& question) {
  std::string text(question.method);
  text += ' ';
  text += url.target;
  text += " HTTP/1.1\r\n";
  const bool is_plain = question.headers.fields().empty();
  const bool is_post = question.method == "POST";
  if (is_plain) text += "Host: " + host_field(url) + "\r\n";
  text += "User-Agent: Tidemark\r\nConnection: close\r\n";
  if (is_plain && is_post) text += "Content-Type: application/json\r\n";
  for (const auto& [name, value] : question.headers.fields()) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (is_post) text += "Content-Length: " + std::to_string(question.json_body.size()) + "\r\n";
  text += "\r\n";
  text += question.json_body;
  return text;
}

}  // namespace

std::optional<std::string_view> field_of(std::string_view fields, std::string_view name) {
  while (!fields.empty()) {
    std::string_view line = fields.substr(0, fields.find("\r\n"));
    fields.remove_prefix(std::min(line.size() + 2, fields.size()));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!http::equal_ignoring_case(line.substr(0, name.size()), name)) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' ', name.size() + 1), line.size()));
    return line;
  }
  return std::nullopt;
}

std::string host_field(const HttpUrl& url) {
  const bool is_ipv6 = url.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

Result<HttpUrl> parse_http_url(std::string_view url) {
  const auto bad = [&](const char* why) {
    return fail(Error::invalid_argument("'" + std::string(url) + "' " + why));
  };
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return bad("is not a URL that begins with http://");
  const bool plain = std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!plain) return bad("has characters that a URL cannot have");
  std::string_view rest = url.substr(kScheme.size());
  rest = rest.substr(0, rest.find('#'));
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  HttpUrl out;
  const std::string_view target = rest.substr(authority.size());
  out.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  if (authority.find('@') != std::string_view::npos) return bad("has a user name, which is not supported");
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return bad("has a broken address");
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) return bad("has no host");
  out.host = std::string(host);
  if (port.empty()) return out;
  const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), out.port);
  if (port.front() != ':' || error != std::errc() || end != port.data() + port.size() || out.port == 0) {
    return bad("has a broken port");
  }
  return out;
}

Result<HttpAnswer> ask(const HttpUrl& url, const HttpQuestion& question, std::chrono::milliseconds patience,
                       int stop_descriptor) {
  Connection connection(url, std::chrono::steady_clock::now() + patience, stop_descriptor);
  RETURN_IF_ERROR(connection.open());
  RETURN_IF_ERROR(connection.send(text_of(url, question)));
  ASSIGN_OR_RETURN(Head head, read_head(url, &connection));
  HttpAnswer answer{.status = head.status, .body = {}};
  if (question.answer_bytes_max == 0) return answer;
  ASSIGN_OR_RETURN(answer.body, read_body(url, std::move(head), question.answer_bytes_max, &connection));
  return answer;
}

Result<HttpAnswer> ask_for_stream(const HttpUrl& url, const HttpQuestion& question,
                                  std::chrono::milliseconds patience, const TakePiece& take) {
  static constexpr int kNoStop = -1;
  Connection connection(url, std::chrono::steady_clock::now() + patience, kNoStop);
  RETURN_IF_ERROR(connection.open());
  RETURN_IF_ERROR(connection.send(text_of(url, question)));
  ASSIGN_OR_RETURN(Head head, read_head(url, &connection));
  HttpAnswer answer{.status = head.status, .body = {}, .fields = head.fields};
  if (answer.status < 300 && is_chunked(head.fields)) {
    RETURN_IF_ERROR(take_chunks(url, std::move(head.rest), &connection, take));
    return answer;
  }
  ASSIGN_OR_RETURN(answer.body, read_body(url, std::move(head), question.answer_bytes_max, &connection));
  if (answer.status < 300) take(std::exchange(answer.body, {}));
  return answer;
}

Result<int> post_json(const HttpUrl& url, std::string_view body, std::chrono::milliseconds patience,
                      int stop_descriptor) {
  ASSIGN_OR_RETURN(const HttpAnswer answer,
                   ask(url, {.method = "POST", .json_body = body}, patience, stop_descriptor));
  return answer.status;
}

}  // namespace tidemark::server
