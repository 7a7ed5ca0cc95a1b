#include "server/commands/job_lines.h"

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

TEST_CASE("bars fill up with what is done") {
  struct Case {
    const char* why;
    std::uint64_t done, total;
    bool is_done;
    const char* bar;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing yet", 0, 10, false, "[..........]"},
      {"half", 5, 10, false, "[#####.....]"},
      {"what is not done does not look done", 999, 1'000, false, "[#########.]"},
      {"all", 10, 10, false, "[##########]"},
      {"more than was known of", 30, 10, false, "[##########]"},
      {"nobody knows how much there is", 5, 0, false, "[??????????]"},
      {"it is over all the same", 0, 0, true, "[##########]"},
  }));
  INFO(c.why);
  CHECK(progress_bar({.done = c.done, .total = c.total}, c.is_done, 10) == c.bar);
}

TEST_CASE("sizes are short") {
  struct Case {
    std::uint64_t bytes;
    const char* text;
  };
  const auto c = GENERATE(values<Case>({
      {0, "0 B"},
      {1'023, "1023 B"},
      {1'024, "1.0 KiB"},
      {1'536, "1.5 KiB"},
      {1'048'575, "1.0 MiB"},
      {5ULL << 40, "5.0 TiB"},
      {~0ULL, "16384.0 PiB"},
  }));
  CHECK(short_size(c.bytes) == c.text);
}

TEST_CASE("a line is cut at a character") {
  CHECK(fit_columns("abc", 3) == "abc");
  CHECK(fit_columns("abc", 2) == "ab");
  CHECK(fit_columns("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4\xc3\xb6");
  CHECK(fit_columns("abc", 0).empty());
  CHECK(fit_columns("", 5).empty());
}

JobView view_of(const std::string& text) {
  json::Document document;
  const auto root = document.parse(text);
  REQUIRE(root);
  return read_job(*root);
}

constexpr const char* kRunning =
    R"({"id":"1","kind":"export","status":"IN_PROGRESS","table":"Orders","phase":"exporting","items":1500,)"
    R"("bytes":2048,"files":1,"errors":0,"measure":"items","done":1500,"total":6000,"parts":[)"
    R"({"name":"partition 1","state":"DONE","items":1500,"bytes":2048,"files":1,"errors":0,"done":1500,"total":1500},)"
    R"({"name":"partition 2","state":"WAITING","items":0,"bytes":0,"files":0,"errors":0,"done":0,"total":4500}]})";

TEST_CASE("a list has a head and aligned columns") {
  const auto lines =
      job_lines({view_of(kRunning), view_of(R"({"id":"22","kind":"import","status":"COMPLETED",)"
                                            R"("table":"T","items":7,"bytes":1,"files":3,"errors":2})")});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] ==
        "ID  KIND    TABLE   STATUS       PROGRESS                      ITEMS  BYTES    FILES  ERRORS");
  CHECK(lines[1] ==
        "1   export  Orders  IN_PROGRESS  [#####...............]  25 %  1500   2.0 KiB  1      0");
  CHECK(lines[2] ==
        "22  import  T       COMPLETED    [####################] 100 %  7      1 B      3      2");
}

TEST_CASE("one job is shown with its phase and its parts") {
  const auto lines = job_detail(view_of(kRunning));
  REQUIRE(lines.size() == 7);
  CHECK(lines[2] == "phase: exporting");
  CHECK(lines[3].empty());
  CHECK(lines[5].starts_with("partition 1  DONE     [####################] 100 %"));
  CHECK(lines[6].starts_with("partition 2  WAITING  [....................]   0 %"));
}

TEST_CASE("a failed job says why, and where its errors are") {
  const auto lines = job_detail(view_of(
      R"({"id":"1","kind":"import","status":"FAILED","table":"T","phase":"reading","failure":{"code":"C","message":"M"},)"
      R"("error_log":"/data/1.jsonl"})"));
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == "failed: C: M");
  CHECK(lines[3] == "errors: /data/1.jsonl");
}

TEST_CASE("names do not move the cursor, and long ones are shortened") {
  const auto lines =
      job_detail(view_of(R"({"id":"1","parts":[{"name":"a\u001b[2Jb\n","state":"DONE"},{"name":")" +
                         std::string(60, 'x') + R"(","state":"DONE"}]})"));
  CHECK(lines[4].starts_with("a?[2Jb?  "));
  CHECK(lines[5].starts_with(std::string(37, 'x') + "...  DONE"));
  for (const auto& line : lines) CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("an answer with other members than expected is read as far as it goes") {
  const JobView job = view_of(R"({"id":5,"parts":{},"items":-1,"failure":"no","more":[1]})");
  CHECK(job.id.empty());
  CHECK(job.counters.items == 0);
  CHECK(job.parts.empty());
}

}  // namespace
}  // namespace tidemark::server
