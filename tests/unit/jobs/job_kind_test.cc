#include "jobs/job_kind.h"

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/jobs/job_fixture.h"

namespace tidemark::jobs {
namespace {

using Work = JobFixture::Kind::Work;

TEST_CASE_METHOD(JobFixture, "a job is recorded in progress before it runs, and completed after") {
  const TestRecord record = request();
  std::promise<void> release;
  TestRecord named = record;
  kind->name_job(&named);
  REQUIRE(
      kind->begin(named, [&, named](const JobStop&, JobProgress& progress) mutable -> JobResult<TestRecord> {
        release.get_future().wait();
        progress.enter("done");
        named.status = JobStatus::kCompleted;
        named.totals.items = 3;
        return named;
      }));
  CHECK(kind->book().find(named.arn)->status == JobStatus::kInProgress);
  CHECK(registry->board().find(named.id)->snapshot().phase == "waiting");
  release.set_value();
  const TestRecord ended = wait(named);
  CHECK(ended.status == JobStatus::kCompleted);
  CHECK(ended.totals.items == 3);
  CHECK(ended.end_time == clock.now());
  CHECK(registry->board().find(named.id)->snapshot().phase == "done");
}

TEST_CASE_METHOD(JobFixture, "a job is named by its kind, its table, its start and chance") {
  TestRecord record = request();
  kind->name_job(&record);
  CHECK(record.kind == "dig");
  CHECK(record.id.starts_with("01800000000000-"));
  CHECK(record.arn == record.table_arn + "/dig/" + record.id);
  CHECK(record.client_token.size() == 36);
  TestRecord with_token = request("mine");
  kind->name_job(&with_token);
  CHECK(with_token.client_token == "mine");
}

TEST_CASE("a job that found no space says so to its client") {
  const std::string files = "write /data/x: No space left on device";
  CHECK(JobFailure::internal(Error::no_space(files)).message ==
        "The server has no space left to store data.");
  CHECK(JobFailure::internal(Error::io(files)).message == "The server failed while it worked on the job.");
}

TEST_CASE_METHOD(JobFixture, "a failed job says why, in its record and in one line of the log") {
  struct Case {
    const char* why;
    JobFailure failure;
    const char* line;
  };
  const auto c = GENERATE(values<Case>({
      {"the request's own fault is a warning",
       {.code = "S3NoSuchBucket", .message = "The bucket is not there"},
       " warn a job failed kind=dig job=ARN code=S3NoSuchBucket reason=\"The bucket is not there\"\n"},
      {"ours is an error, with its cause", JobFailure::internal(Error::io("cannot read /data/x")),
       " error a job failed kind=dig job=ARN code=InternalServerError reason=\"cannot read /data/x\"\n"},
  }));
  INFO(c.why);
  TestRecord ended;
  std::string log;
  {
    const CapturedLog capture;
    ended =
        wait(begin([&c](const JobStop&, JobProgress&) -> JobResult<TestRecord> { return fail(c.failure); }));
    registry->stop();
    log = capture.text();
  }
  CHECK(ended.status == JobStatus::kFailed);
  CHECK(ended.failure_code == c.failure.code);
  CHECK(ended.failure_message == c.failure.message);
  CHECK(ended.end_time == clock.now());
  std::string line = c.line;
  line.replace(line.find("ARN"), 3, ended.arn);
  CHECK(log.find(line) != std::string::npos);
  CHECK(std::count(log.begin(), log.end(), '\n') == 1);
}

TEST_CASE_METHOD(JobFixture, "a failed job with a list of errors says where it is") {
  std::string log;
  {
    const CapturedLog capture;
    TestRecord record = request();
    kind->name_job(&record);
    REQUIRE(kind->begin(record, [record](const JobStop&, JobProgress&) mutable -> JobResult<TestRecord> {
      record.status = JobStatus::kFailed;
      record.failure_code = "ItemValidationError";
      record.failure_message = "Some";
      record.error_log = "/data/errors.jsonl";
      return record;
    }));
    wait(record);
    registry->stop();
    log = capture.text();
  }
  CHECK(log.find("code=ItemValidationError reason=Some errors=/data/errors.jsonl\n") != std::string::npos);
}

TEST_CASE_METHOD(JobFixture, "a running job that is cancelled ends cancelled") {
  EndlessWork endless;
  const TestRecord record = begin(endless.work());
  endless.begun();
  REQUIRE(registry->cancel(record.id));
  const TestRecord ended = wait(record);
  CHECK(ended.status == JobStatus::kCancelled);
  CHECK(ended.failure_code == "Cancelled");
  CHECK(ended.end_time == clock.now());
  const auto again = registry->cancel(record.id);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::kConflict);
}

TEST_CASE_METHOD(JobFixture, "a job that waits is cancelled at once") {
  std::vector<std::unique_ptr<EndlessWork>> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(std::make_unique<EndlessWork>());
    begin(busy.back()->work());
  }
  for (auto& work : busy) work->begun();
  EndlessWork waiting;
  const TestRecord record = begin(waiting.work());
  REQUIRE(registry->cancel(record.id));
  CHECK(kind->book().find(record.arn)->status == JobStatus::kCancelled);
}

