#include "base/http_message.h"

#include <algorithm>

#include "base/address.h"
#include "base/bytes.h"

namespace tidemark::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_escape(char c, std::string* out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out->push_back('%');
  out->push_back(kDigits[byte >> 4]);
  out->push_back(kDigits[byte & 0x0f]);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return x == y || lower(x) == lower(y); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_) {
    // Most names differ in length: no call for those.
    if (field_name.size() == name.size() && equal_ignoring_case(field_name, name)) return value;
  }
  return std::nullopt;
}

bool is_from_this_machine(const RequestHead& head) {
  const auto is_there = [&head](const char* name) { return head.headers.find(name).has_value(); };
  return is_loopback(head.peer) &&
         std::none_of(kForwardingHeaders.begin(), kForwardingHeaders.end(), is_there);
}

std::string_view RequestHead::path() const {
  std::string_view path = std::string_view(target).substr(0, target.find('?'));
  if (path.starts_with('/')) return path;
  // The absolute form, which every server has to take (RFC 9112, 3.2.2).
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(path.substr(0, scheme.size()), scheme)) continue;
    const std::size_t slash = path.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
  }
  return path;
}

std::string_view RequestHead::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::uint64_t Response::body_size() const {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (has_source()) return 0;
  std::uint64_t size = 0;
  for (const FileRange& range : std::get<std::vector<FileRange>>(body)) size += range.size;
  return size;
}

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto byte = from_hex(text.substr(i + 1, 2));
      if (!byte) return std::nullopt;
      out.push_back(byte->front());
      i += 2;
    } else {
      out.push_back(plus == Plus::kBlank && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, Slash slash) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (slash == Slash::kKept && c == '/')) {
      out.push_back(c);
    } else {
      append_escape(c, &out);
    }
  }
  return out;
}

std::string percent_encode_key(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (const char c : key) {
    if (is_unreserved(c) || c == '/') {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      append_escape(c, &out);
    }
  }
  return out;
}

}  // namespace tidemark::http
