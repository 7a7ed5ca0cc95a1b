#include "api/vectors/body_members.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace tidemark::api {
namespace {

// Counted as the bytes that were read: the column is that of the last one.
std::string place_behind(std::string_view body, std::size_t end) {
  const std::string_view read = body.substr(0, end);
  const auto lines = std::ranges::count(read, '\n');
  const std::size_t last_line = lines == 0 ? 0 : read.rfind('\n') + 1;
  return " at line " + std::to_string(lines + 1) + " column " + std::to_string(read.size() - last_line);
}

// Walks the members of the outermost object of a text that is known to be JSON.
class MemberScanner {
 public:
  explicit MemberScanner(std::string_view body) : body_(body), at_(body.find('{') + 1) {}

  // False at the end; end() is then behind the closing brace.
  bool next() {
    skip_blanks();
    if (peek() == ',') {
      ++at_;
      skip_blanks();
    }
    if (peek() != '"') {
      ++at_;
      return false;
    }
    const std::size_t name_begin = at_ + 1;
    skip_string();
    name_ = body_.substr(name_begin, at_ - 1 - name_begin);
    skip_blanks();
    ++at_;  // the colon
    skip_blanks();
    const std::size_t value_begin = at_;
    skip_value();
    value_ = body_.substr(value_begin, at_ - value_begin);
    return true;
  }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] bool is_null() const { return value_ == "null"; }
  [[nodiscard]] std::size_t end() const { return std::min(at_, body_.size()); }

 private:
  [[nodiscard]] char peek() const { return at_ < body_.size() ? body_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  void skip_string() {
    for (++at_; at_ < body_.size() && body_[at_] != '"'; ++at_) {
      if (body_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_value() {
    int depth = 0;
    while (at_ < body_.size()) {
      const char c = peek();
      if (c == '"') {
        skip_string();
        if (depth == 0) return;
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 && (closes || c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) return;
      if (c == '{' || c == '[') ++depth;
      if (closes) --depth;
      ++at_;
      if (closes && depth == 0) return;
    }
  }

  std::string_view body_;
  std::size_t at_;
  std::string_view name_;
  std::string_view value_;
};

}  // namespace

ApiResult<void> check_body_members(std::string_view body, std::span<const BodyMember> members) {
  MemberScanner scanner(body);
  std::vector<std::string_view> there;
  while (scanner.next()) {
    const auto member = std::ranges::find(members, scanner.name(), &BodyMember::name);
    if (member == members.end()) continue;
    if (scanner.is_null()) {
      return fail(serialization("invalid type: null, expected " + std::string(member->expected) +
                                place_behind(body, scanner.end())));
    }
    there.push_back(member->name);
  }
  for (const BodyMember& member : members) {
    if (std::ranges::find(there, member.name) != there.end()) continue;
    return fail(
        validation("missing field `" + std::string(member.name) + "`" + place_behind(body, scanner.end())));
  }
  return {};
}

}  // namespace tidemark::api
