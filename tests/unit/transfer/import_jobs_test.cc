#include "transfer/import_jobs.h"

#include <filesystem>
#include <string>
#include <thread>

#include "storage/bulk_loader.h"
#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/transfer/transfer_fixture.h"
#include "transfer/import_error_log.h"

namespace tidemark::transfer {
namespace {

using jobs::JobStatus;

// Holds an import at the first object that it reads.
class ImportFixture : public TransferFixture {
 public:
  ImportRecord start_and_hold(const std::string& table) {
    put_large_object("in/1", 30);
    put_large_object("in/2", 30);
    gate.close_gate();
    ImportRecord begun = start_import(import_request(table));
    gate.wait_until_held();
    return begun;
  }
  // As it is recorded when a process ends.
  static ImportRecord begun_record(const ImportRequest& request) {
    ImportRecord record = request.record;
    record.id = "01800000000000-00000001";
    record.kind = "import";
    record.arn = record.table_arn + "/import/" + record.id;
    return record;
  }
  std::size_t scan_count(const std::string& name) {
    const auto table = find(name);
    REQUIRE(table);
    return scan({table, {}}).size();
  }
  std::string error_text(const ImportRecord& record) {
    const std::string path = import_error_path(error_directory(), record.id);
    const auto text = read_file(posix_file_system(), path);
    return text ? *text : "";
  }
};

TEST_CASE_METHOD(ImportFixture, "an import fills its table, and its progress adds up to its record") {
  put_large_object("in/1", 30);
  put_object("in/2", line("a", 1) + line("b", 2));
  put_object("in/3", "");
  put_object("other", line("c", 3));
  const ImportRecord begun = start_import(import_request("T"));
  CHECK(begun.status == JobStatus::kInProgress);
  CHECK(begun.arn == begun.table_arn + "/import/" + begun.id);
  const ImportRecord done = ended(begun);
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == 32);
  CHECK(done.totals.files == 3);
  CHECK(done.totals.errors == 0);
  CHECK(done.error_log.empty());
  CHECK(done.end_time == clock.now());
  CHECK(scan_count("T") == 32);
  CHECK(find("T")->schema.status == model::TableStatus::kActive);

  settle();
  const auto shown = registry->board().find(done.id)->snapshot();
  CHECK(shown.phase == "done");
  CHECK(shown.measure == jobs::Measure::kBytes);
  CHECK(shown.counts == done.totals);
  CHECK(shown.steps_done == shown.steps);
  REQUIRE(shown.parts.size() == 3);
  CHECK(shown.parts[0].name == "in/1");
  CHECK(shown.parts[0].counts.items == 30);
  CHECK(shown.parts[0].counts.bytes == shown.parts[0].steps);
  CHECK(shown.parts[1].counts.items == 2);
  for (const auto& part : shown.parts) CHECK(part.state == jobs::PartState::kDone);
}

TEST_CASE_METHOD(ImportFixture, "compressed objects count with the bytes they hold") {
  const std::string plain = line("a", 1) + line("b", 2);
  const std::string packed = gzip_compress(plain);
  put_object("in/1", packed);
  ImportRequest request = import_request("T");
  request.record.compression = InputCompression::kGzip;
  const ImportRecord done = run_import(request);
  CHECK(done.totals.bytes == plain.size());
  settle();
  CHECK(registry->board().find(done.id)->snapshot().steps_done == packed.size());
}

TEST_CASE_METHOD(ImportFixture, "items that are refused are counted, listed and said, the good ones stay") {
  put_object("in/1", line("a", 1) + R"({"Item":{"x":{"S":"no key"}}})" + "\n" + line("b", 2));
  put_object("in/2", line("c", 3) + "garbage" + line("d", 4));
  ImportRecord failed;
  std::string log;
  {
    const CapturedLog capture;
    failed = run_import(import_request("T"));
    settle();
    log = capture.text();
  }
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == "ItemValidationError");
  CHECK(failed.totals.items == 5);
  CHECK(failed.totals.errors == 2);
  CHECK(failed.imported_items() == 3);
  CHECK(failed.error_log == import_error_path(error_directory(), failed.id));
  CHECK(log.find("a job failed kind=import job=" + failed.arn + " code=ItemValidationError") !=
        std::string::npos);
  CHECK(log.find(" errors=" + failed.error_log + "\n") != std::string::npos);
  const std::string errors = error_text(failed);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 2);
  CHECK(errors.find(R"({"bucket":"lake","key":"in/1","itemIndex":1})") != std::string::npos);
  CHECK(errors.find(R"({"bucket":"lake","key":"in/2","itemIndex":1})") != std::string::npos);
  CHECK(scan_count("T") == 3);
  CHECK(find("T")->schema.status == model::TableStatus::kActive);
}

