#include "server/http/response_head.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidemark::server {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

void append_number(std::string* out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out->append(digits, end);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// True also for some text that has none.
bool may_have_control(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t found = 0;
  const auto look_at = [&found](std::uint64_t word) {
    // (x - n) & ~x has a byte's high bit when that byte is below n; a borrow can only add bits.
    const std::uint64_t is_delete = word ^ (kOnes * 0x7f);
    found |= ((word - kOnes * 0x20) & ~word) | ((is_delete - kOnes) & ~is_delete);
  };
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    look_at(word);
  }
  const bool is_rest_dirty =
      std::any_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), is_control);
  return is_rest_dirty || (found & kHighBits) != 0;
}

void append_clean(std::string* out, std::string_view text) {
  const std::size_t start = out->size();
  out->append(text);
  if (may_have_control(text)) [[unlikely]] {
    std::replace_if(out->begin() + static_cast<std::ptrdiff_t>(start), out->end(), is_control, ' ');
  }
}

}  // namespace

bool is_bodiless(int status) { return status == 204 || status == 304 || (status >= 100 && status < 200); }

void append_response_head(std::string* out, const http::Response& response, std::string_view http_date,
                          RequestTraits request) {
  *out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  *out += ' ';
  *out += reason_of(response.status);
  *out += "\r\nServer: Tidemark\r\nDate: ";
  *out += http_date;
  // A 304 may announce the length that a 200 would have; a 204 may not.
  if (response.has_source()) {
    if (!request.http_1_0) *out += "\r\nTransfer-Encoding: chunked";
  } else if (!is_bodiless(response.status) || (response.status == 304 && response.content_length)) {
    *out += "\r\nContent-Length: ";
    const bool sends_body = !request.is_head && response.status != 304;
    append_number(out,
                  sends_body ? response.body_size() : response.content_length.value_or(response.body_size()));
  }
  if (!request.keep_alive) {
    *out += "\r\nConnection: close";
  } else if (request.http_1_0) {
    *out += "\r\nConnection: keep-alive";
  }
  for (const auto& [name, value] : response.headers.fields()) {
    *out += "\r\n";
    append_clean(out, name);
    *out += ": ";
    append_clean(out, value);
  }
  *out += "\r\n\r\n";
}

std::string_view HttpDate::now() {
  const Timestamp now = clock_.now();
  if (now.seconds() != second_) {
    second_ = now.seconds();
    text_ = format_http_date(now);
  }
  return text_;
}

}  // namespace tidemark::server
