// The words of PartiQL statements. Comments, `-- ...` and `/* ... */`, are blanks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"

namespace tidemark::api::partiql {

enum class TokenKind {
  kName,         // `pk`; keywords are names too
  kQuoted,       // `"pk"`
  kString,       // `'text'`
  kNumber,       // `12`, `.5e1`
  kPunctuation,  // `<=`, `<<`, `(`, `?`
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // of quoted names and strings without their quotes
  // Where it stands, as messages tell it: from 1, in characters.
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t length = 0;

  // ` at 1:8:16`
  [[nodiscard]] std::string place() const;
};

// `Statement wasn't well formed, can't be processed: <why>`
ApiError not_well_formed(std::string_view why = {});
// The same of a text that is none of the four statements: `...: Expected data manipulation`
ApiError expected_statement();

// Ends with a kEnd. Errors: ValidationException for what is no word, or has no end.
ApiResult<std::vector<Token>> tokenize(std::string_view statement);

}  // namespace tidemark::api::partiql
