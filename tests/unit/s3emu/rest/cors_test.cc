#include "s3emu/rest/settings/cors.h"

#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr const char* kRules =
    "<CORSConfiguration>"
    "<CORSRule><AllowedOrigin>http://page</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
    "<AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</"
    "ExposeHeader>"
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>"
    "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>"
    "</CORSConfiguration>";
constexpr const char* kVary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

TEST_CASE("a preflight is granted by a rule of the bucket alone") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/plain").status == 200);
  REQUIRE(f.send("PUT", "/bucket?cors", {}, kRules).status == 200);
  struct Case {
    const char* why;
    const char* target;
    NamedValues headers;
    int status;
    std::string code;
  };
  const std::string origin = "Origin";
  const std::string method = "Access-Control-Request-Method";
  const std::string wanted = "Access-Control-Request-Headers";
  const std::vector<Case> cases = {
      {"an object",
       "/bucket/k",
       {{origin, "http://page"}, {method, "PUT"}, {wanted, "x-amz-date, X-Amz-A"}},
       200,
       ""},
      {"an object that is not there", "/bucket/none", {{origin, "http://page"}, {method, "GET"}}, 200, ""},
      {"a bucket", "/bucket", {{origin, "http://page"}, {method, "GET"}}, 200, ""},
      {"a sub-resource", "/bucket?list-type=2", {{origin, "http://page"}, {method, "GET"}}, 200, ""},
      {"another header",
       "/bucket/k",
       {{origin, "http://page"}, {method, "PUT"}, {wanted, "cookie"}},
       403,
       "AccessForbidden"},
      {"another origin", "/bucket/k", {{origin, "http://other"}, {method, "PUT"}}, 403, "AccessForbidden"},
      {"another method", "/bucket/k", {{origin, "http://page"}, {method, "DELETE"}}, 403, "AccessForbidden"},
      {"no rules", "/plain/k", {{origin, "http://page"}, {method, "PUT"}}, 403, "AccessForbidden"},
      {"no bucket", "/none/k", {{origin, "http://page"}, {method, "PUT"}}, 403, "AccessForbidden"},
      {"the service", "/", {{origin, "http://page"}, {method, "GET"}}, 403, "AccessForbidden"},
      {"no origin", "/bucket/k", {{method, "PUT"}}, 400, "BadRequest"},
      {"no method", "/bucket/k", {{origin, "http://page"}}, 400, "BadRequest"},
      {"no such method", "/bucket/k", {{origin, "http://page"}, {method, "PATCH"}}, 400, "BadRequest"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer answer = f.send("OPTIONS", c.target, c.headers);
    CHECK(answer.status == c.status);
    CHECK(answer.header("Access-Control-Allow-Origin") == (c.status == 200 ? "http://page" : "(none)"));
    if (c.status == 200) {
      CHECK(answer.body.empty());
      CHECK(answer.header("Vary") == kVary);
    } else {
      CHECK(answer.element("Code") == c.code);
    }
  }
  const Answer granted = f.send("OPTIONS", "/bucket/k", cases[0].headers);
  CHECK(granted.header("Access-Control-Allow-Methods") == "PUT, GET");
  CHECK(granted.header("Access-Control-Allow-Headers") == "x-amz-date, X-Amz-A");
  CHECK(granted.header("Access-Control-Expose-Headers") == "ETag");
  CHECK(granted.header("Access-Control-Max-Age") == "60");
  CHECK(granted.header("Access-Control-Allow-Credentials") == "true");
  NamedValues virtual_host = cases[0].headers;
  virtual_host.emplace_back("Host", "bucket.localhost:9000");
  CHECK(f.send("OPTIONS", "/k", virtual_host).status == 200);
  const Answer refused = f.send("OPTIONS", "/plain/k", cases[0].headers);
  CHECK(refused.element("Message") == "CORSResponse: CORS is not enabled for this bucket.");
  CHECK(refused.element("Method") == "PUT");
  CHECK(refused.element("ResourceType") == "OBJECT");
}

TEST_CASE("answers carry what the browser needs, errors included") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket?cors", {}, kRules).status == 200);
  REQUIRE(f.send("PUT", "/bucket/k", {}, "v").status == 200);
  struct Case {
    const char* why;
    const char* method;
    const char* target;
    NamedValues headers;
    int status;
    std::string origin;
    std::string vary;
  };
  const NamedValues page = {{"Origin", "http://page"}};
  const std::vector<Case> cases = {
      {"granted", "GET", "/bucket/k", page, 200, "http://page", kVary},
      {"an error", "GET", "/bucket/none", page, 404, "http://page", kVary},
      {"a refusal before the body",
       "PUT",
       "/bucket/k",
       {{"Origin", "http://page"}, {"Content-MD5", "?"}},
       400,
       "http://page",
       kVary},
      {"any origin", "HEAD", "/bucket/k", {{"Origin", "null"}}, 200, "*", kVary},
      {"not granted, yet answered", "GET", "/bucket/k", {{"Origin", "http://other"}}, 200, "(none)", kVary},
      {"another method", "DELETE", "/bucket/none", page, 204, "(none)", kVary},
      {"no page", "GET", "/bucket/k", {}, 200, "(none)", "(none)"},
      {"no bucket", "GET", "/none/k", page, 404, "(none)", "(none)"},
      {"the service", "GET", "/", page, 200, "(none)", "(none)"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer answer = f.send(c.method, c.target, c.headers);
    CHECK(answer.status == c.status);
    CHECK(answer.header("Access-Control-Allow-Origin") == c.origin);
    CHECK(answer.header("Vary") == c.vary);
  }
  // The rules as they are now.
  REQUIRE(f.send("DELETE", "/bucket?cors").status == 204);
  CHECK(f.send("GET", "/bucket/k", page).header("Access-Control-Allow-Origin") == "(none)");
}

TEST_CASE("any origin can be let in") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket?cors", {}, kRules).status == 200);
  S3Service open(*f.store, {.cors_origins = {"*"}}, f.clock, f.random);
  const auto ask = [&](const char* target, const char* origin) {
    http::RequestHead head;
    head.method = "OPTIONS";
    head.target = target;
    head.headers.add("Host", "127.0.0.1");
    head.headers.add("Origin", origin);
    head.headers.add("Access-Control-Request-Method", "DELETE");
    head.headers.add("Access-Control-Request-Headers", "authorization");
    auto answer = open.begin(std::move(head));
    REQUIRE_FALSE(answer.has_value());
    return answer.error();
  };
  for (const char* target : {"/", "/bucket", "/bucket/k", "/none/k"}) {
    INFO(target);
    const http::Response answer = ask(target, "http://page");
    CHECK(answer.status == 200);
    CHECK(answer.headers.find("Access-Control-Allow-Origin") == "*");
    CHECK(answer.headers.find("Access-Control-Allow-Headers") == "authorization");
  }
}

}  // namespace
}  // namespace tidemark::s3emu
