#include "api/partiql/lexer.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tidemark::api::partiql {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }
bool is_first_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  ApiResult<std::vector<Token>> run();

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void advance();
  void advance(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) advance();
  }
  // False when a comment has no end.
  bool skip_blanks();
  bool skip_comment();
  ApiResult<Token> next();
  // Nothing when the closing quote is missing.
  std::optional<std::string> quoted(char quote);
  std::string run_of(bool (*belongs)(char));
  std::string number();
  std::string punctuation();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
  std::size_t characters_ = 0;
};

void Lexer::advance() {
  if (peek() == '\n') {
    ++line_;
    column_ = 1;
    ++characters_;
  } else if (is_first_byte(peek())) {
    ++column_;
    ++characters_;
  }
  ++at_;
}

bool Lexer::skip_comment() {
  if (peek() == '-' && peek(1) == '-') {
    while (!at_end() && peek() != '\n') advance();
    return true;
  }
  const std::size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) return false;
  advance(end + 2 - at_);
  return true;
}

bool Lexer::skip_blanks() {
  while (!at_end()) {
    const bool is_comment = (peek() == '-' && peek(1) == '-') || (peek() == '/' && peek(1) == '*');
    if (is_comment) {
      if (!skip_comment()) return false;
    } else if (is_blank(peek())) {
      advance();
    } else {
      return true;
    }
  }
  return true;
}

std::optional<std::string> Lexer::quoted(char quote) {
  std::string content;
  for (advance(); !at_end(); advance()) {
    if (peek() == quote) {
      advance();
      if (peek() != quote) return content;  // twice: the quote itself
    }
    content.push_back(peek());
  }
  return std::nullopt;
}

std::string Lexer::run_of(bool (*belongs)(char)) {
  const std::size_t begin = at_;
  while (!at_end() && belongs(peek())) advance();
  return std::string(text_.substr(begin, at_ - begin));
}

std::string Lexer::number() {
  std::string digits = run_of(is_digit);
  if (peek() == '.') {
    advance();
    digits += "." + run_of(is_digit);
  }
  const bool has_sign = peek(1) == '+' || peek(1) == '-';
  if ((peek() == 'e' || peek() == 'E') && is_digit(peek(has_sign ? 2 : 1))) {
    digits += text_.substr(at_, has_sign ? 2 : 1);
    advance(has_sign ? 2 : 1);
    digits += run_of(is_digit);
  }
  return digits;
}

std::string Lexer::punctuation() {
  static constexpr auto kPairs = std::to_array<std::string_view>({"<=", ">=", "<>", "!=", "<<", ">>"});
  static constexpr std::string_view kSingles = "(),[]{}:;.*?=<>+-";
  const std::string_view rest = text_.substr(at_);
  const auto pair =
      std::ranges::find_if(kPairs, [rest](std::string_view two) { return rest.starts_with(two); });
  const std::size_t length = pair != kPairs.end() ? 2 : 1;
  if (length == 1 && kSingles.find(peek()) == std::string_view::npos) return {};
  std::string text(rest.substr(0, length));
  advance(length);
  return text;
}

ApiResult<Token> Lexer::next() {
  Token token{.kind = TokenKind::kEnd, .text = {}, .line = line_, .column = column_, .length = 0};
  if (at_end()) return token;
  const std::size_t begin = characters_;
  const char first = peek();
  if (first == '\'' || first == '"') {
    token.kind = first == '"' ? TokenKind::kQuoted : TokenKind::kString;
    auto content = quoted(first);
    if (!content) return fail(not_well_formed());
    token.text = *std::move(content);
  } else if (is_name_start(first)) {
    token.kind = TokenKind::kName;
    token.text = run_of(is_name_part);
  } else if (is_digit(first) || (first == '.' && is_digit(peek(1)))) {
    token.kind = TokenKind::kNumber;
    token.text = number();
  } else {
    token.kind = TokenKind::kPunctuation;
    token.text = punctuation();
    if (token.text.empty()) return fail(not_well_formed());
  }
  token.length = characters_ - begin;
  return token;
}

ApiResult<std::vector<Token>> Lexer::run() {
  std::vector<Token> tokens;
  do {
    if (!skip_blanks()) return fail(not_well_formed());
    ASSIGN_OR_RETURN(Token token, next());
    tokens.push_back(std::move(token));
  } while (tokens.back().kind != TokenKind::kEnd);
  return tokens;
}

}  // namespace

std::string Token::place() const {
  return " at " + std::to_string(line) + ":" + std::to_string(column) + ":" + std::to_string(length);
}

ApiError not_well_formed(std::string_view why) {
  return validation("Statement wasn't well formed, can't be processed: " + std::string(why));
}

ApiError expected_statement() { return not_well_formed("Expected data manipulation"); }

ApiResult<std::vector<Token>> tokenize(std::string_view statement) { return Lexer(statement).run(); }

}  // namespace tidemark::api::partiql
