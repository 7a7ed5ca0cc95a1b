#include "s3emu/rules/cors_rules.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

std::string document(const std::string& rules) {
  return "<CORSConfiguration>" + rules + "</CORSConfiguration>";
}

std::string rule(const std::string& origin, const std::string& method, const std::string& more = {}) {
  return "<CORSRule><AllowedOrigin>" + origin + "</AllowedOrigin><AllowedMethod>" + method +
         "</AllowedMethod>" + more + "</CORSRule>";
}

TEST_CASE("CORS configurations that are refused") {
  std::string many;
  for (int i = 0; i < 101; ++i) many += rule("*", "GET");
  struct Case {
    const char* why;
    std::string body;
    std::string code;
  };
  const std::vector<Case> cases = {
      {"no rule", document(""), "MalformedXML"},
      {"no origin", document("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>"), "MalformedXML"},
      {"no method", document("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>"), "MalformedXML"},
      {"another element", document(rule("*", "GET", "<MaxAge>5</MaxAge>")), "MalformedXML"},
      {"age is no number", document(rule("*", "GET", "<MaxAgeSeconds>1h</MaxAgeSeconds>")), "MalformedXML"},
      {"two ages",
       document(rule("*", "GET", "<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>2</MaxAgeSeconds>")),
       "MalformedXML"},
      {"another root", "<Cors>" + rule("*", "GET") + "</Cors>", "MalformedXML"},
      {"method in small letters", document(rule("*", "get")), "InvalidRequest"},
      {"PATCH", document(rule("*", "PATCH")), "InvalidRequest"},
      {"two wildcards", document(rule("http://*.*", "GET")), "InvalidRequest"},
      {"two wildcards in a header", document(rule("*", "GET", "<AllowedHeader>x-*-*</AllowedHeader>")),
       "InvalidRequest"},
      {"wildcard in an exposed header", document(rule("*", "GET", "<ExposeHeader>x-amz-*</ExposeHeader>")),
       "InvalidRequest"},
      {"long id", document(rule("*", "GET", "<ID>" + std::string(256, 'i') + "</ID>")), "InvalidRequest"},
      {"101 rules", document(many), "InvalidRequest"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const auto fitting = conform(kCorsShape, c.body);
    const auto rules = fitting ? parse_cors(*fitting) : S3Result<CorsRules>(fail(fitting.error()));
    REQUIRE_FALSE(rules.has_value());
    CHECK(rules.error().code == c.code);
  }
}

TEST_CASE("the first CORS rule that allows everything asked for counts") {
  const auto fitting =
      conform(kCorsShape, "<CORSConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>\n  " +
                              rule("http://one", "PUT", "<AllowedHeader>x-amz-*</AllowedHeader>") +
                              rule("http://one", "PUT", "<AllowedHeader>Content-Type</AllowedHeader>") +
                              rule("https://*.example.com", "GET", "<MaxAgeSeconds> 60 </MaxAgeSeconds>") +
                              rule("*", "HEAD", "<AllowedHeader>*</AllowedHeader>") + "</CORSConfiguration>");
  REQUIRE(fitting.has_value());
  const auto rules = parse_cors(*fitting);
  REQUIRE(rules.has_value());
  REQUIRE(rules->size() == 4);
  CHECK((*rules)[2].max_age_seconds == 60);
  struct Case {
    const char* why;
    CorsQuestion question;
    int rule;  // -1: none
  };
  const std::vector<Case> cases = {
      {"no header asked for", {"http://one", "PUT", {}}, 0},
      {"headers without regard to case", {"http://one", "PUT", {"X-Amz-Date", "x-amz-meta-a"}}, 0},
      {"the second rule has the header", {"http://one", "PUT", {"content-type"}}, 1},
      {"headers of two rules", {"http://one", "PUT", {"content-type", "x-amz-date"}}, -1},
      {"another origin", {"http://two", "PUT", {}}, -1},
      {"origins with regard to case", {"http://ONE", "PUT", {}}, -1},
      {"a wildcard in the middle", {"https://a.b.example.com", "GET", {}}, 2},
      {"the wildcard may stand for nothing", {"https://.example.com", "GET", {}}, 2},
      {"but head and tail do not overlap", {"https:/.example.com", "GET", {}}, -1},
      {"any origin", {"null", "HEAD", {"anything"}}, 3},
      {"GET is not HEAD", {"null", "GET", {}}, -1},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const CorsRule* const found = find_cors_rule(*rules, c.question);
    CHECK((found == nullptr ? -1 : static_cast<int>(found - rules->data())) == c.rule);
  }
}

TEST_CASE("what a CORS rule grants") {
  const auto text = [](const http::Headers& headers, const char* name) {
    return std::string(headers.find(std::string("Access-Control-") + name).value_or("(none)"));
  };
  const CorsRule named = {{"http://*"}, {"PUT", "GET"}, {"*"}, {"ETag", "x-b\r\nSet-Cookie: c"}, 60};
  http::Headers headers;
  add_cors_grant(named, {"http://page", "PUT", {"x-one", "x-two"}}, &headers);
  CHECK(text(headers, "Allow-Origin") == "http://page");
  CHECK(text(headers, "Allow-Methods") == "PUT, GET");
  CHECK(text(headers, "Allow-Headers") == "x-one, x-two");
  CHECK(text(headers, "Expose-Headers") == "ETag, x-bSet-Cookie: c");
  CHECK(text(headers, "Max-Age") == "60");
  CHECK(text(headers, "Allow-Credentials") == "true");

  const CorsRule any = {{"*"}, {"GET"}, {}, {}, std::nullopt};
  http::Headers few;
  add_cors_grant(any, {"http://page", "GET", {}}, &few);
  CHECK(text(few, "Allow-Origin") == "*");
  for (const char* name : {"Allow-Headers", "Expose-Headers", "Max-Age", "Allow-Credentials"}) {
    CHECK(text(few, name) == "(none)");
  }
  CHECK(find_cors_rule(any_origin_rules(), {"null", "DELETE", {"authorization"}}) != nullptr);
}

}  // namespace
}  // namespace tidemark::s3emu