TEST_CASE_METHOD(JobFixture, "a job that completes although it was cancelled is completed") {
  std::promise<void> begun;
  TestRecord record = request();
  kind->name_job(&record);
  REQUIRE(kind->begin(record,
                      [&begun, record](const JobStop& stop, JobProgress&) mutable -> JobResult<TestRecord> {
                        begun.set_value();
                        while (!stop.requested()) std::this_thread::yield();
                        record.status = JobStatus::kCompleted;
                        return record;
                      }));
  begun.get_future().wait();
  REQUIRE(registry->cancel(record.id));
  CHECK(wait(record).status == JobStatus::kCompleted);
}

TEST_CASE_METHOD(JobFixture, "nothing is cancelled that is not there, or that has ended") {
  CHECK(registry->cancel("01800000000000-00000000").error().code == ErrorCode::kNotFound);
  CHECK(registry->cancel(run().id).error().code == ErrorCode::kConflict);
}

TEST_CASE_METHOD(JobFixture, "what was in progress at the end of the process is taken up at the next start") {
  EndlessWork endless;
  const TestRecord record = begin(endless.work());
  endless.begun();
  const TestRecord done = run();
  std::vector<std::string> resumed;
  resume = [&](const TestRecord& left) {
    resumed.push_back(left.id);
    REQUIRE(kind->launch(left, completing(left)));
  };
  reopen();
  CHECK(kind->book().find(record.arn)->status == JobStatus::kInProgress);
  registry->resume_all();
  CHECK(resumed == std::vector{record.id});
  CHECK(wait(record).status == JobStatus::kCompleted);
}

TEST_CASE_METHOD(JobFixture, "a job whose end was asked for does not go on after a restart") {
  const TestRecord record = request();
  TestRecord left = record;
  kind->name_job(&left);
  left.status = JobStatus::kCancelling;
  REQUIRE(catalog.put_document("dig", left.arn, left.to_json()));
  EndlessWork endless;
  resume = [&](const TestRecord& found) { REQUIRE(kind->launch(found, endless.work())); };
  reopen();
  registry->resume_all();
  CHECK(wait(left).status == JobStatus::kCancelled);
}

TEST_CASE_METHOD(JobFixture, "a job that cannot be queued was never there") {
  registry->stop();
  TestRecord record = request();
  kind->name_job(&record);
  const auto begun = kind->begin(record, completing(record));
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == ErrorCode::kUnavailable);
  CHECK_FALSE(kind->book().find(record.arn));
  CHECK(registry->board().find(record.id) == nullptr);
  CHECK(catalog.list_documents("dig").empty());
}

TEST_CASE_METHOD(JobFixture, "a job that cannot be recorded does not run") {
  catalog.is_full = true;
  TestRecord record = request();
  kind->name_job(&record);
  CHECK_FALSE(kind->begin(record, completing(record)));
  CHECK(registry->board().find(record.id) == nullptr);
}

TEST_CASE_METHOD(JobFixture, "an end that cannot be recorded is, when there is space again") {
  registry->age_by(schedule);
  const TestRecord job = begin(
      [](const JobStop&, JobProgress&) { return JobResult<TestRecord>(fail(JobFailure::interrupted())); });
  catalog.is_full = true;
  kind->end(job, fail(JobFailure{.code = "S3NoSuchBucket", .message = "no bucket"}));
  const Timestamp end = clock.now();
  REQUIRE(schedule.advance(std::chrono::seconds(2)));
  CHECK(kind->book().find(job.arn)->status == JobStatus::kInProgress);
  catalog.is_full = false;
  REQUIRE(schedule.advance(std::chrono::seconds(1)));
  const auto ended = kind->book().find(job.arn);
  CHECK(ended->status == JobStatus::kFailed);
  CHECK(ended->failure_code == "S3NoSuchBucket");
  CHECK(ended->end_time == end);
}

