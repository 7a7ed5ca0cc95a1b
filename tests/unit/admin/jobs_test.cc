#include "admin/jobs.h"

#include "tests/support/catch.h"
#include "tests/unit/jobs/job_fixture.h"

namespace tidemark::admin {
namespace {

using jobs::JobStatus;

class Fixture : public jobs::JobFixture {
 public:
  // `query` with its question mark, or a slash and an id.
  http::Response send(std::string_view method, const std::string& path) {
    http::RequestHead head;
    head.target = "/_tidemark/jobs" + path;
    const std::string name = path.starts_with('/') ? path.substr(1) : "";
    for (const Route& route : routes) {
      const bool has_hole = route.path.ends_with("}");
      if (route.method == method && has_hole != name.empty()) {
        return route.handle({.head = head, .body = {}, .name = name});
      }
    }
    return {};
  }
  std::string text(std::string_view method, const std::string& path) {
    return std::get<std::string>(send(method, path).body);
  }
  std::string ids(const std::string& query) {
    json::Document document;
    const auto root = document.parse(text("GET", query));
    REQUIRE(root);
    std::string found;
    json::Value job;
    for (auto cursor = root->find("jobs")->elements(); cursor.next(&job);) {
      found += std::string(job.find("id")->string().substr(0, 14)) + ' ';
    }
    if (const auto next = root->find("next")) found += "next";
    return found;
  }

