#include "api/partiql/token_stream.h"

#include <algorithm>
#include <array>
#include <span>

namespace tidemark::api::partiql {
namespace {

constexpr int kDepthMax = 200;

// Words that are no names unless they are quoted.
constexpr auto kKeywords = std::to_array<std::string_view>(
    {"ALL",    "AND",       "AS",      "ASC",    "BETWEEN",   "BY",     "CASE",  "CREATE", "DELETE",
     "DESC",   "DISTINCT",  "DROP",    "ELSE",   "EXCEPT",    "EXISTS", "FALSE", "FROM",   "GROUP",
     "HAVING", "IN",        "INNER",   "INSERT", "INTERSECT", "INTO",   "IS",    "JOIN",   "LEFT",
     "LIKE",   "LIMIT",     "MISSING", "NOT",    "NULL",      "ON",     "OR",    "ORDER",  "OUTER",
     "REMOVE", "RETURNING", "RIGHT",   "SELECT", "SET",       "TABLE",  "THEN",  "TRUE",   "UNION",
     "UPDATE", "VALUE",     "VALUES",  "WHEN",   "WHERE"});
// The ones among these that may have a parenthesis behind them.
constexpr auto kOperators = std::to_array<std::string_view>(
    {"AND", "BETWEEN", "BY", "FROM", "IN", "INTO", "IS", "NOT", "OR", "SELECT", "SET", "VALUE", "WHERE"});

bool equals_ignoring_case(std::string_view text, std::string_view upper) {
  return text.size() == upper.size() &&
         std::equal(text.begin(), text.end(), upper.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
         });
}

bool is_any_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [text](std::string_view word) { return equals_ignoring_case(text, word); });
}

}  // namespace

bool TokenStream::is_at(std::size_t index, std::string_view text) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::kPunctuation &&
         tokens_[index].text == text;
}

bool TokenStream::is_keyword_at(std::size_t index, std::string_view upper) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::kName &&
         equals_ignoring_case(tokens_[index].text, upper);
}

const Token& TokenStream::take() {
  const Token& token = tokens_[at_];
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::take_if(std::string_view text) {
  if (!is(text)) return false;
  take();
  return true;
}

ApiResult<void> TokenStream::expect(std::string_view text) {
  if (take_if(text)) return {};
  return fail(expected_statement());
}

bool TokenStream::take_keyword(std::string_view upper) {
  if (!is_keyword(upper)) return false;
  take();
  return true;
}

bool TokenStream::is_attribute_name() const {
  return kind() == TokenKind::kQuoted || (kind() == TokenKind::kName && !is_any_of(token().text, kKeywords));
}

bool TokenStream::is_call() const {
  return kind() == TokenKind::kName && is_at(at_ + 1, "(") && !is_any_of(token().text, kOperators);
}

bool TokenStream::is_number() const {
  const bool has_sign = is("-") || is("+");
  const std::size_t index = at_ + (has_sign ? 1 : 0);
  return index < tokens_.size() && tokens_[index].kind == TokenKind::kNumber;
}

ApiResult<void> TokenStream::enter() {
  if (depth_ == kDepthMax) return fail(not_well_formed());
  ++depth_;
  return {};
}

}  // namespace tidemark::api::partiql
