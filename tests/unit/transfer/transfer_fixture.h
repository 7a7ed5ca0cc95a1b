// Exports and imports over a real engine and a real object store in a temporary folder, with a clock that
// moves when told to and file systems that fail, or hold a job, when told to.
#pragma once

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/auth/authority.h"
#include "base/gzip.h"
#include "base/random.h"
#include "jobs/job_registry.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/gated_file_system.h"
#include "tests/unit/storage/engine_fixture.h"
#include "transfer/bucket/local_buckets.h"
#include "transfer/transfers.h"

namespace tidemark::transfer {

class TransferFixture : public storage::EngineFixture {
 public:
  TransferFixture() {
    files = &engine_files;
    directory_ = options.directory;
    options.directory += "/dynamodb";
    open_all();
    REQUIRE(objects->create_bucket("lake"));
  }
  ~TransferFixture() {
    gate.open_gate();
    transfers.reset();
    registry.reset();
    buckets.reset();
    access.reset();
    objects.reset();
    engine.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // The process ends: what runs is cut off, where the gate holds it or elsewhere, and what waits never
  // begins.
  void stop() {
    std::thread stopper([this] { registry->stop(); });
    // When it is going down, those that run have been told; before that its queue may be full.
    const auto is_stopping = [this] {
      const auto taken = registry->runner().submit("none", [](const jobs::JobStop&) {});
      return !taken && taken.error().code == ErrorCode::kUnavailable;
    };
    while (!is_stopping()) std::this_thread::yield();
    gate.open_gate();
    stopper.join();
    transfers.reset();
    registry.reset();
    buckets.reset();
    access.reset();
    objects.reset();
    engine.reset();
  }
  void open_all() {
    open();
    auto opened = s3emu::ObjectStore::open(
        object_directory(), {.sync = false, .files = &gate, .remove_at_once = true}, clock, random);
    REQUIRE(opened);
    objects = *std::move(opened);
    auth::Account owner;
    owner.id = "000000000000";
    access =
        std::make_unique<s3emu::JobAccess>(*objects, std::make_shared<const auth::Authority>(), owner, clock);
    buckets = std::make_unique<LocalBuckets>(*objects, *access);
    registry = std::make_unique<jobs::JobRegistry>(engine->catalog(), clock, random);
    transfers = std::make_unique<Transfers>(
        *registry, *engine, *buckets, *objects, *access, error_files, clock, random, compile_filter,
        compile_condition, ImportJobs::Options{.error_log_directory = error_directory(), .workers = 2},
        BulkJobs::Options{.report_directory = report_directory(), .workers = 2});
  }
  // The server starts again and takes up what was left.
  void restart() {
    stop();
    open_all();
    registry->resume_all();
  }
  [[nodiscard]] std::string error_directory() const { return directory_ + "/import-errors"; }
  [[nodiscard]] std::string report_directory() const { return directory_ + "/bulk-reports"; }
  [[nodiscard]] std::string object_directory() const { return directory_ + "/objects"; }

  // A table under PITR with so many items of about a kilobyte.
  storage::TablePtr table_with(const std::string& name, int items) {
    auto schema = EngineFixture::schema(name);
    schema.pitr.enabled = true;
    schema.pitr.enabled_at = clock.now();
    auto table = create(std::move(schema));
    for (int i = 0; i < items; ++i) put(table, name + std::to_string(i), i, {{"text", noise()}});
    clock.advance_seconds(1);  // each write had its own microsecond, although the clock stood still
    return table;
  }
  // Text that does not compress.
  model::AttributeValue noise() { return storage::text_value(random.hex(1'000)); }

  static ExportRequest export_request(const storage::Table& table, const std::string& bucket = "lake",
                                      const std::string& token = "") {
    ExportRequest request;
    request.record.account_id = table.schema.account_id;
    request.record.region = table.schema.region;
    request.record.table_arn = table.schema.arn();
    request.record.table_uuid = table.schema.uuid;
    request.record.table_id = static_cast<std::uint32_t>(table.id);
    request.record.s3_bucket = bucket;
    request.record.client_token = token;
    request.record.fingerprint = bucket;
    return request;
  }
  ExportRecord start_export(ExportRequest request) {
    auto started = transfers->exports.start(std::move(request));
    REQUIRE(started);
    return *std::move(started);
  }
  ExportRecord run_export(ExportRequest request) { return ended(start_export(std::move(request))); }

  static ImportRequest import_request(const std::string& table, const std::string& prefix = "in/",
                                      const std::string& token = "") {
    ImportRequest request;
    request.schema = EngineFixture::schema(table);
    request.schema.status = model::TableStatus::kCreating;
    request.record.account_id = request.schema.account_id;
    request.record.region = request.schema.region;
    request.record.table_arn = request.schema.arn();
    request.record.table_name = table;
    request.record.s3_bucket = "lake";
    request.record.s3_bucket_owner = request.schema.account_id;
    request.record.s3_key_prefix = prefix;
    request.record.client_token = token;
    return request;
  }
  ImportRecord start_import(ImportRequest request) {
    auto started = transfers->imports.start(std::move(request));
    REQUIRE(started);
    return *std::move(started);
  }
  ImportRecord run_import(ImportRequest request) { return ended(start_import(std::move(request))); }

  // The record of a job when it has ended.
  ExportRecord ended(const ExportRecord& record) { return ended_in(transfers->exports.book(), record.arn); }
  ImportRecord ended(const ImportRecord& record) { return ended_in(transfers->imports.book(), record.arn); }

  // Waits for every job; then nothing runs.
  void settle() {
    const auto is_running = [](const jobs::JobRecord& job) { return !is_ended(job.status); };
    while (!registry->list({.records_max = 1}, is_running).records.empty()) std::this_thread::yield();
  }

  // A job lets go of what it held once its record says that it is over.
  void wait_until_nothing_is_held() {
    while (!engine->holds().list().empty()) std::this_thread::yield();
  }

  // A line of DynamoDB JSON, of about a kilobyte when `text` is given.
  static std::string line(const std::string& pk, int sk, const std::string& text = "x") {
    return R"({"Item":{"pk":{"S":")" + pk + R"("},"sk":{"N":")" + std::to_string(sk) + R"("},"text":{"S":")" +
           text + "\"}}}\n";
  }
  void put_object(const std::string& key, const std::string& bytes) {
    REQUIRE(s3emu::put_bytes(*objects, "lake", key, bytes));
  }
  // An object of so many items, too large to be held in memory.
  void put_large_object(const std::string& key, int items) {
    std::string text;
    for (int i = 0; i < items; ++i) text += line(key, i, random.hex(1'000));
    REQUIRE(text.size() > s3emu::kInMemorySizeMax);
    put_object(key, text);
  }
  std::vector<std::string> keys(const std::string& prefix = "") {
    const auto page = objects->list_objects("lake", {.prefix = prefix, .delimiter = "", .start_after = ""});
    REQUIRE(page);
    std::vector<std::string> found;
    for (const auto& object : page->objects) found.push_back(object.key);
    return found;
  }
  std::size_t upload_count() {
    const auto page = objects->list_uploads(
        "lake", {.prefix = "", .delimiter = "", .key_marker = "", .id_marker = "", .items_max = 1000});
    REQUIRE(page);
    return page->uploads.size();
  }
  // The keys of the data files that the manifest of an export names.
  std::vector<std::string> data_keys(const ExportRecord& record) {
    const std::string folder = record.manifest_key.substr(0, record.manifest_key.rfind('/'));
    const auto manifest = s3emu::get_bytes(*objects, "lake", folder + "/manifest-files.json");
    REQUIRE(manifest);
    std::vector<std::string> found;
    std::istringstream lines(*manifest);
    constexpr std::string_view kMember = R"("dataFileS3Key":")";
    for (std::string line; std::getline(lines, line);) {
      const std::size_t begin = line.find(kMember) + kMember.size();
      found.push_back(line.substr(begin, line.find('"', begin) - begin));
    }
    return found;
  }
  // The items of an export, one a line.
  std::string exported(const ExportRecord& record) {
    std::string lines;
    for (const auto& key : data_keys(record)) {
      const auto bytes = s3emu::get_bytes(*objects, "lake", key);
      REQUIRE(bytes);
      const auto plain = gzip_decompress(*bytes, 1 << 30);
      REQUIRE(plain);
      lines += *plain;
    }
    return lines;
  }

  // Tests put their own in its place, before what they filter begins.
  CompileItemFilter compile_filter = [](std::string_view) -> Result<std::unique_ptr<ItemFilter>> {
    return fail(Error::invalid_argument("nothing is filtered here"));
  };
  CompilePutCondition compile_condition =
      [](std::string_view, const model::TableSchema&) -> Result<std::unique_ptr<PutCondition>, std::string> {
    return nullptr;
  };
  SystemRandom random;
  FaultyFileSystem engine_files;
  FaultyFileSystem object_files;
  FaultyFileSystem error_files;
  GatedFileSystem gate{object_files};  // what the object store reads and writes passes here
  std::unique_ptr<s3emu::ObjectStore> objects;
  std::unique_ptr<s3emu::JobAccess> access;
  std::unique_ptr<Buckets> buckets;
  std::unique_ptr<jobs::JobRegistry> registry;
  std::unique_ptr<Transfers> transfers;

 private:
  template <class Record>
  static Record ended_in(const jobs::JobBook<Record>& book, const std::string& arn) {
    while (true) {
      auto record = book.find(arn);
      REQUIRE(record);
      if (is_ended(record->status)) return *std::move(record);
      std::this_thread::yield();
    }
  }

  std::string directory_;
};

}  // namespace tidemark::transfer
