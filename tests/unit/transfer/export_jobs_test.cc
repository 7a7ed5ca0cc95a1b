#include "transfer/export_jobs.h"

#include <algorithm>
#include <set>
#include <string>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/transfer/transfer_fixture.h"
#include "transfer/manifest.h"

namespace tidemark::transfer {
namespace {

using jobs::JobStatus;

constexpr int kItems = 300;  // so many that each partition's file is one on disk

std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE_METHOD(TransferFixture, "an export has every item once, and its progress adds up to its record") {
  const auto table = table_with("T", kItems);
  const ExportRecord begun = start_export(export_request(*table));
  CHECK(begun.status == JobStatus::kInProgress);
  CHECK(begun.export_time == begun.start_time);
  CHECK(begun.arn == table->schema.arn() + "/export/" + begun.id);
  const ExportRecord done = ended(begun);
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == kItems);
  CHECK(static_cast<std::int64_t>(done.totals.bytes) == engine->stats(table->id).size_bytes);
  CHECK(line_count(exported(done)) == kItems);
  CHECK(done.end_time == clock.now());

  settle();
  const auto shown = registry->board().find(done.id)->snapshot();
  CHECK(shown.phase == "done");
  CHECK(shown.counts == done.totals);
  CHECK(shown.steps == kItems);
  CHECK(shown.steps_done == shown.steps);
  CHECK(shown.parts.size() == done.totals.files);
  jobs::JobCounts sum;
  for (const auto& part : shown.parts) {
    CHECK(part.state == jobs::PartState::kDone);
    sum += part.counts;
  }
  CHECK(sum == done.totals);
}

TEST_CASE_METHOD(TransferFixture, "an export of a moment has what the table held then") {
  const auto table = table_with("T", 3);
  const Timestamp moment = clock.now();
  clock.advance_seconds(10);
  put(table, "late", 1);
  ExportRequest request = export_request(*table);
  request.export_time = moment;
  const ExportRecord done = run_export(request);
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == 3);
  CHECK(done.export_time == moment);
  CHECK(done.start_time == clock.now());
  CHECK(exported(done).find("late") == std::string::npos);
}

// Asks for what was written behind `begin`, up to now.
ExportRequest incremental_request(const storage::Table& table, Timestamp begin, Timestamp end) {
  ExportRequest request = TransferFixture::export_request(table);
  request.record.window = {.from = begin, .to = end, .read_from = begin};
  return request;
}

