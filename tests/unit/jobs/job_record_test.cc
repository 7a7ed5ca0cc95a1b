#include "jobs/job_record.h"

#include "tests/support/catch.h"
#include "tests/unit/jobs/job_fixture.h"

namespace tidemark::jobs {
namespace {

TEST_CASE("what all jobs remember is stored like this") {
  TestRecord record;
  record.kind = "dig";
  record.id = "01767225600123-0a1b2c3d";
  record.arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T/dig/01767225600123-0a1b2c3d";
  record.status = JobStatus::kFailed;
  record.account_id = "000000000000";
  record.region = "us-east-1";
  record.table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T";
  record.table_uuid = "11111111-2222-4333-8444-555555555555";
  record.table_id = 7;
  record.start_time = Timestamp::from_millis(1'767'225'600'123);
  record.asked_time = Timestamp{1'767'225'600'122'500};
  record.client_token = "token \"quoted\"";
  record.fingerprint = "[1]";
  record.end_time = Timestamp{1'767'225'600'999'999};
  record.totals = {.items = 1, .bytes = 2, .files = 3, .errors = 4};
  record.failure_code = "S3NoSuchBucket";
  record.failure_message = "The specified bucket does not exist";
  record.error_log = "/data/errors";
  const std::string expected =
      R"({"kind":"dig","id":"01767225600123-0a1b2c3d",)"
      R"("arn":"arn:aws:dynamodb:us-east-1:000000000000:table/T/dig/01767225600123-0a1b2c3d",)"
      R"("status":"FAILED","accountId":"000000000000","region":"us-east-1",)"
      R"("tableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/T",)"
      R"("tableUuid":"11111111-2222-4333-8444-555555555555","tableId":7,"startTime":1767225600123000,)"
      R"("askedTime":1767225600122500,)"
      R"("clientToken":"token \"quoted\"","fingerprint":"[1]","endTime":1767225600999999,)"
      R"("items":1,"bytes":2,"files":3,"errors":4,"failureCode":"S3NoSuchBucket",)"
      R"("failureMessage":"The specified bucket does not exist","errorLog":"/data/errors"})";
  CHECK(record.to_json() == expected);
  const auto read = TestRecord::from_json(expected);
  REQUIRE(read);
  CHECK(read->to_json() == expected);
  CHECK(end_of(*read, Timestamp{2'000'000'000'000'000}) == Timestamp{2'000'000'000'000'500});
}

TEST_CASE("a record of an earlier version was asked for when it began") {
  TestRecord record;
  record.id = "01767225600123-0a1b2c3d";
  record.arn = "a/1";
  record.start_time = Timestamp::from_millis(1'767'225'600'123);
  const auto read = TestRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->asked_time == record.start_time);
}

TEST_CASE("every status has a name that reads back") {
  for (const auto status : {JobStatus::kInProgress, JobStatus::kCancelling, JobStatus::kCompleted,
                            JobStatus::kFailed, JobStatus::kCancelled}) {
    CHECK(parse_job_status(job_status_name(status)) == status);
  }
  CHECK(job_status_name(JobStatus::kInProgress) == "IN_PROGRESS");
  CHECK(job_status_name(JobStatus::kCancelled) == "CANCELLED");
  CHECK_FALSE(parse_job_status("PENDING"));
  CHECK_FALSE(is_ended(JobStatus::kCancelling));
  CHECK(is_ended(JobStatus::kCancelled));
}

TEST_CASE("a record that is damaged is refused") {
  struct Case {
    const char* why;
    const char* text;
    bool is_read;
  };
  const auto c = GENERATE(values<Case>({
      {"the least there is", R"({"id":"1","arn":"a/1"})", true},
      {"no text", "", false},
      {"no object", "[]", false},
      {"no id", R"({"arn":"a/1"})", false},
      {"no ARN", R"({"id":"1"})", false},
      {"an unknown status", R"({"id":"1","arn":"a/1","status":"PENDING"})", false},
      {"another type", R"({"id":"1","arn":"a/1","items":"5"})", false},
  }));
  INFO(c.why);
  const auto read = TestRecord::from_json(c.text);
  CHECK(read.has_value() == c.is_read);
  if (!read) CHECK(read.error().code == ErrorCode::kCorruption);
}

TEST_CASE("ids have fourteen digits of milliseconds and the random part") {
  CHECK(job_id(Timestamp::from_millis(1'767'225'600'123), "0a1b2c3d") == "01767225600123-0a1b2c3d");
}

}  // namespace
}  // namespace tidemark::jobs
