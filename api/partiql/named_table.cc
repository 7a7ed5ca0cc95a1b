#include "api/partiql/named_table.h"

#include <utility>

#include "api/partiql/token_stream.h"

namespace tidemark::api::partiql {

std::optional<std::string> named_table(std::string_view statement) {
  auto words = tokenize(statement);
  if (!words) return std::nullopt;
  TokenStream tokens(*std::move(words));
  while (tokens.kind() != TokenKind::kEnd) {
    const bool names_table =
        tokens.is_keyword("FROM") || tokens.is_keyword("INTO") || tokens.is_keyword("UPDATE");
    tokens.take();
    if (names_table && tokens.is_attribute_name()) return tokens.token().text;
  }
  return std::nullopt;
}

}  // namespace tidemark::api::partiql
