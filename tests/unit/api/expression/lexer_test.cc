#include "api/expression/lexer.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::api::expression {
namespace {

std::string joined(std::string_view source) {
  std::string out;
  for (const Token& token : tokenize(source)) {
    if (token.kind == TokenKind::kEnd) break;
    if (!out.empty()) out += '|';
    out += source.substr(token.begin, token.end - token.begin);
  }
  return out;
}

TEST_CASE("text is cut into tokens") {
  struct Case {
    const char* source;
    const char* tokens;
  };
  const auto c = GENERATE(values<Case>({
      {"", ""},
      {" \t\r\n", ""},
      {"a=:v", "a|=|:v"},
      {"a.b[10].#c", "a|.|b|[|10|]|.|#c"},
      {"a<>:v", "a|<>|:v"},
      {"a<=b>=c<d>e", "a|<=|b|>=|c|<|d|>|e"},
      {"a< >b", "a|<|>|b"},
      {"# a : b", "#|a|:|b"},
      {"##a", "#|#a"},
      {"#1 :1", "#1|:1"},
      {"_a1", "_|a1"},
      {"1a", "1|a"},
      {"!!!", "!|!|!"},
      {"\xC3\xBC > a", "\xC3\xBC|>|a"},
  }));
  INFO(c.source);
  CHECK(joined(c.source) == c.tokens);
}

TEST_CASE("the last token stands at the end of the source") {
  const auto tokens = tokenize("a  ");
  REQUIRE(tokens.size() == 2);
  CHECK(tokens[1].kind == TokenKind::kEnd);
  CHECK(tokens[1].begin == 3);
}

TEST_CASE("syntax errors quote the token and its neighbours") {
  const std::string_view source = "a  =  b c";
  const auto tokens = tokenize(source);
  CHECK(syntax_error_text(source, tokens, 0) == R"(Syntax error; token: "a", near: "a  =")");
  CHECK(syntax_error_text(source, tokens, 2) == R"(Syntax error; token: "b", near: "=  b c")");
  CHECK(syntax_error_text(source, tokens, 3) == R"(Syntax error; token: "c", near: "b c")");
  CHECK(syntax_error_text(source, tokens, 4) == R"(Syntax error; token: "<EOF>", near: "c")");
  CHECK(syntax_error_text("  ", tokenize("  "), 0) == R"(Syntax error; token: "<EOF>", near: "")");
}

}  // namespace
}  // namespace tidemark::api::expression
