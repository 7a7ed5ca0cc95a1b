#include "s3emu/xml/writer.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {

TEST_CASE("text in XML") {
  struct Case {
    const char* why;
    std::string text, escaped;
  };
  using namespace std::string_literals;
  const auto c = GENERATE(values<Case>({
      {"markup", "<a b=\"c\">&amp;'</a>", "&lt;a b=&quot;c&quot;&gt;&amp;amp;'&lt;/a&gt;"},
      {"blanks", " \t\n\r", " \t\n&#xD;"},
      {"control characters", "\x01\x1f\x7f", "&#x1;&#x1F;&#x7F;"},
      {"a zero byte, which no reference can name", "a\0b"s, "a\xef\xbf\xbd\x62"},
      {"UTF-8", "\xc3\xbc\xf0\x9f\x98\x80", "\xc3\xbc\xf0\x9f\x98\x80"},
      {"no UTF-8", "\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"a sequence cut short", "\xf0\x9f<", "\xef\xbf\xbd\xef\xbf\xbd&lt;"},
      {"a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"nothing", "", ""},
  }));
  INFO(c.why);
  std::string out;
  append_xml_escaped(&out, c.text);
  CHECK(out == c.escaped);
}

}  // namespace tidemark::s3emu
