#include "api/expression/token_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "api/expression/parser.h"

namespace tidemark::api::expression {
namespace {

char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool equals_ignoring_case(std::string_view text, std::string_view upper) {
  return text.size() == upper.size() &&
         std::equal(text.begin(), text.end(), upper.begin(), [](char a, char b) { return to_upper(a) == b; });
}

constexpr std::size_t kPathLevelsMax = 32;

// Recorded answers of the service accept 4294967294 and reject 4294967295.
constexpr std::uint64_t kListIndexMax = 4'294'967'294;

std::optional<std::uint64_t> index_of(std::string_view digits) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || index > kListIndexMax) return std::nullopt;
  return index;
}

}  // namespace

std::string_view TokenReader::text_at(std::size_t index) const {
  const Token& token = tokens_[index];
  return source_.substr(token.begin, token.end - token.begin);
}

bool TokenReader::is_at(std::size_t index, std::string_view punctuation) const {
  return tokens_[index].kind == TokenKind::kPunctuation && text_at(index) == punctuation;
}

bool TokenReader::is_keyword(std::string_view keyword) const {
  return kind() == TokenKind::kIdentifier && equals_ignoring_case(text(), keyword);
}

bool TokenReader::is_any_keyword() const {
  return std::ranges::any_of(keywords_, [this](std::string_view keyword) { return is_keyword(keyword); });
}

bool TokenReader::take(std::string_view punctuation) {
  if (!is(punctuation)) return false;
  advance();
  return true;
}

Parsed<void> TokenReader::expect(std::string_view punctuation) {
  if (!take(punctuation)) return fail(ParseFailure::kSyntax);
  return {};
}

Parsed<PathStep> TokenReader::name_step() {
  const bool alias = kind() == TokenKind::kNameAlias;
  const bool name = kind() == TokenKind::kIdentifier && !is_any_keyword();
  if (!alias && !name) return fail(ParseFailure::kSyntax);
  PathStep step(std::string(text()), alias);
  advance();
  return step;
}

Parsed<Path> TokenReader::path() {
  ASSIGN_OR_RETURN(PathStep first, name_step());
  Path path;
  path.steps.push_back(std::move(first));
  RETURN_IF_ERROR(path_rest(&path));
  return path;
}

Parsed<void> TokenReader::path_rest(Path* path) {
  while (true) {
    if (take(".")) {
      ASSIGN_OR_RETURN(PathStep step, name_step());
      path->steps.push_back(std::move(step));
    } else if (take("[")) {
      if (kind() != TokenKind::kDigits) return fail(ParseFailure::kSyntax);
      const auto index = index_of(text());
      if (!index && index_out_of_range_.empty()) index_out_of_range_ = text();
      path->steps.emplace_back(index.value_or(kListIndexMax));
      advance();
      RETURN_IF_ERROR(expect("]"));
    } else {
      const std::size_t levels = path->steps.size();
      if (levels > kPathLevelsMax && path_levels_too_many_ == 0) path_levels_too_many_ = levels;
      return {};
    }
  }
}

Parsed<Operand> TokenReader::value_alias() {
  if (kind() != TokenKind::kValueAlias) return fail(ParseFailure::kSyntax);
  Operand operand;
  operand.kind = OperandKind::kValue;
  operand.placeholder = text();
  advance();
  return operand;
}

void TokenReader::closed_parentheses(std::size_t open, std::size_t close) {
  if (last_open_ == open + 1 && last_close_ + 1 == close) redundant_parentheses_ = true;
  last_open_ = open;
  last_close_ = close;
}

Parsed<void> TokenReader::enter() {
  if (depth_ == kNestingMax) return fail(ParseFailure::kTooDeep);
  ++depth_;
  return {};
}

bool TokenReader::is_call_at(std::size_t index) const {
  return tokens_[index].kind == TokenKind::kIdentifier && is_at(index + 1, "(");
}

std::size_t TokenReader::condition_operator_count() const {
  static constexpr std::string_view kComparators[] = {"=", "<>", "<", "<=", ">", ">="};
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const std::string_view text = text_at(i);
    if (tokens_[i].kind == TokenKind::kPunctuation) {
      if (std::ranges::find(kComparators, text) != std::end(kComparators)) ++count;
      continue;
    }
    if (tokens_[i].kind != TokenKind::kIdentifier) continue;
    // BETWEEN brings an AND of its own, which counts for both.
    if (equals_ignoring_case(text, "BETWEEN")) continue;
    const bool keyword = std::ranges::any_of(
        keywords_, [&](std::string_view word) { return equals_ignoring_case(text, word); });
    if (keyword || is_call_at(i)) ++count;
  }
  return count;
}

std::size_t TokenReader::update_operator_count() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (is_at(i, "+") || is_at(i, "-") || is_call_at(i)) ++count;
  }
  return count;
}

}  // namespace tidemark::api::expression
