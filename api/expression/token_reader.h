// What the parsers share: a place in the token list, the productions for paths and aliases, and the
// bookkeeping of parentheses. Internal to the parsers.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "api/expression/lexer.h"
#include "base/result.h"

namespace tidemark::api::expression {

// A syntax failure is always about the token that the reader stands on.
enum class ParseFailure { kSyntax, kTooDeep };
template <class T>
using Parsed = Result<T, ParseFailure>;

class TokenReader {
 public:
  // `keywords`, in upper case, are never names, whatever their case in the text.
  TokenReader(std::string_view source, std::span<const std::string_view> keywords)
      : source_(source), keywords_(keywords), tokens_(tokenize(source)) {}

  [[nodiscard]] bool at_end() const { return tokens_[at_].kind == TokenKind::kEnd; }
  [[nodiscard]] TokenKind kind() const { return tokens_[at_].kind; }
  [[nodiscard]] std::string_view text() const { return text_at(at_); }
  [[nodiscard]] bool is(std::string_view punctuation) const { return is_at(at_, punctuation); }
  [[nodiscard]] bool next_is(std::string_view punctuation) const {
    return !at_end() && is_at(at_ + 1, punctuation);
  }
  [[nodiscard]] bool is_keyword(std::string_view keyword) const;
  [[nodiscard]] bool is_any_keyword() const;
  [[nodiscard]] std::size_t position() const { return at_; }
  void advance() { ++at_; }
  // Steps over the punctuation if it is there.
  bool take(std::string_view punctuation);
  Parsed<void> expect(std::string_view punctuation);

  Parsed<Path> path();
  // Further steps of a path whose beginning has been read.
  Parsed<void> path_rest(Path* path);
  // `:v`
  Parsed<Operand> value_alias();
  // `name(argument, ...)`; reads each argument with `argument`.
  template <class ReadArgument>
  Parsed<Operand> function_call(ReadArgument argument);

  // To be told of each closed pair of parentheses around a condition or operand. A pair that holds nothing
  // but another pair is redundant.
  void closed_parentheses(std::size_t open, std::size_t close);
  [[nodiscard]] bool redundant_parentheses() const { return redundant_parentheses_; }

  // The first list index that was too large, as written; empty if none was.
  [[nodiscard]] const std::string& index_out_of_range() const { return index_out_of_range_; }

  // Levels of the first document path that has too many; 0 if none has.
  [[nodiscard]] std::size_t path_levels_too_many() const { return path_levels_too_many_; }

  // Levels of nesting; leave() follows every enter() that succeeded.
  Parsed<void> enter();
  void leave() { --depth_; }

  // Comparisons, logical and arithmetic operators, and functions, counted over the tokens.
  [[nodiscard]] std::size_t condition_operator_count() const;
  [[nodiscard]] std::size_t update_operator_count() const;

  [[nodiscard]] std::string syntax_error() const { return syntax_error_text(source_, tokens_, at_); }

 private:
  [[nodiscard]] std::string_view text_at(std::size_t index) const;
  [[nodiscard]] bool is_at(std::size_t index, std::string_view punctuation) const;
  [[nodiscard]] bool is_call_at(std::size_t index) const;
  Parsed<PathStep> name_step();

  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  std::string_view source_;
  std::span<const std::string_view> keywords_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t last_open_ = kNowhere;
  std::size_t last_close_ = kNowhere;
  bool redundant_parentheses_ = false;
  std::string index_out_of_range_;
  std::size_t path_levels_too_many_ = 0;
};

template <class ReadArgument>
Parsed<Operand> TokenReader::function_call(ReadArgument argument) {
  Operand call;
  call.kind = OperandKind::kFunction;
  call.function_text = text();
  call.function = function_of(text());
  advance();
  RETURN_IF_ERROR(expect("("));
  RETURN_IF_ERROR(enter());
  do {
    ASSIGN_OR_RETURN(Operand operand, argument());
    call.arguments.push_back(std::move(operand));
  } while (take(","));
  leave();
  RETURN_IF_ERROR(expect(")"));
  return call;
}

}  // namespace tidemark::api::expression
