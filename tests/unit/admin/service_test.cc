#include "admin/service.h"

#include "admin/health.h"
#include "tests/support/catch.h"

namespace tidemark::admin {
namespace {

class OtherService final : public http::Service {
 public:
  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead /*head*/) override {
    http::Response response;
    response.status = 299;
    return fail(std::move(response));
  }
};

struct Fixture {
  explicit Fixture(AdminOptions options = {}) : service(other, routes(), options) {}

  static std::vector<Route> routes() {
    std::vector<Route> all = health_routes("1.2.3", [] { return storage::Room::kEnough; });
    all.push_back({.method = "POST", .path = "/_tidemark/echo", .handle = [](const AdminRequest& request) {
                     return json_answer(200, std::string(request.body));
                   }});
    all.push_back(
        {.method = "GET", .path = "/_tidemark/named/{name}", .handle = [](const AdminRequest& request) {
           return json_answer(200, std::string(request.name));
         }});
    all.push_back({.method = "GET",
                   .path = "/_tidemark/things/{name}/items",
                   .handle =
                       [](const AdminRequest& request) {
                         return json_answer(200, "items of " + std::string(request.name));
                       },
                   .shows_items = true});
    return all;
  }

  http::Response send(const std::string& method, const std::string& target, const std::string& body = {},
                      const std::string& type = "application/json", const std::string& peer = "127.0.0.1") {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    head.peer = peer;
    if (!type.empty()) head.headers.add("Content-Type", type);
    auto begun = service.begin(std::move(head));
    if (!begun) return std::move(begun).error();
    if (auto written = (*begun)->write(body); !written) return std::move(written).error();
    return (*begun)->finish();
  }
  static std::string body_of(const http::Response& response) { return std::get<std::string>(response.body); }

  OtherService other;
  AdminService service;
};

TEST_CASE("what does not begin with the prefix goes on to the next service") {
  Fixture f;
  for (const char* const target : {"/", "/_tidemark", "/bucket/_tidemark/health", "/_tidemarkx/health"}) {
    INFO(target);
    CHECK(f.send("GET", target).status == 299);
  }
}

TEST_CASE("a route may lie outside of the prefix, for its method alone") {
  OtherService other;
  const auto answer = [](const AdminRequest& request) { return json_answer(200, std::string(request.body)); };
  AdminService service(
      other, {{.method = "POST", .path = "/moto-api/reset", .handle = answer, .may_be_empty = true}}, {});
  const auto status_of = [&service](const char* method, const char* target, const char* type,
                                    std::uint64_t length) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    head.content_length = length;
    if (*type != 0) head.headers.add("Content-Type", type);
    auto begun = service.begin(std::move(head));
    return begun ? (*begun)->finish().status : begun.error().status;
  };
  CHECK(status_of("POST", "/moto-api/reset", "", 0) == 200);
  CHECK(status_of("POST", "/moto-api/reset", "application/json", 2) == 200);
  CHECK(status_of("POST", "/moto-api/reset", "text/plain", 0) == 415);
  CHECK(status_of("POST", "/moto-api/reset", "", 2) == 415);
  CHECK(status_of("GET", "/moto-api/reset", "", 0) == 299);
  CHECK(status_of("POST", "/moto-api/reset2", "", 0) == 299);
}

