// A kind of job whose work the test decides, on a catalog in memory and a clock that moves when told to.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/schedule.h"
#include "jobs/job_kind.h"
#include "jobs/job_registry.h"
#include "tests/support/catch.h"
#include "tests/unit/jobs/memory_catalog.h"

namespace tidemark::jobs {

struct TestRecord : JobRecord {
  [[nodiscard]] std::string to_json() const {
    std::string out;
    JsonWriter json(&out);
    json.begin_object();
    write_job_members(*this, json);
    json.end_object();
    return out;
  }
  static Result<TestRecord> from_json(std::string_view text) {
    return record_from_json<TestRecord>(text, [](const JsonFields&, TestRecord*) {});
  }
};

class JobFixture {
 public:
  using Kind = JobKind<TestRecord>;

  JobFixture() { open(); }

  // As after the end of the process: only the catalog is left.
  void reopen() {
    kind.reset();
    registry.reset();
    open();
  }
  void open() {
    registry = std::make_unique<JobRegistry>(catalog, clock, random);
    kind = std::make_unique<Kind>(
        *registry, "dig",
        Kind::Rules{.resume = [this](const TestRecord& record) { resume(record); },
                    .forget = [this](const TestRecord& record) { forgotten.push_back(record.id); }});
  }

  TestRecord request(const std::string& token = "") {
    TestRecord record;
    record.account_id = "000000000000";
    record.region = "us-east-1";
    record.table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T";
    record.start_time = clock.now();
    record.client_token = token;
    return record;
  }
  TestRecord begin(Kind::Work work, const std::string& token = "") {
    TestRecord record = request(token);
    kind->name_job(&record);
    const auto begun = kind->begin(record, std::move(work));
    REQUIRE(begun);
    return record;
  }

  // Work that ends well at once.
  static Kind::Work completing(const TestRecord& record) {
    return [ended = record](const JobStop&, JobProgress&) mutable -> JobResult<TestRecord> {
      ended.status = JobStatus::kCompleted;
      return ended;
    };
  }
  // A job that has ended, at the clock's time.
  TestRecord run(const std::string& token = "") {
    TestRecord record = request(token);
    kind->name_job(&record);
    REQUIRE(kind->begin(record, completing(record)));
    return wait(record);
  }
  TestRecord wait(const TestRecord& record) {
    while (true) {
      auto found = kind->book().find(record.arn);
      REQUIRE(found);
      if (is_ended(found->status)) return *found;
      std::this_thread::yield();
    }
  }

  MemoryCatalog catalog;
  ManualClock clock{Timestamp::from_seconds(1'800'000'000)};
  Schedule schedule{clock};
  SeededRandom random{1};
  // What a resumed job does.
  std::function<void(const TestRecord&)> resume = [](const TestRecord&) {};
  std::vector<std::string> forgotten;
  std::unique_ptr<JobRegistry> registry;
  std::unique_ptr<Kind> kind;
};

// Work that goes on until it is told to stop; `begun()` waits until it has begun.
class EndlessWork {
 public:
  JobFixture::Kind::Work work() {
    return [this](const JobStop& stop, JobProgress&) -> JobResult<TestRecord> {
      if (!stop.requested()) begun_.set_value();
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait(lock, stop.token(), [] { return false; });
      return fail(stop.failure());
    };
  }
  void begun() { begun_.get_future().wait(); }

 private:
  std::promise<void> begun_;
};

}  // namespace tidemark::jobs