TEST_CASE_METHOD(TransferFixture, "an incremental export has what changed in its window") {
  const auto table = table_with("T", 3);
  const Timestamp begin = clock.now();
  clock.advance_seconds(10);
  put(table, "in the window", 1);
  clock.advance_seconds(900);
  const Timestamp end = clock.now();
  clock.advance_micros(2'500'000);
  put(table, "behind it", 1);
  const ExportRecord done = run_export(incremental_request(*table, begin, end));
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == 1);
  CHECK(done.totals.files == table->partitions.size());
  CHECK(done.start_time == clock.now().floor_second());
  CHECK(line_count(exported(done)) == 1);
  CHECK(exported(done).find("in the window") != std::string::npos);
  for (const auto& key : data_keys(done)) CHECK(key.starts_with("AWSDynamoDB/data/"));
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture, "an incremental export that the end of the process cut off goes on") {
  const Timestamp begin = clock.now();
  const auto table = table_with("T", kItems);
  clock.advance_seconds(900);
  const Timestamp end = clock.now();
  put_object("AWSDynamoDB/data/of-another-export.json.gz", "stays");
  gate.close_gate();
  ExportRequest request = incremental_request(*table, table->schema.pitr.enabled_at, end);
  request.record.window->from = begin;
  const ExportRecord running = start_export(request);
  gate.wait_until_held();
  clock.advance_seconds(1);
  put(table, "late", 1);
  stop();
  open_all();
  // Files that no manifest would name, as a process leaves them that is killed.
  const ExportKeys left({}, running.id, ExportKeys::Data::kShared);
  for (const std::size_t number : {0U, 1U}) put_object(left.data_file(0, number, ".json.gz"), "rest");
  REQUIRE(objects->create_upload("lake", left.data_file(0, 2, ".json.gz"), {},
                                 s3emu::ChecksumAlgorithm::kNone, s3emu::ChecksumType::kFullObject));
  registry->resume_all();
  const ExportRecord done = ended(running);
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(line_count(exported(done)) == kItems);
  CHECK(exported(done).find("late") == std::string::npos);
  CHECK(keys("AWSDynamoDB/data/").size() == done.totals.files + 1);
  CHECK(upload_count() == 0);
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture, "the history of a window stays while its export waits") {
  const auto table = table_with("T", kItems);
  const Timestamp begin = table->schema.pitr.enabled_at;
  clock.advance_seconds(900);
  gate.close_gate();
  const ExportRecord begun = start_export(incremental_request(*table, begin, clock.now()));
  gate.wait_until_held();
  save(table, [](model::TableSchema& schema) { schema.pitr = {}; });
  clock.advance_seconds(40 * 86'400);
  put(table, "late", 1);
  stop();
  open_all();
  REQUIRE(engine->maintain());
  registry->resume_all();
  const ExportRecord done = ended(begun);
  CHECK(done.status == JobStatus::kCompleted);
  CHECK(line_count(exported(done)) == kItems);
}

// Leaves out the items in which a text stands.
class TextFilter final : public ItemFilter {
 public:
  explicit TextFilter(std::string_view text) : text_(text) {}
  [[nodiscard]] Result<bool> selects(std::string_view item_text) const override {
    return item_text.find(text_) == std::string_view::npos;
  }
  Result<void> append_projected(std::string_view item_text, std::string* out) const override {
    *out += item_text;
    return {};
  }

 private:
  const std::string text_;
};

TEST_CASE_METHOD(TransferFixture, "a filter comes with its export over a restart") {
  compile_filter = [](std::string_view text) { return std::make_unique<TextFilter>(text); };
  restart();
  const auto table = table_with("T", kItems);
  gate.close_gate();
  ExportRequest request = export_request(*table);
  request.record.filter = "T2";
  const ExportRecord begun = start_export(request);
  gate.wait_until_held();
  restart();
  const ExportRecord done = ended(begun);
  REQUIRE(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == kItems - 111);  // T2, T20 to T29, T200 to T299
  CHECK(exported(done).find("T2") == std::string::npos);
}

TEST_CASE_METHOD(TransferFixture, "an export fails in the service's words, and the log says so") {
  struct Case {
    const char* why;
    std::string bucket;
    std::string bucket_owner;
    bool disk_is_full;
    std::string code;
    std::string message;  // how it begins
  };
  const auto c = GENERATE(values<Case>({
      {"the bucket is not there", "sea", "", false, "S3NoSuchBucket",
       "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; "
       "Request ID: "},
      {"the bucket is somebody else's", "lake", "999999999999", false, "S3AccessDenied",
       "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: "},
      {"the disk is full in the middle", "lake", "", true, "S3ServiceUnavailable", ""},
  }));
  INFO(c.why);
  const auto table = table_with("T", kItems);
  ExportRequest request = export_request(*table, c.bucket);
  if (!c.bucket_owner.empty()) request.record.s3_bucket_owner = c.bucket_owner;
  // The first file of data has been begun.
  if (c.disk_is_full) object_files.fail_operation(2, true, ErrorCode::kNoSpace);
  ExportRecord failed;
  std::string log;
  {
    const CapturedLog capture;
    failed = run_export(request);
    settle();
    log = capture.text();
  }
  object_files.heal();
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == c.code);
  CHECK(failed.failure_message.starts_with(c.message));
  CHECK(failed.manifest_key.empty());
  CHECK(failed.end_time == clock.now());
  CHECK(log.find("a job failed kind=export job=" + failed.arn + " code=" + c.code) != std::string::npos);
  CHECK(upload_count() == 0);
  for (const auto& key : keys()) CHECK(key.find("manifest") == std::string::npos);
}

TEST_CASE_METHOD(TransferFixture, "a table that is deleted meanwhile is exported all the same") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord begun = start_export(export_request(*table));
  gate.wait_until_held();
  drop(table);
  gate.open_gate();
  const ExportRecord done = ended(begun);
  CHECK(done.status == JobStatus::kCompleted);
  CHECK(done.totals.items == kItems);
}

