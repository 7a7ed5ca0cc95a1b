#include "jobs/job_book.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/unit/jobs/job_fixture.h"

namespace tidemark::jobs {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 3'600;

class BookFixture {
 public:
  TestRecord put(const std::string& id, JobStatus status = JobStatus::kInProgress,
                 const std::string& token = "") {
    TestRecord record;
    record.kind = "dig";
    record.id = id;
    record.arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T/dig/" + id;
    record.account_id = "000000000000";
    record.region = "us-east-1";
    record.status = status;
    record.client_token = token.empty() ? "token of " + id : token;
    if (is_ended(status)) record.end_time = now;
    REQUIRE(book.put(record));
    return record;
  }
  std::vector<std::string> list(const JobPageRequest& request, bool* has_more = nullptr) {
    const auto page = book.list(request, [](const TestRecord&) { return true; });
    if (has_more != nullptr) *has_more = page.has_more;
    return ids_of(page.records);
  }
  static std::vector<std::string> ids_of(const std::vector<TestRecord>& records) {
    std::vector<std::string> ids;
    for (const auto& record : records) ids.push_back(record.id);
    return ids;
  }
  std::vector<std::string> reread() const {
    const JobBook<TestRecord> again(catalog, "dig");
    return ids_of(again.list({.records_max = 100}, [](const TestRecord&) { return true; }).records);
  }

