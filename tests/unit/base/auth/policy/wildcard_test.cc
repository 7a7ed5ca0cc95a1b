#include "base/auth/policy/wildcard.h"

#include "tests/support/catch.h"

namespace tidemark::auth {

TEST_CASE("a wildcard matches the whole text") {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const auto c = GENERATE(values<Case>({
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "a/b", true},
      {"**", "a", true},
      {"a", "a", true},
      {"a", "ab", false},
      {"a*", "ab", true},
      {"*b", "ab", true},
      {"a*b", "ab", true},
      {"a*b", "a", false},
      {"ab*ba", "aba", false},
      {"ab*ba", "abba", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"?", "", false},
      {"*?", "", false},
      {"*?", "x", true},
      {"a*b?d*e", "aXXbcdYYe", true},
      {"a*b?d*e", "aXXbcYYe", false},
      {"*a*a*", "ba", false},
      {"*ab*bc*", "abxbc", true},
      {"home/*/x?", "home/u/deep/x1", true},
  }));
  INFO(c.pattern << " / " << c.text);
  CHECK(Wildcard(c.pattern).matches(c.text) == c.matches);
}

TEST_CASE("what is put in literally is no wildcard") {
  Wildcard pattern("home/");
  pattern.add_literal("*");
  pattern.add_pattern("/*");
  CHECK(pattern.matches("home/*/x"));
  CHECK_FALSE(pattern.matches("home/me/x"));
}

TEST_CASE("no pattern makes matching explode") {
  std::string pattern;
  for (int i = 0; i < 5000; ++i) pattern += "a*";
  pattern += "b";
  std::string with_any;
  for (int i = 0; i < 3000; ++i) with_any += "*a?";
  const std::string text(16 << 10, 'a');
  CHECK_FALSE(Wildcard(pattern).matches(text));
  CHECK(Wildcard(with_any).matches(text));
  CHECK_FALSE(Wildcard(with_any + "b").matches(text));
}

}  // namespace tidemark::auth