TEST_CASE_METHOD(TransferFixture,
                 "an export that the end of the process cut off goes on after the next start") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord running = start_export(export_request(*table));
  const ExportRecord second = start_export(export_request(*table));
  const ExportRecord waiting = start_export(export_request(*table));
  gate.wait_until_held();
  clock.advance_seconds(1);
  put(table, "late", 1);
  stop();
  open_all();
  for (const auto& left : {running, second, waiting}) {
    CHECK(transfers->exports.book().find(left.arn)->status == JobStatus::kInProgress);
  }
  // Files that no manifest would name, as a process leaves them that is killed.
  const std::string folder = "AWSDynamoDB/" + running.id + "/";
  const ExportKeys left_keys({}, running.id, ExportKeys::Data::kOfItsOwn);
  for (const std::size_t number : {0U, 1U, 2U})
    put_object(left_keys.data_file(0, number, ".json.gz"), "rest");
  REQUIRE(objects->create_upload("lake", folder + "data/half.json.gz", {}, s3emu::ChecksumAlgorithm::kNone,
                                 s3emu::ChecksumType::kFullObject));
  registry->resume_all();
  for (const auto& left : {running, second, waiting}) {
    const ExportRecord done = ended(left);
    REQUIRE(done.status == JobStatus::kCompleted);
    CHECK(done.export_time == left.export_time);
    CHECK(line_count(exported(done)) == kItems);
    CHECK(exported(done).find("late") == std::string::npos);
    CHECK(keys("AWSDynamoDB/" + left.id + "/data/").size() == done.totals.files);
  }
  CHECK(upload_count() == 0);
}

TEST_CASE_METHOD(TransferFixture, "an export goes on after a restart though recovery was turned off") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord begun = start_export(export_request(*table));
  gate.wait_until_held();
  save(table, [](model::TableSchema& schema) { schema.pitr = {}; });
  clock.advance_seconds(1);
  put(table, "late", 1);
  stop();
  open_all();
  REQUIRE(engine->maintain());
  registry->resume_all();
  const ExportRecord done = ended(begun);
  CHECK(done.status == JobStatus::kCompleted);
  CHECK(line_count(exported(done)) == kItems);
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture, "an export goes on after a restart though its table is deleted") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord begun = start_export(export_request(*table));
  gate.wait_until_held();
  stop();
  open_all();
  drop(find("T"));
  REQUIRE(engine->maintain());
  registry->resume_all();
  const ExportRecord done = ended(begun);
  CHECK(done.status == JobStatus::kCompleted);
  CHECK(line_count(exported(done)) == kItems);
  REQUIRE(engine->holds().release(storage::deleted_table_hold(table->id)));  // there was recovery
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture, "an export whose table is gone after a restart fails") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord begun = start_export(export_request(*table));
  gate.wait_until_held();
  stop();
  open_all();
  REQUIRE(engine->holds().release("export/" + begun.arn));
  drop(find("T"));
  REQUIRE(engine->holds().release(storage::deleted_table_hold(table->id)));
  REQUIRE(engine->maintain());
  registry->resume_all();
  const ExportRecord failed = ended(begun);
  CHECK(failed.status == JobStatus::kFailed);
  CHECK(failed.failure_code == "InternalServerError");
  CHECK(failed.failure_message ==
        "The server was restarted during the export, and its point in time is no longer available.");
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture, "an export holds its moment until it is over") {
  const auto table = table_with("T", kItems);
  SECTION("which it is in the end") {
    gate.close_gate();
    const ExportRecord begun = start_export(export_request(*table));
    REQUIRE(engine->holds().list().size() == 1);
    CHECK(engine->holds().list()[0].who == "export/" + begun.arn);
    gate.open_gate();
    CHECK(ended(begun).status == JobStatus::kCompleted);
    settle();
  }
  SECTION("or has never begun, when the process ended") {
    REQUIRE(engine->holds().hold({.who = "export/arn:left",
                                  .table = table->id,
                                  .history_from = storage::kFromNowOn,
                                  .log_from = {},
                                  .log_seconds = {}}));
    restart();
  }
  wait_until_nothing_is_held();
}

TEST_CASE_METHOD(TransferFixture,
                 "a repeated token answers the export it began, until eight hours after its end") {
  const auto table = table_with("T", 1);
  const ExportRecord first = run_export(export_request(*table, "lake", "again"));
  const ExportRecord repeated = start_export(export_request(*table, "lake", "again"));
  CHECK(repeated.arn == first.arn);
  CHECK(repeated.status == JobStatus::kCompleted);

  const auto conflicting = transfers->exports.start(export_request(*table, "sea", "again"));
  REQUIRE_FALSE(conflicting);
  CHECK(conflicting.error().refusal == ExportRefusal::kTokenConflict);

  CHECK(start_export(export_request(*table)).client_token !=
        start_export(export_request(*table)).client_token);

  clock.advance_seconds(jobs::kTokenLifetimeSeconds);
  CHECK(start_export(export_request(*table, "lake", "again")).arn == first.arn);
  // Also after a restart.
  restart();
  CHECK(start_export(export_request(*table, "lake", "again")).arn == first.arn);
  clock.advance_seconds(1);
  CHECK(start_export(export_request(*table, "lake", "again")).arn != first.arn);
  settle();
}