TEST_CASE_METHOD(JobFixture, "what a job made is settled before its record says that it is over") {
  std::vector<std::string> calls;
  bool fails = true;
  JobFixture::Kind careful(*registry, "careful",
                           {.resume = [](const TestRecord&) {},
                            .settle = [&](TestRecord& record, bool worked) -> Result<void> {
                              calls.emplace_back(worked ? "settle" : "undo");
                              if (fails) return fail(Error::no_space("full"));
                              record.error_log = "noted";
                              return {};
                            },
                            .ended = [&](const TestRecord& record) -> Result<void> {
                              calls.push_back("ended " + record.error_log);
                              return {};
                            }});
  registry->age_by(schedule);
  TestRecord record = request();
  careful.name_job(&record);
  TestRecord done = record;
  done.status = JobStatus::kCompleted;
  REQUIRE(careful.book().unfinished().empty());
  careful.end(record, done);
  CHECK_FALSE(careful.book().find(record.arn));
  fails = false;
  REQUIRE(schedule.advance(std::chrono::seconds(1)));
  CHECK(careful.book().find(record.arn)->status == JobStatus::kCompleted);
  REQUIRE(schedule.advance(std::chrono::seconds(5)));
  CHECK(calls == std::vector<std::string>{"settle", "settle", "ended noted"});
}

TEST_CASE_METHOD(JobFixture, "a repeated token leads to the job it began, for eight hours") {
  const TestRecord first = run("again");
  CHECK(kind->find_repeated(request("again"))->id == first.id);
  CHECK_FALSE(kind->find_repeated(request("other")));
  CHECK_FALSE(kind->find_repeated(request()));
  clock.advance_seconds(kTokenLifetimeSeconds);
  CHECK(kind->find_repeated(request("again")));
  clock.advance_seconds(1);
  CHECK_FALSE(kind->find_repeated(request("again")));
}

TEST_CASE_METHOD(JobFixture, "old jobs are forgotten while the process runs, with what lies beside them") {
  registry->age_by(schedule);
  const TestRecord old = run();
  REQUIRE(schedule.advance(std::chrono::seconds(kRememberedSeconds)));
  CHECK(kind->book().find(old.arn));
  REQUIRE(schedule.advance(std::chrono::hours(1)));
  CHECK_FALSE(kind->book().find(old.arn));
  CHECK(forgotten == std::vector{old.id});
}

TEST_CASE_METHOD(JobFixture, "what is discarded is cancelled, waited for and forgotten, and the rest stays") {
  constexpr std::chrono::seconds kPatience{30};
  const TestRecord ended = run();
  EndlessWork endless;
  const TestRecord running = begin(endless.work());
  endless.begun();
  TestRecord other = request();
  other.account_id = "111111111111";
  kind->name_job(&other);
  REQUIRE(kind->begin(other, completing(other)));
  wait(other);

  const auto is_meant = [](const JobRecord& job) { return job.account_id == "000000000000"; };
  const DiscardedJobs discarded = registry->discard(is_meant, kPatience);
  CHECK(discarded.cancelled == 1);
  CHECK(discarded.forgotten == 2);
  CHECK(discarded.left == 0);
  for (const TestRecord& gone : {ended, running}) {
    CHECK_FALSE(kind->book().find(gone.arn));
    CHECK_FALSE(registry->board().find(gone.id));
  }
  CHECK(kind->book().find(other.arn));
  std::sort(forgotten.begin(), forgotten.end());
  CHECK(forgotten == std::vector{ended.id, running.id});
  reopen();
  CHECK(registry->list({}, [](const JobRecord&) { return true; }).records.size() == 1);
}

TEST_CASE_METHOD(JobFixture, "a job that does not notice its end is left, and keeps its record") {
  std::promise<void> begun, let_go;
  TestRecord record = request();
  kind->name_job(&record);
  REQUIRE(kind->begin(record, [&](const JobStop&, JobProgress&) mutable -> JobResult<TestRecord> {
    begun.set_value();
    let_go.get_future().wait();
    record.status = JobStatus::kCompleted;
    return record;
  }));
  begun.get_future().wait();
  const auto all = [](const JobRecord&) { return true; };
  const DiscardedJobs discarded = registry->discard(all, std::chrono::milliseconds(1));
  CHECK(discarded.cancelled == 1);
  CHECK(discarded.left == 1);
  CHECK(kind->book().find(record.arn)->status == JobStatus::kCancelling);
  let_go.set_value();
  wait(record);
}

