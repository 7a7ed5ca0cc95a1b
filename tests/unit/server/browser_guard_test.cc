#include "server/front/browser_guard.h"

#include "tests/support/catch.h"
#include "tests/unit/server/fake_service.h"

namespace tidemark::server::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kMozilla = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

struct Guarded {
  explicit Guarded(BrowserGuard::Options options = {}) : guard(service, std::move(options), lets_page) {}

  // The bucket `shared` lets pages of http://app.example, also those that are not named.
  static bool lets_page(const http::RequestHead& head, std::string_view origin) {
    return head.path().starts_with("/shared") && (origin == "http://app.example" || origin.empty());
  }

  // Nothing when it reached the service.
  std::string refusal(const Fields& fields, const std::string& path = "/bucket/key") {
    http::RequestHead head;
    head.method = "POST";
    head.target = path;
    for (const auto& [name, value] : fields) head.headers.add(name, value);
    const bool is_let = guard.lets(head);
    auto begun = guard.begin(std::move(head));
    CHECK(begun.has_value() == is_let);
    if (begun) return {};
    CHECK(begun.error().status == 403);
    return std::get<std::string>(begun.error().body);
  }

  FakeService service;
  BrowserGuard guard;
};

}  // namespace

TEST_CASE("SDKs and tools are not touched, whatever name they use") {
  Guarded guarded;
  for (const char* const host : {"127.0.0.1:8000", "tidemark", "db.example.com", "db.example.com:8000"}) {
    for (const char* const agent :
         {"aws-cli/2.15", "Boto3/1.34 md/Botocore", "curl/8.5.0", "Go-http-client/1.1"}) {
      CHECK(guarded.refusal({{"Host", host}, {"User-Agent", agent}}).empty());
    }
  }
  CHECK(guarded.refusal({}).empty());
}

TEST_CASE("below /_tidemark/ a refusal is JSON, as every answer there") {
  Guarded guarded;
  const Fields evil = {{"Host", "localhost:8000"}, {"Origin", "http://evil.example"}};
  const std::string sentence =
      "A web page of the origin 'http://evil.example' may not use this server unless it was started with "
      "--cors-allow http://evil.example.";
  CHECK(guarded.refusal(evil) == sentence + '\n');
  for (const char* const path :
       {"/_tidemark/clock", "/_tidemark/nothing", "http://localhost/_tidemark/clock"}) {
    CHECK(guarded.refusal(evil, path) == "{\"error\":\"" + sentence + "\"}\n");
  }
}

TEST_CASE("which pages a browser may use the server for") {
  struct Case {
    const char* why;
    Fields fields;
    bool refused;
  };
  const auto c = GENERATE(values<Case>({
      {"an application on localhost", {{"Origin", "http://localhost:3000"}}, false},
      {"an application on 127.0.0.1", {{"Origin", "http://127.0.0.1:5173"}}, false},
      {"an application on ::1", {{"Origin", "http://[::1]:5173"}}, false},
      {"by TLS", {{"Origin", "https://localhost"}}, false},
      {"a name below localhost", {{"Origin", "http://app.localhost:3000"}}, false},
      {"another site to the browser",
       {{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "cross-site"}},
       false},
      {"our own page", {{"Host", "nas.local:8000"}, {"Origin", "http://nas.local:8000"}}, false},
      {"another port of our host", {{"Host", "192.168.1.5:8000"}, {"Origin", "http://192.168.1.5"}}, false},
      {"a page anywhere", {{"Origin", "http://evil.example"}}, true},
      {"by TLS, anywhere", {{"Origin", "https://evil.example"}}, true},
      {"a sandboxed page", {{"Origin", "null"}}, true},
      {"no origin at all", {{"Origin", ""}}, true},
      {"an extension", {{"Origin", "chrome-extension://abcdefgh"}}, true},
      {"a name like ours", {{"Origin", "http://localhost.evil.example"}}, true},
      {"a name like our address", {{"Origin", "http://127.0.0.1.evil.example"}}, true},
      {"a user of our name", {{"Origin", "http://localhost:1@evil.example"}}, true},
      {"a picture on a page anywhere", {{"Sec-Fetch-Site", "cross-site"}}, true},
      {"a picture, with a referer",
       {{"Sec-Fetch-Site", "cross-site"}, {"Referer", "http://evil.example/page"}},
       true},
      {"a picture on a local page",
       {{"Sec-Fetch-Site", "cross-site"}, {"Referer", "http://localhost:3000/page"}},
       false},
      {"an address typed in", {{"Sec-Fetch-Site", "none"}, {"User-Agent", kMozilla}}, false},
      {"a link on our own page", {{"Sec-Fetch-Site", "same-origin"}, {"User-Agent", kMozilla}}, false},
      {"a form of a page anywhere",
       {{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}},
       true},
      {"twice, the first counts", {{"Origin", "http://evil.example"}, {"Origin", "http://localhost"}}, true},
      {"whatever case", {{"origin", "HTTP://LOCALHOST:3000"}}, false},
  }));
  INFO(c.why);
  Guarded guarded;
  Fields fields = c.fields;
  fields.emplace_back("Host", "127.0.0.1:8000");
  const std::string refusal = guarded.refusal(fields);
  CHECK(refusal.empty() == !c.refused);
  if (c.refused) CHECK(refusal.find("--cors-allow ") != std::string::npos);
}

