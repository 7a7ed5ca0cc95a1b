#include "base/http_message.h"

#include "tests/support/catch.h"

namespace tidemark::http {
namespace {

TEST_CASE("header names compare without case, the first of a name counts") {
  Headers headers;
  headers.add("X-Amz-Target", "DynamoDB_20120810.PutItem");
  headers.add("x-amz-target", "second");
  CHECK(headers.find("x-AMZ-target") == "DynamoDB_20120810.PutItem");
  CHECK_FALSE(headers.find("x-amz-targe").has_value());
  CHECK(headers.fields().size() == 2);
  CHECK(equal_ignoring_case("a[Z", "A[z"));
  CHECK_FALSE(equal_ignoring_case("[", "{"));  // they differ in the bit that makes letters lower case
}

TEST_CASE("a target is split at the first question mark") {
  struct Case {
    std::string target, path, query;
  };
  const auto c = GENERATE(values<Case>({
      {"/", "/", ""},
      {"/a%20b?x=1&y=?", "/a%20b", "x=1&y=?"},
      {"/a?", "/a", ""},
      {"?x", "", "x"},
      {"", "", ""},
  }));
  RequestHead head;
  head.target = c.target;
  CHECK(head.path() == c.path);
  CHECK(head.query() == c.query);
}

TEST_CASE("a body's size") {
  Response response;
  CHECK(response.body_size() == 0);
  response.body = std::string("12345");
  CHECK(response.body_size() == 5);
  response.body = std::vector<FileRange>{{nullptr, 10, 7}, {nullptr, 0, 5'000'000'000}};
  CHECK(response.body_size() == 5'000'000'007);
}

TEST_CASE("percent decoding") {
  struct Case {
    std::string text;
    Plus plus;
    std::optional<std::string> bytes;
  };
  const auto c = GENERATE(values<Case>({
      {"", Plus::kPlus, ""},
      {"a%2Fb%2fc", Plus::kPlus, "a/b/c"},
      {"a+b", Plus::kPlus, "a+b"},
      {"a+b%2B", Plus::kBlank, "a b+"},
      {"%00", Plus::kPlus, std::string(1, '\0')},
      {"%25%32%35", Plus::kPlus, "%25"},
      {"%", Plus::kPlus, std::nullopt},
      {"%4", Plus::kPlus, std::nullopt},
      {"a%4g", Plus::kPlus, std::nullopt},
      {"%-1", Plus::kPlus, std::nullopt},
  }));
  INFO(c.text);
  CHECK(percent_decode(c.text, c.plus) == c.bytes);
}

TEST_CASE("percent encoding") {
  CHECK(percent_encode("AZaz09-._~", Slash::kEncoded) == "AZaz09-._~");
  CHECK(percent_encode("a/b c", Slash::kEncoded) == "a%2Fb%20c");
  CHECK(percent_encode("a/b c", Slash::kKept) == "a/b%20c");
  CHECK(percent_encode("\xc3\xa4+*%", Slash::kKept) == "%C3%A4%2B%2A%25");
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  CHECK(percent_decode(percent_encode(all, Slash::kEncoded), Plus::kBlank) == all);
  CHECK(percent_encode_key("a b/c+%\xc3\xa4") == "a+b/c%2B%25%C3%A4");
  CHECK(percent_decode(percent_encode_key(all), Plus::kBlank) == all);
}

TEST_CASE("a target in the absolute form has the path that it would have without") {
  struct Case {
    const char* target;
    const char* path;
    const char* query;
  };
  const auto c = GENERATE(values<Case>({
      {"/a/b?c=d", "/a/b", "c=d"},
      {"http://host:8000/a/b?c=d", "/a/b", "c=d"},
      {"HTTPS://host/", "/", ""},
      {"http://host", "/", ""},
      {"http://host?c", "/", "c"},
      {"/http://host/a", "/http://host/a", ""},
      {"*", "*", ""},
      {"", "", ""},
      {"host:443", "host:443", ""},
  }));
  RequestHead head;
  head.target = c.target;
  CHECK(head.path() == c.path);
  CHECK(head.query() == c.query);
}

}  // namespace
}  // namespace tidemark::http