  using Ids = std::vector<std::string>;
  const Timestamp now = Timestamp::from_seconds(1'800'000'000);
  const storage::Owner owner{"000000000000", "us-east-1"};
  mutable MemoryCatalog catalog;
  JobBook<TestRecord> book{catalog, "dig", 3};
};

TEST_CASE_METHOD(BookFixture, "a job is found by its whole ARN and by its id") {
  const TestRecord record = put("1");
  CHECK(book.find(record.arn));
  CHECK(book.find_id("1"));
  CHECK_FALSE(book.find_id("2"));
  // The same id, another table.
  CHECK_FALSE(book.find("arn:aws:dynamodb:us-east-1:000000000000:table/U/dig/1"));
  CHECK_FALSE(book.find(""));
  CHECK_FALSE(book.find("1"));
}

TEST_CASE_METHOD(BookFixture, "pages go from the newest to the oldest") {
  for (const char* id : {"2", "4", "1", "3"}) put(id);
  bool has_more = false;
  CHECK(list({.records_max = 3}, &has_more) == Ids{"4", "3", "2"});
  CHECK(has_more);
  CHECK(list({.records_max = 3, .before_id = "2"}, &has_more) == Ids{"1"});
  CHECK_FALSE(has_more);
  CHECK(list({.records_max = 4}, &has_more) == Ids{"4", "3", "2", "1"});
  CHECK_FALSE(has_more);
  // The job that ended the last page is gone meanwhile.
  CHECK(list({.records_max = 3, .before_id = "25"}) == Ids{"2", "1"});
  CHECK(list({.records_max = 3, .before_id = "0"}).empty());
}

TEST_CASE_METHOD(BookFixture, "a filter counts what it lets through") {
  for (const char* id : {"1", "2", "3", "4"}) put(id);
  const auto page = book.list({.records_max = 1}, [](const TestRecord& record) { return record.id < "4"; });
  CHECK(ids_of(page.records) == Ids{"3"});
  CHECK(page.has_more);
  const auto last = book.list({.records_max = 1}, [](const TestRecord& record) { return record.id == "1"; });
  CHECK(ids_of(last.records) == Ids{"1"});
  CHECK_FALSE(last.has_more);
}

TEST_CASE_METHOD(BookFixture, "what is recorded is there when the book is opened again") {
  put("1");
  put("2", JobStatus::kCompleted);
  CHECK(reread() == Ids{"2", "1"});
}

TEST_CASE_METHOD(BookFixture, "a record that cannot be read leaves the others alone") {
  put("1");
  REQUIRE(catalog.put_document("dig", "broken", "{"));
  CHECK(reread() == Ids{"1"});
}

TEST_CASE_METHOD(BookFixture, "a change that cannot be written does not show") {
  TestRecord record = put("1");
  catalog.is_full = true;
  record.status = JobStatus::kCompleted;
  CHECK_FALSE(book.put(record));
  CHECK_FALSE(book.remove(record));
  CHECK(book.find_id("1")->status == JobStatus::kInProgress);
}

TEST_CASE_METHOD(BookFixture, "an update sees what others have written, and may refuse") {
  put("1", JobStatus::kCancelling);
  REQUIRE(book.update("1", [](TestRecord& record) -> Result<void> {
    record.totals.items = 5;
    return {};
  }));
  CHECK(book.find_id("1")->status == JobStatus::kCancelling);
  CHECK(book.find_id("1")->totals.items == 5);
  const auto refused = book.update("1", [](TestRecord& record) -> Result<void> {
    record.totals.items = 6;
    return fail(Error::conflict("no"));
  });
  CHECK_FALSE(refused);
  CHECK(book.find_id("1")->totals.items == 5);
  const auto missing = book.update("2", [](TestRecord&) -> Result<void> { return {}; });
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(BookFixture, "a token leads to its job until eight hours after its end") {
  put("1", JobStatus::kCompleted, "a");
  const auto just_in_time = now.plus_seconds(kTokenLifetimeSeconds);
  CHECK(book.find_token(owner, "a", just_in_time));
  CHECK_FALSE(book.find_token(owner, "a", just_in_time.plus_micros(1)));
  CHECK_FALSE(book.find_token(owner, "b", now));
  CHECK_FALSE(book.find_token({"111111111111", "us-east-1"}, "a", now));
  CHECK_FALSE(book.find_token({"000000000000", "eu-west-1"}, "a", now));
}

TEST_CASE_METHOD(BookFixture, "the token of a job that has not ended never expires") {
  put("1", JobStatus::kCancelling, "a");
  CHECK(book.find_token(owner, "a", now.plus_seconds(100 * kDaySeconds)));
}

TEST_CASE_METHOD(BookFixture, "of two jobs with one token the later one counts, also when the first goes") {
  const TestRecord first = put("1", JobStatus::kCompleted, "a");
  put("2", JobStatus::kInProgress, "a");
  CHECK(book.find_token(owner, "a", now)->id == "2");
  put("1", JobStatus::kCompleted, "a");
  CHECK(book.find_token(owner, "a", now)->id == "2");
  REQUIRE(book.remove(first));
  CHECK(book.find_token(owner, "a", now)->id == "2");
}

TEST_CASE_METHOD(BookFixture, "ended jobs are forgotten after ninety days, others never") {
  put("1", JobStatus::kFailed, "a");
  put("2", JobStatus::kInProgress);
  const auto last_day = now.plus_seconds(90 * kDaySeconds);
  CHECK(book.forget_expired(last_day).empty());
  CHECK(ids_of(book.forget_expired(last_day.plus_micros(1))) == Ids{"1"});
  CHECK(reread() == Ids{"2"});
  CHECK_FALSE(book.find_token(owner, "a", now));
  CHECK(book.forget_expired(now.plus_seconds(1'000 * kDaySeconds)).empty());
}

TEST_CASE_METHOD(BookFixture, "of too many ended jobs the oldest go") {
  for (const char* id : {"1", "2", "3", "4", "5"}) put(id, JobStatus::kCompleted);
  put("0");
  CHECK(ids_of(book.forget_expired(now)) == Ids{"1", "2"});
  CHECK(list({.records_max = 10}) == Ids{"5", "4", "3", "0"});
}

TEST_CASE_METHOD(BookFixture, "an old job that cannot be removed is tried again") {
  put("1", JobStatus::kCompleted);
  catalog.is_full = true;
  const auto later = now.plus_seconds(91 * kDaySeconds);
  CHECK(book.forget_expired(later).empty());
  CHECK(book.find_id("1"));
  catalog.is_full = false;
  CHECK(book.forget_expired(later).size() == 1);
}

TEST_CASE_METHOD(BookFixture, "unfinished jobs come oldest first") {
  put("2");
  put("3", JobStatus::kCompleted);
  put("1", JobStatus::kCancelling);
  CHECK(ids_of(book.unfinished()) == Ids{"1", "2"});
}

}  // namespace
TEST_CASE_METHOD(BookFixture, "of ended jobs that are large, fewer are remembered") {
  JobBook<TestRecord> small(catalog, "dig", 100, 5'000);
  for (const char* id : {"1", "2", "3", "4", "5"}) {
    TestRecord record = put(id, JobStatus::kCompleted);
    record.failure_message.assign(1'000, 'x');
    if (record.id == "4") record.status = JobStatus::kInProgress;
    REQUIRE(small.put(record));
  }
  CHECK(small.unfinished_bytes() > 1'000);
  CHECK(small.unfinished_bytes() < 2'000);
  CHECK(ids_of(small.forget_expired(now)) == Ids{"1"});
  CHECK(reread() == Ids{"5", "4", "3", "2"});
}

}  // namespace tidemark::jobs