TEST_CASE_METHOD(ImportFixture, "an import that fails leaves no table") {
  struct Case {
    const char* why;
    std::string bucket;
    std::string bucket_owner;
    std::string code;
  };
  const auto c = GENERATE(values<Case>({
      {"the bucket is not there", "sea", "000000000000", "S3NoSuchBucket"},
      {"the bucket is somebody else's", "lake", "999999999999", "S3AccessDenied"},
  }));
  INFO(c.why);
  ImportRequest request = import_request("T");
  request.record.s3_bucket = c.bucket;
  request.record.s3_bucket_owner = c.bucket_owner;
  const ImportRecord failed = run_import(request);
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == c.code);
  CHECK(failed.totals == jobs::JobCounts{});
  CHECK(find("T") == nullptr);
}

TEST_CASE_METHOD(ImportFixture, "a disk that is full in the middle of an import leaves no table") {
  const ImportRecord begun = start_and_hold("T");
  engine_files.fail_operation(1, false, ErrorCode::kNoSpace);
  ImportRecord failed;
  std::string log;
  {
    const CapturedLog capture;
    gate.open_gate();
    failed = ended(begun);
    settle();
    log = capture.text();
  }
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == "InternalServerError");
  CHECK(log.find(" error a job failed kind=import job=" + failed.arn) != std::string::npos);
  CHECK(log.find("made to fail") != std::string::npos);
  CHECK(find("T") == nullptr);
}

TEST_CASE_METHOD(ImportFixture, "an object that cannot be read in the middle fails the import") {
  const ImportRecord begun = start_and_hold("T");
  // What the store holds on disk goes away under it.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(object_directory() + "/data")) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 100);
  }
  gate.open_gate();
  const ImportRecord failed = ended(begun);
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == "InternalServerError");
  CHECK(find("T") == nullptr);
}

TEST_CASE_METHOD(ImportFixture, "an import whose table is deleted meanwhile fails") {
  const ImportRecord begun = start_and_hold("T");
  REQUIRE(engine->table_states().abandon(find("T")->id));
  gate.open_gate();
  const ImportRecord failed = ended(begun);
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(find("T") == nullptr);
}

TEST_CASE_METHOD(ImportFixture,
                 "an import that the end of the process cut off begins again at the next start") {
  put_object("in/0", "garbage");
  const ImportRecord running = start_and_hold("T");
  stop();
  open_all();
  CHECK(find("T")->schema.status == model::TableStatus::kCreating);
  CHECK(transfers->imports.book().find(running.arn)->status == JobStatus::kInProgress);
  CHECK(find("T")->filled_by == storage::FilledBy{"import", running.arn});
  registry->resume_all();
  const ImportRecord done = ended(running);
  CHECK(done.status == JobStatus::kFailed);
  CHECK(done.totals.items == 61);
  CHECK(done.totals.errors == 1);
  CHECK(scan_count("T") == 60);
  const std::string errors = error_text(done);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
  CHECK_FALSE(find("T")->filled_by);
}