TEST_CASE("by which names a browser may call the server") {
  struct Case {
    const char* host;
    bool refused;
  };
  const auto c = GENERATE(values<Case>({
      {"127.0.0.1", false},
      {"127.0.0.1:8000", false},
      {"192.168.1.5:8000", false},
      {"[::1]:8000", false},
      {"localhost:8000", false},
      {"LOCALHOST.:8000", false},
      {"tidemark:8000", false},
      {"bucket.localhost", false},
      {"nas.local", false},
      {"db.internal", false},
      {"db.test", false},
      {"db.home.arpa", false},
      {"db.default.svc.cluster.local", false},
      {"dynamodb.us-east-1.amazonaws.com", false},
      {"s3.lan", false},
      {"bucket.s3.lan", false},
      {"db.example", false},
      {"evil.example", true},
      {"x.db.example", true},
      {"db.example.evil", true},
      {"127.0.0.1.evil.example:8000", true},
      {"1.2.3", true},
      {"notlocalhost.example", true},
      {"evillocal.lan", true},
      {"amazonaws.com.evil.example", true},
  }));
  INFO(c.host);
  Guarded guarded({.hosts = {"db.example"}, .base_domains = {"localhost", "s3.lan"}});
  for (const auto& field : Fields{{"User-Agent", kMozilla}, {"Sec-Fetch-Site", "none"}}) {
    const std::string refusal = guarded.refusal({{"Host", c.host}, field});
    CHECK(refusal.empty() == !c.refused);
    if (c.refused) CHECK(refusal.find("--allowed-host ") != std::string::npos);
  }
}

TEST_CASE("what lets other pages in") {
  const Fields app = {{"Host", "127.0.0.1"}, {"Origin", "http://app.example"}};
  const Fields evil = {{"Host", "127.0.0.1"}, {"Origin", "http://evil.example"}};
  const Fields picture = {{"Host", "127.0.0.1"}, {"Sec-Fetch-Site", "cross-site"}};
  SECTION("a CORS rule") {
    Guarded guarded;
    CHECK(guarded.refusal(app, "/shared/key").empty());
    CHECK(guarded.refusal(picture, "/shared/key").empty());
    CHECK_FALSE(guarded.refusal(evil, "/shared/key").empty());
    CHECK_FALSE(guarded.refusal(app, "/other/key").empty());
  }
  SECTION("a list") {
    Guarded guarded({.origins = {"http://app.example"}});
    CHECK(guarded.refusal(app).empty());
    CHECK(guarded.refusal(evil).find("'http://evil.example'") != std::string::npos);
    CHECK_FALSE(guarded.refusal(picture).empty());
  }
  SECTION("anything") {
    Guarded guarded({.origins = {"*"}});
    CHECK(guarded.refusal(app).empty());
    CHECK(guarded.refusal(evil).empty());
    CHECK(guarded.refusal(picture).empty());
    CHECK_FALSE(guarded.refusal({{"Host", "evil.example"}, {"Origin", "http://evil.example"}}).empty());
  }
}

TEST_CASE("where signatures are verified, only what has none is guarded") {
  Guarded guarded({.is_strict = true});
  const Fields evil = {{"Host", "127.0.0.1"}, {"Origin", "http://evil.example"}};
  CHECK(guarded.refusal(evil).empty());
  CHECK_FALSE(guarded.refusal(evil, "/_tidemark/clock").empty());
  CHECK_FALSE(
      guarded.refusal({{"Host", "evil.example"}, {"Sec-Fetch-Site", "same-origin"}}, "/_tidemark/clock")
          .empty());
}

TEST_CASE("a refusal is text that nothing can be smuggled into") {
  Guarded guarded;
  const std::string refusal =
      guarded.refusal({{"Host", "127.0.0.1"}, {"Origin", "http://evil.example/\x01 and more"}});
  CHECK(refusal ==
        "A web page of the origin 'ORIGIN' may not use this server unless it was started with --cors-allow "
        "ORIGIN.\n");
}

}  // namespace tidemark::server::test
