#include "base/utf8.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

using std::string_literals::operator""s;

TEST_CASE("what is UTF-8") {
  struct Case {
    const char* why;
    std::string text;
    std::size_t length;  // of the first sequence
    bool whole;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", "", 0, true},
      {"ASCII", "ab", 1, true},
      {"a zero byte", "\0"s, 1, true},
      {"two bytes", "\xc3\xa4", 2, true},
      {"three bytes and one", "\xe2\x82\xac!", 3, true},
      {"four bytes", "\xf0\x9f\x98\x80", 4, true},
      {"the last code point", "\xf4\x8f\xbf\xbf", 4, true},
      {"beyond it", "\xf4\x90\x80\x80", 0, false},
      {"overlong", "\xc0\xaf", 0, false},
      {"overlong in three", "\xe0\x80\xaf", 0, false},
      {"a surrogate", "\xed\xa0\x80", 0, false},
      {"cut off", "\xe2\x82", 0, false},
      {"no lead", "\x80", 0, false},
      {"good, then bad", "a\xff", 1, false},
  }));
  INFO(c.why);
  CHECK(utf8_length(c.text) == c.length);
  CHECK(is_utf8(c.text) == c.whole);
}

}  // namespace
}  // namespace tidemark