// What a process leaves that is killed between the data and the end of the record.
TEST_CASE_METHOD(ImportFixture, "an import that had loaded everything only opens its table after a restart") {
  ImportRequest request = import_request("T");
  ImportRecord record = begun_record(request);
  const auto table = create(request.schema, storage::FilledBy{"import", record.arn});
  record.table_id = static_cast<std::uint32_t>(table->id);
  record.loaded = true;
  record.totals = {.items = 2, .bytes = 100, .files = 1, .errors = 1};
  {
    const auto loader = engine->bulk_loader(table->id, {});
    REQUIRE(loader);
    const auto feeder = (*loader)->feeder();
    REQUIRE(feeder->add(key("a", 1), item("a", 1), 1));
    REQUIRE(feeder->flush());
    REQUIRE((*loader)->finish());
  }
  REQUIRE(engine->catalog().put_document("import", record.arn, record.to_json()));
  CHECK(find("T")->schema.status == model::TableStatus::kCreating);
  // There are no objects: whoever reads again finds nothing.
  restart();
  const ImportRecord done = ended(record);
  CHECK(done.failure_code == "ItemValidationError");
  CHECK(done.totals.items == 2);
  CHECK(find("T")->schema.status == model::TableStatus::kActive);
  CHECK(scan_count("T") == 1);
}

TEST_CASE_METHOD(ImportFixture,
                 "an import is over when its table is decided, after a restart at the latest") {
  const bool is_good = GENERATE(true, false);
  put_object("in/1", line("a", 1));
  const ImportRecord begun = start_and_hold("T");
  if (!is_good) {
    // What the import has not read yet is damaged.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(object_directory())) {
      if (entry.is_regular_file() && entry.path().string().find("/data/") != std::string::npos) {
        std::filesystem::resize_file(entry.path(), 100);
      }
    }
  }
  engine_files.fail_operation(1, true, ErrorCode::kNoSpace);
  {
    const CapturedLog log;
    gate.open_gate();
    while (log.text().find("the end of a job cannot be recorded, trying again") == std::string::npos) {
      std::this_thread::yield();
    }
  }
  engine_files.heal();
  CHECK(transfers->imports.book().find(begun.arn)->status == JobStatus::kInProgress);
  CHECK(find("T")->schema.status == model::TableStatus::kCreating);
  restart();
  const ImportRecord done = ended(begun);
  CHECK(done.status == (is_good ? JobStatus::kCompleted : JobStatus::kFailed));
  CHECK((find("T") != nullptr) == is_good);
}

TEST_CASE_METHOD(ImportFixture, "an import that was about to load begins again after a restart") {
  put_object("in/1", line("a", 1));
  ImportRequest request = import_request("T");
  ImportRecord record = begun_record(request);
  const auto table = create(request.schema, storage::FilledBy{"import", record.arn});
  record.table_id = static_cast<std::uint32_t>(table->id);
  record.loaded = true;
  record.totals = {.items = 5, .bytes = 5, .files = 5, .errors = 0};
  REQUIRE(engine->catalog().put_document("import", record.arn, record.to_json()));
  restart();
  const ImportRecord done = ended(record);
  CHECK(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == 1);
  CHECK(scan_count("T") == 1);
}

TEST_CASE_METHOD(ImportFixture, "an import whose table is gone after a restart fails") {
  const ImportRecord running = start_and_hold("T");
  stop();
  open_all();
  REQUIRE(engine->table_states().abandon(find("T")->id));
  registry->resume_all();
  const ImportRecord failed = ended(running);
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_message == "The server was restarted during the import.");
}

TEST_CASE_METHOD(ImportFixture,
                 "a repeated token answers the import it began, until eight hours after its end") {
  put_object("in/1", line("a", 1));
  const ImportRecord first = start_import(import_request("T", "in/", "again"));
  // The rest of the request does not matter, the table does.
  CHECK(start_import(import_request("T", "elsewhere/", "again")).arn == first.arn);
  const auto conflicting = transfers->imports.start(import_request("U", "in/", "again"));
  REQUIRE_FALSE(conflicting);
  CHECK(conflicting.error().refusal == ImportRefusal::kTokenConflict);
  CHECK(find("U") == nullptr);
  ended(first);
  // The table is there now, and is asked for first.
  const auto exists = transfers->imports.start(import_request("T", "in/", "again"));
  REQUIRE_FALSE(exists);
  CHECK(exists.error().refusal == ImportRefusal::kTableExists);
  REQUIRE(engine->table_states().abandon(find("T")->id));
  CHECK(start_import(import_request("T", "in/", "again")).status == JobStatus::kCompleted);
  CHECK(find("T") == nullptr);

  clock.advance_seconds(jobs::kTokenLifetimeSeconds);
  CHECK(start_import(import_request("T", "in/", "again")).arn == first.arn);
  clock.advance_seconds(1);
  const ImportRecord second = run_import(import_request("T", "in/", "again"));
  CHECK(second.arn != first.arn);
  CHECK(scan_count("T") == 1);
  settle();
}