  std::vector<Route> routes = job_routes(*registry);
};

TEST_CASE_METHOD(Fixture, "a running job, with what is known of its parts") {
  std::promise<void> shown;
  std::promise<void> told;
  jobs::TestRecord record = request();
  kind->name_job(&record);
  REQUIRE(kind->begin(
      record, [&](const jobs::JobStop&, jobs::JobProgress& progress) -> jobs::JobResult<jobs::TestRecord> {
        progress.enter("digging");
        progress.plan({{"here", 4}, {"there", 0}}, jobs::Measure::kItems);
        progress.begin_part(0);
        progress.add(0, {.items = 1, .bytes = 20, .files = 0, .errors = 1}, 1);
        told.set_value();
        shown.get_future().wait();
        return fail(jobs::JobFailure{.code = "NoSpade", .message = "There is no spade."});
      }));
  told.get_future().wait();
  const std::string head = R"({"id":")" + record.id + R"(","kind":"dig","status":)";
  const std::string arns =
      R"("table":"T","table_arn":"arn:aws:dynamodb:us-east-1:000000000000:table/T","arn":")" + record.arn +
      R"(","account_id":"000000000000","region":"us-east-1",)"
      R"("started":"2027-01-15T08:00:00.000Z",)";
  const std::string counts =
      R"("phase":"digging","items":1,"bytes":20,"files":0,"errors":1,"measure":"items","done":1,"total":4)";
  const std::string running = text("GET", "/" + record.id);
  CHECK(running ==
        head + R"("IN_PROGRESS",)" + arns + counts +
            R"(,"parts":[{"name":"here","state":"RUNNING","items":1,"bytes":20,"files":0,"errors":1,)"
            R"("done":1,"total":4},{"name":"there","state":"WAITING","items":0,"bytes":0,"files":0,)"
            R"("errors":0}]})"
            "\n");
  CHECK(text("GET", "") == R"({"jobs":[)" + head + R"("IN_PROGRESS",)" + arns + counts + "}]}\n");
  shown.set_value();
  wait(record);
  CHECK(text("GET", "") == R"({"jobs":[)" + head + R"("FAILED",)" + arns +
                               R"("ended":"2027-01-15T08:00:00.000Z",)"
                               R"("failure":{"code":"NoSpade","message":"There is no spade."},)" +
                               counts + "}]}\n");
  const std::string ended = text("GET", "/" + record.id);
  CHECK(ended.find(R"("name":"here","state":"STOPPED")") != std::string::npos);
  CHECK(ended.find(R"("name":"there","state":"SKIPPED")") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "of a job that ended long ago the totals are shown, and where its errors are") {
  jobs::TestRecord record = request();
  kind->name_job(&record);
  record.status = JobStatus::kCompleted;
  record.end_time = clock.now();
  record.totals = {.items = 5, .bytes = 6, .files = 7, .errors = 8};
  record.error_log = "/data/errors";
  REQUIRE(catalog.put_document("dig", record.arn, record.to_json()));
  routes.clear();
  reopen();
  routes = job_routes(*registry);
  CHECK(text("GET", "/" + record.id)
            .ends_with(R"("ended":"2027-01-15T08:00:00.000Z","error_log":"/data/errors",)"
                       R"("items":5,"bytes":6,"files":7,"errors":8})"
                       "\n"));
}

TEST_CASE_METHOD(Fixture, "lists are filtered and paged") {
  for (int i = 0; i < 3; ++i) {
    clock.advance_seconds(1);
    run();
  }
  jobs::TestRecord other = request();
  other.table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/MyT";
  other.start_time = clock.now().plus_seconds(1);
  kind->name_job(&other);
  REQUIRE(
      kind->begin(other, [](const jobs::JobStop&, jobs::JobProgress&) -> jobs::JobResult<jobs::TestRecord> {
        return fail(jobs::JobFailure{.code = "No", .message = "No."});
      }));
  wait(other);
  struct Case {
    const char* query;
    const char* found;
  };
  const auto c = GENERATE(values<Case>({
      {"", "01800000004000 01800000003000 01800000002000 01800000001000 "},
      {"?limit=2", "01800000004000 01800000003000 next"},
      {"?limit=2&before=01800000003000-", "01800000002000 01800000001000 "},
      {"?status=FAILED", "01800000004000 "},
      {"?kind=dig&status=COMPLETED&limit=1", "01800000003000 next"},
      {"?table=T", "01800000003000 01800000002000 01800000001000 "},
      {"?table=arn%3Aaws%3Adynamodb%3Aus-east-1%3A000000000000%3Atable%2FMyT", "01800000004000 "},
      {"?table=arn:aws:dynamodb:us-east-1:000000000000:table/MyT&", "01800000004000 "},
  }));
  INFO(c.query);
  CHECK(ids(c.query) == c.found);
}

TEST_CASE_METHOD(Fixture, "a query that is not understood is refused") {
  struct Case {
    const char* query;
    const char* sentence;
  };
  const auto c = GENERATE(values<Case>({
      {"?state=FAILED", "There is no parameter 'state'; there are kind, status, table, limit and before."},
      {"?status=PENDING", "status must be IN_PROGRESS, CANCELLING, COMPLETED, FAILED or CANCELLED."},
      {"?kind=fill", "There is no kind of job 'fill'."},
      {"?limit=0", "limit must be a number from 1 to 1000."},
      {"?limit=1001", "limit must be a number from 1 to 1000."},
      {"?limit=", "limit must be a number from 1 to 1000."},
      {"?limit=1x", "limit must be a number from 1 to 1000."},
      {"?limit=99999999999999999999999", "limit must be a number from 1 to 1000."},
      {"?table=%zz", "The query is not percent-encoded."},
      {"?table=%ff", "The query is not UTF-8."},
      {"?%c0%80=1", "The query is not UTF-8."},
  }));
  INFO(c.query);
  const auto refused = send("GET", c.query);
  CHECK(refused.status == 400);
  CHECK(std::get<std::string>(refused.body) == R"({"error":")" + std::string(c.sentence) + "\"}\n");
}

TEST_CASE_METHOD(Fixture, "a job is asked to end") {
  jobs::EndlessWork endless;
  const jobs::TestRecord record = begin(endless.work());
  endless.begun();
  const auto asked = send("DELETE", "/" + record.id);
  CHECK(asked.status == 202);
  CHECK(wait(record).status == JobStatus::kCancelled);
  CHECK(send("DELETE", "/" + record.id).status == 409);
}

TEST_CASE_METHOD(Fixture, "there is no such job") {
  CHECK(send("GET", "/nothing").status == 404);
  CHECK(text("GET", "/nothing") == R"({"error":"There is no job nothing."})"
                                   "\n");
  CHECK(send("DELETE", "/nothing").status == 404);
}

TEST_CASE_METHOD(Fixture, "a wish that cannot be recorded is refused") {
  jobs::EndlessWork endless;
  const jobs::TestRecord record = begin(endless.work());
  endless.begun();
  catalog.is_full = true;
  CHECK(send("DELETE", "/" + record.id).status == 503);
  catalog.is_full = false;
}

}  // namespace
}  // namespace tidemark::admin