TEST_CASE("routes are found by method and path") {
  struct Case {
    const char* why;
    std::string method, target;
    int status;
    std::string body;
  };
  const auto c = GENERATE(values<Case>({
      {"a fixed path", "GET", "/_tidemark/health", 200, "{\"status\":\"ok\",\"version\":\"1.2.3\"}\n"},
      {"whoever watches may add a query", "GET", "/_tidemark/health?verbose", 200,
       "{\"status\":\"ok\",\"version\":\"1.2.3\"}\n"},
      {"others take none", "GET", "/_tidemark/named/a?account=1&b", 400,
       "{\"error\":\"There is no parameter 'account'; this path takes none.\"}\n"},
      {"which must be readable", "GET", "/_tidemark/named/a?%zz", 400,
       "{\"error\":\"The query is not percent-encoded.\"}\n"},
      {"an empty one is none", "GET", "/_tidemark/named/a?", 200, "a\n"},
      {"HEAD is GET without a body", "HEAD", "/_tidemark/health", 200, ""},
      {"a name", "GET", "/_tidemark/named/a%2Fb%20c", 200, "a/b c\n"},
      {"a name is UTF-8", "GET", "/_tidemark/named/%ff", 404,
       "{\"error\":\"There is no such path; docs/ names those that there are.\"}\n"},
      {"a name is needed", "GET", "/_tidemark/named/", 404,
       "{\"error\":\"There is no such path; docs/ names those that there are.\"}\n"},
      {"an unknown path", "GET", "/_tidemark/none", 404,
       "{\"error\":\"There is no such path; docs/ names those that there are.\"}\n"},
      {"another method", "DELETE", "/_tidemark/health", 405,
       "{\"error\":\"This path does not have that method.\"}\n"},
  }));
  INFO(c.why);
  Fixture f;
  const auto response = f.send(c.method, c.target);
  CHECK(response.status == c.status);
  CHECK(Fixture::body_of(response) == c.body);
  if (c.status == 405) CHECK(response.headers.find("Allow") == "GET, HEAD");
}

TEST_CASE("a POST says that it is JSON, so that a page elsewhere must ask first") {
  Fixture f;
  CHECK(f.send("POST", "/_tidemark/echo", "{}").status == 200);
  CHECK(f.send("POST", "/_tidemark/echo", "{}", "Application/JSON; charset=utf-8").status == 200);
  for (const char* const type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
    INFO(type);
    CHECK(f.send("POST", "/_tidemark/echo", "{}", type).status == 415);
  }
}

TEST_CASE("bodies are bounded") {
  Fixture f;
  CHECK(f.send("POST", "/_tidemark/echo", std::string(64 << 10, 'x')).status == 200);
  CHECK(f.send("POST", "/_tidemark/echo", std::string((64 << 10) + 1, 'x')).status == 413);
}

TEST_CASE("where signatures are verified, changes come from this machine only") {
  Fixture f({.changes_from_loopback_only = true});
  for (const char* const peer : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) {
    INFO(peer);
    CHECK(f.send("POST", "/_tidemark/echo", "{}", "application/json", peer).status == 200);
  }
  for (const char* const peer : {"10.0.0.1", "", "::2", "128.0.0.1"}) {
    INFO(peer);
    CHECK(f.send("POST", "/_tidemark/echo", "{}", "application/json", peer).status == 403);
    CHECK(f.send("GET", "/_tidemark/health", {}, {}, peer).status == 200);
    CHECK(f.send("GET", "/_tidemark/things/a/items", {}, {}, peer).status == 403);
  }
  CHECK(Fixture::body_of(f.send("GET", "/_tidemark/things/a%2Fb/items")) == "items of a/b\n");
}

TEST_CASE("what a proxy on this machine forwards is not from this machine") {
  const char* const name =
      GENERATE("Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-Real-IP", "via");
  INFO(name);
  http::RequestHead head;
  head.method = "GET";
  head.target = "/_tidemark/things/a/items";
  head.peer = "127.0.0.1";
  head.headers.add(name, "127.0.0.1");
  Fixture strict({.changes_from_loopback_only = true});
  const auto refused = strict.service.begin(head);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 403);
  Fixture open;
  CHECK(open.service.begin(head));
}

TEST_CASE("health says what the disk has room for") {
  struct Case {
    storage::Room room;
    const char* body;
  };
  const auto c = GENERATE(values<Case>({
      {storage::Room::kEnough, R"({"status":"ok","version":"1.2.3"})"},
      {storage::Room::kForDeletes,
       R"({"status":"low on disk space","detail":"Writes that add data are refused until there is space. )"
       R"(Reads and deletes go on.","version":"1.2.3"})"},
      {storage::Room::kNone,
       R"({"status":"disk full","detail":"Writes are refused until there is space. Reads go on.",)"
       R"("version":"1.2.3"})"},
  }));
  const auto routes = health_routes("1.2.3", [&c] { return c.room; });
  const http::RequestHead head;
  const http::Response answer = routes.front().handle({.head = head, .body = {}, .name = {}});
  CHECK(answer.status == 200);
  CHECK(std::get<std::string>(answer.body) == std::string(c.body) + '\n');
}

}  // namespace
}  // namespace tidemark::admin