TEST_CASE_METHOD(ImportFixture, "an import that cannot begin leaves no table and no record") {
  SECTION("the table is there") {
    create(EngineFixture::schema("T"));
    const auto refused = transfers->imports.start(import_request("T"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ImportRefusal::kTableExists);
  }
  SECTION("the record cannot be written") {
    // The second write: the table comes first.
    engine_files.fail_operation(2, false, ErrorCode::kNoSpace);
    const auto refused = transfers->imports.start(import_request("T"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ImportRefusal::kEngine);
    CHECK(find("T") == nullptr);
  }
  SECTION("no more jobs are taken") {
    registry->stop();
    const auto refused = transfers->imports.start(import_request("T"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().error.code == ErrorCode::kUnavailable);
    CHECK(find("T") == nullptr);
  }
  CHECK(transfers->imports.book().list({}, [](const ImportRecord&) { return true; }).records.empty());
}

TEST_CASE_METHOD(ImportFixture, "the errors of an import go with its record") {
  put_object("in/1", "garbage");
  const ImportRecord old = run_import(import_request("T"));
  settle();
  CHECK(posix_file_system().exists(old.error_log));
  clock.advance_seconds(jobs::kRememberedSeconds + 1);
  registry->forget_expired();
  CHECK_FALSE(transfers->imports.book().find(old.arn));
  // The thread of the job looks for old records when it has ended, too: whoever takes one out removes its
  // file.
  for (int i = 0; i < 1'000'000 && posix_file_system().exists(old.error_log); ++i) std::this_thread::yield();
  CHECK_FALSE(posix_file_system().exists(old.error_log));
}

TEST_CASE_METHOD(ImportFixture, "a running import that is cancelled leaves no table") {
  const ImportRecord begun = start_and_hold("T");
  REQUIRE(registry->cancel(begun.id));
  CHECK(transfers->imports.book().find(begun.arn)->status == JobStatus::kCancelling);
  gate.open_gate();
  const ImportRecord cancelled = ended(begun);
  CHECK(cancelled.status == JobStatus::kCancelled);
  CHECK(cancelled.failure_code == "Cancelled");
  CHECK(find("T") == nullptr);
}

TEST_CASE_METHOD(ImportFixture, "an import that waits is cancelled at once") {
  start_and_hold("T");
  start_import(import_request("U"));
  const ImportRecord waiting = start_import(import_request("V"));
  REQUIRE(find("V"));
  REQUIRE(registry->cancel(waiting.id));
  CHECK(transfers->imports.book().find(waiting.arn)->status == JobStatus::kCancelled);
  CHECK(find("V") == nullptr);
  gate.open_gate();
  settle();
  CHECK(scan_count("U") == 60);
}

TEST_CASE_METHOD(ImportFixture, "an import that was to be cancelled when the process ended leaves no table") {
  const ImportRecord begun = start_and_hold("T");
  stop();
  open_all();
  ImportRecord left = *transfers->imports.book().find(begun.arn);
  left.status = JobStatus::kCancelling;
  stop();
  open();
  REQUIRE(engine->catalog().put_document("import", left.arn, left.to_json()));
  engine.reset();
  open_all();
  registry->resume_all();
  CHECK(ended(begun).status == JobStatus::kCancelled);
  CHECK(find("T") == nullptr);
}

}  // namespace
}  // namespace tidemark::transfer
