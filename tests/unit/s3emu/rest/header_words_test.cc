#include "s3emu/rest/objects/header_words.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

TEST_CASE("text in headers is ASCII, and a word of RFC 2047 where it must be") {
  struct Case {
    std::string text, header;
  };
  const auto c = GENERATE(values<Case>({
      {"", ""},
      {"AMAZONS3 a_b=c?", "AMAZONS3 a_b=c?"},
      {"=?UTF-8?B?w7w=?=", "=?UTF-8?B?w7w=?="},
      {"\xc3\xbc", "=?UTF-8?Q?=C3=BC?="},
      {"Hello World\xc3\xa9", "=?UTF-8?Q?Hello_World=C3=A9?="},
      {"a_b=c?\xe2\x82\xac\t\x7f", "=?UTF-8?Q?a=5Fb=3Dc=3F=E2=82=AC=09=7F?="},
      {"\xf0\x9f\x98\x80", "=?UTF-8?Q?=F0=9F=98=80?="},
      // ISO 8859-1
      {"Hello World\xe9", "=?UTF-8?Q?Hello_World=C3=A9?="},
      {"\xff\x80", "=?UTF-8?Q?=C3=BF=C2=80?="},
  }));
  CAPTURE(c.text);
  CHECK(header_words(c.text) == c.header);
}

}  // namespace
}  // namespace tidemark::s3emu