TEST_CASE_METHOD(TransferFixture, "an export that cannot begin leaves nothing") {
  const auto table = table_with("T", 1);
  SECTION("no such table") {
    drop(table);
    const auto refused = transfers->exports.start(export_request(*table));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ExportRefusal::kTableNotFound);
  }
  SECTION("before the history begins") {
    ExportRequest request = export_request(*table);
    request.export_time = table->schema.pitr.enabled_at.plus_seconds(-1);
    const auto refused = transfers->exports.start(request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ExportRefusal::kTimeUnavailable);
  }
  SECTION("the disk is full") {
    engine_files.fail_operation(1, true, ErrorCode::kNoSpace);
    const auto refused = transfers->exports.start(export_request(*table));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ExportRefusal::kEngine);
    CHECK(refused.error().error.code == ErrorCode::kNoSpace);
    engine_files.heal();
  }
  SECTION("too many wait") {
    const auto large = table_with("L", kItems);
    gate.close_gate();
    for (int i = 0; i < 2; ++i) start_export(export_request(*large));
    gate.wait_until_held();
    for (std::size_t i = 0; i < jobs::JobRunner::kQueuedJobsMax; ++i) {
      // One of the two that run may have been in the queue still.
      if (!transfers->exports.start(export_request(*table, "lake", "fill" + std::to_string(i)))) break;
    }
    const auto refused = transfers->exports.start(export_request(*table, "lake", "one too many"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == ExportRefusal::kTooManyJobs);
    const auto with_its_token = [](const ExportRecord& record) {
      return record.client_token == "one too many";
    };
    CHECK(transfers->exports.book().list({}, with_its_token).records.empty());
    stop();
    open_all();
    CHECK(transfers->exports.book().list({}, with_its_token).records.empty());
    return;
  }
  CHECK(transfers->exports.book().list({}, [](const ExportRecord&) { return true; }).records.empty());
}

TEST_CASE_METHOD(TransferFixture,
                 "exports are listed for ninety days after their end, while the server runs") {
  const auto table = table_with("T", 1);
  const ExportRecord old = run_export(export_request(*table, "lake", "again"));
  clock.advance_seconds(jobs::kRememberedSeconds);
  registry->forget_expired();
  CHECK(transfers->exports.book().find(old.arn));
  clock.advance_seconds(1);
  registry->forget_expired();
  CHECK_FALSE(transfers->exports.book().find(old.arn));
  CHECK(engine->catalog().list_documents("export").empty());
}

TEST_CASE_METHOD(TransferFixture, "a running export that is cancelled stops writing and ends cancelled") {
  const auto table = table_with("T", kItems);
  gate.close_gate();
  const ExportRecord begun = start_export(export_request(*table));
  gate.wait_until_held();
  REQUIRE(registry->cancel(begun.id));
  CHECK(transfers->exports.book().find(begun.arn)->status == JobStatus::kCancelling);
  gate.open_gate();
  const ExportRecord cancelled = ended(begun);
  CHECK(cancelled.status == JobStatus::kCancelled);
  CHECK(cancelled.failure_code == "Cancelled");
  CHECK(cancelled.manifest_key.empty());
  settle();
  CHECK(upload_count() == 0);
  for (const auto& key : keys()) CHECK(key.find("manifest") == std::string::npos);
}

TEST_CASE_METHOD(TransferFixture, "the pages of many exports have each of them once") {
  const auto table = table_with("T", 1);
  std::vector<std::string> arns;
  for (int i = 0; i < 7; ++i) {
    clock.advance_seconds(1);
    arns.insert(arns.begin(), run_export(export_request(*table)).arn);
  }
  std::vector<std::string> listed;
  jobs::JobPageRequest request{.records_max = 3};
  while (true) {
    const auto page = transfers->exports.book().list(request, [](const ExportRecord&) { return true; });
    for (const auto& record : page.records) listed.push_back(record.arn);
    if (!page.has_more) break;
    request.before_id = page.records.back().id;
  }
  CHECK(listed == arns);
}

}  // namespace
}  // namespace tidemark::transfer