TEST_CASE_METHOD(JobFixture, "jobs of all kinds are in one list, newest first") {
  JobFixture::Kind other(*registry, "fill", {.resume = [](const TestRecord&) {}});
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    TestRecord record = request();
    auto& owner = i % 2 == 0 ? *kind : other;
    owner.name_job(&record);
    REQUIRE(owner.begin(record, completing(record)));
    ids.insert(ids.begin(), record.id);
    clock.advance_seconds(1);
  }
  const auto all = [](const JobRecord&) { return true; };
  std::vector<std::string> listed;
  JobPageRequest next{.records_max = 4};
  while (true) {
    const auto page = registry->list(next, all);
    for (const auto& record : page.records) listed.push_back(record.id);
    if (!page.has_more) break;
    next.before_id = listed.back();
  }
  CHECK(listed == ids);
  CHECK(registry->find(ids[0])->kind == "fill");
  CHECK(registry->find(ids[1])->kind == "dig");
  CHECK_FALSE(registry->find("nothing"));
  const auto fills =
      registry->list({.records_max = 2}, [](const JobRecord& job) { return job.kind == "fill"; });
  CHECK(fills.records.size() == 2);
  CHECK(fills.has_more);
}

TEST_CASE_METHOD(JobFixture,
                 "a job that has to last is called again at its time, and over when the clock is there") {
  registry->last_at_least(schedule, {{"dig", std::chrono::minutes(5)}});
  int calls = 0;
  const TestRecord record = begin([&](const JobStop&, JobProgress&) -> JobResult<TestRecord> {
    ++calls;
    auto ended = kind->book().unfinished().front();
    if (!kind->may_end(ended)) return fail(JobFailure::postponed());
    ended.status = JobStatus::kCompleted;
    return ended;
  });
  REQUIRE(schedule.advance(std::chrono::seconds(299)));
  CHECK(kind->book().find(record.arn)->status == JobStatus::kInProgress);
  REQUIRE(schedule.advance(std::chrono::seconds(1)));
  const TestRecord ended = *kind->book().find(record.arn);
  CHECK(ended.status == JobStatus::kCompleted);
  CHECK(ended.end_time - ended.start_time == std::chrono::minutes(5));
  CHECK(calls <= 2);
}

TEST_CASE_METHOD(JobFixture, "the next job of a kind is told to fail, once") {
  REQUIRE(registry->tell_next("dig", {.code = "S3AccessDenied", .after_files = 2}));
  REQUIRE(registry->tell_next("bury", {.code = "Other"}));
  std::vector<std::optional<std::string>> asked;
  const auto work = [&](const JobStop&, JobProgress& progress) -> JobResult<TestRecord> {
    for (int file = 0; file < 3; ++file) asked.push_back(progress.failure_before_file());
    asked.push_back(progress.failure_after_files());
    return fail(JobFailure{.code = "Any", .message = ""});
  };
  wait(begin(work));
  CHECK(asked == std::vector<std::optional<std::string>>{{}, {}, "S3AccessDenied", "S3AccessDenied"});
  asked.clear();
  wait(begin(work));
  CHECK(asked == std::vector<std::optional<std::string>>(4));
}

TEST_CASE_METHOD(JobFixture, "a told failure whose job could not begin is for the next one") {
  std::promise<void> release;
  const auto filler = [released = release.get_future().share()](const JobStop&, JobProgress&) {
    released.wait();
    return JobResult<TestRecord>(fail(JobFailure{.code = "Any", .message = ""}));
  };
  std::vector<TestRecord> begun;
  const auto begins = [&] {
    TestRecord record = request();
    kind->name_job(&record);
    const auto result = kind->begin(record, filler);
    if (result) begun.push_back(record);
    return result.has_value();
  };
  while (begins()) REQUIRE(begun.size() < 2 * JobRunner::kQueuedJobsMax);
  REQUIRE(registry->tell_next("dig", {.code = "First"}));
  REQUIRE(registry->tell_next("dig", {.code = "Second"}));
  CHECK_FALSE(begins());
  release.set_value();
  for (const TestRecord& record : begun) wait(record);
  std::vector<std::optional<std::string>> asked;
  for (int job = 0; job < 3; ++job) {
    wait(begin([&](const JobStop&, JobProgress& progress) -> JobResult<TestRecord> {
      asked.push_back(progress.failure_after_files());
      return fail(JobFailure{.code = "Any", .message = ""});
    }));
  }
  CHECK(asked == std::vector<std::optional<std::string>>{"First", "Second", {}});
}

TEST_CASE_METHOD(JobFixture, "not any number of jobs is told to fail") {
  std::size_t told = 0;
  while (registry->tell_next("dig", {.code = "Any"})) REQUIRE(++told <= JobRegistry::kToldMax);
  CHECK(told == JobRegistry::kToldMax);
  CHECK(registry->tell_next("bury", {.code = "Other"}));
}

}  // namespace
}  // namespace tidemark::jobs
