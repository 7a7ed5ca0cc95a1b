// Cuts an expression into tokens that know where they stand, which is what syntax errors quote.
//
// Identifiers and digits are runs; `#name` and `:name` are one token only when the name follows without a
// blank;
// `<>`, `<=` and `>=` are one token; every other character is a token of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::api::expression {

enum class TokenKind { kIdentifier, kDigits, kNameAlias, kValueAlias, kPunctuation, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t begin = 0;  // byte offsets into the source
  std::size_t end = 0;
};

// Always ends with one kEnd token.
std::vector<Token> tokenize(std::string_view source);

// `Syntax error; token: "<t>", near: "<n>"` for tokens[index]. The near window is the source from the start
// of the token before to the end of the token after.
std::string syntax_error_text(std::string_view source, const std::vector<Token>& tokens, std::size_t index);

}  // namespace tidemark::api::expression
