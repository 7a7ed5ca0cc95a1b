#include "server/commands/dump_command.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip.h"
#include "base/http_message.h"
#include "base/json.h"
#include "jobs/job_record.h"
#include "model/item.h"
#include "server/client/described_table.h"
#include "server/client/line_splitter.h"
#include "server/client/member_text.h"
#include "server/commands/unfinished_files.h"
#include "transfer/export_record.h"
#include "transfer/format/record_writer.h"
#include "transfer/manifest.h"

namespace tidemark::server {
namespace {

using transfer::DataFile;
using transfer::ExportKeys;
using transfer::format::RecordWriter;

constexpr std::chrono::hours kPatience{24};
constexpr std::size_t kTextBlockBytes = 256 << 10;
// Compressed bytes after which the next file begins: enough of them for readers that share the work.
constexpr std::uint64_t kFileBytesMax = 128 << 20;

// The table as DescribeTable has it.
struct DumpedTable {
  std::string arn;
  std::string id;
  std::string account;
  std::string region;
};

// `arn:aws:dynamodb:<region>:<account>:table/<name>`: what stands between the colons.
std::string part_of_arn(std::string_view arn, int position) {
  for (; position > 0; --position) arn.remove_prefix(std::min(arn.find(':') + 1, arn.size()));
  return std::string(arn.substr(0, arn.find(':')));
}

Result<DumpedTable> describe(const SignedClient& client, const std::string& table) {
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value described, described_table(client, table, &document));
  DumpedTable found{.arn = member_text(described, "TableArn"),
                    .id = member_text(described, "TableId"),
                    .account = {},
                    .region = {}};
  found.region = part_of_arn(found.arn, 3);
  found.account = part_of_arn(found.arn, 4);
  return found;
}

// What is asked for, once the settings are understood.
struct DumpRequest {
  std::optional<Timestamp> time;
  std::optional<transfer::ManifestWindow> window;
  bool is_ion = false;
};

Result<Timestamp> parse_time(const char* flag, const std::string& text) {
  if (const auto time = parse_moment(text)) return *time;
  return fail(Error::invalid_argument(std::string(flag) + ": '" + text +
                                      "' is not a time such as 2026-01-01T12:00:00Z"));
}

// What time it is there.
Result<Timestamp> time_of(const ServerAddress& server) {
  ASSIGN_OR_RETURN(const HttpAnswer answer,
                   ask_server(server, {.method = "GET", .path = "/_tidemark/clock"}));
  json::Document document;
  const auto root = document.parse(answer.body);
  const auto now = root && root->is_object() ? parse_iso_time(member_text(*root, "now")) : std::nullopt;
  if (!now) return fail(Error::unavailable("the server does not say what time it is"));
  return *now;
}

Result<DumpRequest> parse_request(const DumpConfig& config, Timestamp now) {
  DumpRequest request{.time = {}, .window = {}, .is_ion = config.format == "ion"};
  if (!request.is_ion && config.format != "json") {
    return fail(Error::invalid_argument("--format: '" + config.format + "' is not json or ion"));
  }
  if (config.view != "NEW_IMAGE" && config.view != transfer::kNewAndOldImages) {
    return fail(
        Error::invalid_argument("--view: '" + config.view + "' is not NEW_IMAGE or NEW_AND_OLD_IMAGES"));
  }
  if (config.from.empty()) {
    if (!config.to.empty()) return fail(Error::invalid_argument("--to needs --from"));
    if (config.time.empty()) return request;
    ASSIGN_OR_RETURN(const Timestamp time, parse_time("--time", config.time));
    request.time = time.floor_millis();
    return request;
  }
  if (!config.time.empty()) return fail(Error::invalid_argument("--time and --from exclude each other"));
  transfer::ManifestWindow window{.from = {}, .to = now, .view = config.view};
  ASSIGN_OR_RETURN(window.from, parse_time("--from", config.from));
  if (!config.to.empty()) {
    ASSIGN_OR_RETURN(window.to, parse_time("--to", config.to));
  }
  window.from = window.from.floor_second();
  window.to = window.to.floor_second();
  if (window.from >= window.to) return fail(Error::invalid_argument("--from must be before --to"));
  request.window = window;
  return request;
}

std::string path_of(const DumpConfig& config, const DumpRequest& request, const DumpedTable& table) {
  std::string path = "/_tidemark/tables/" + http::percent_encode(config.table, http::Slash::kEncoded) + '/';
  if (request.window) {
    path += "diff?unchanged=true&from=" + format_iso_micros(request.window->from) +
            "&to=" + format_iso_micros(request.window->to) + '&';
  } else {
    path += "as-of?";
    if (request.time) path += "time=" + format_iso_micros(*request.time) + '&';
  }
  return path + "account=" + table.account + "&region=" + table.region;
}

// The data files of an export, compressed and summed while they are written.
class DataFiles {
 public:
  DataFiles(FileSystem& files, UnfinishedFiles& unfinished, std::string folder, const ExportKeys& keys,
            std::string suffix)
      : files_(files),
        unfinished_(unfinished),
        folder_(std::move(folder)),
        keys_(keys),
        suffix_(std::move(suffix)) {}

  // `text` is taken, and empty then.
  Result<void> add_record(std::string* text) {
    ++current_.item_count;
    text_ += *text;
    text->clear();
    if (text_.size() < kTextBlockBytes) return {};
    RETURN_IF_ERROR(write_block());
    return written_ >= kFileBytesMax ? finish_file() : Result<void>();
  }

  // There is one file at least.
  Result<std::vector<DataFile>> finish() {
    if (current_.item_count > 0 || done_.empty()) RETURN_IF_ERROR(finish_file());
    return done_;
  }

 private:
  Result<void> open_file() {
    current_.key = keys_.data_file(0, done_.size(), suffix_);
    const std::string path = folder_ + '/' + current_.key;
    gzip_.emplace();
    md5_ = Digest(DigestAlgorithm::kMd5);
    written_ = 0;
    return unfinished_.make(path, [this, &path]() -> Result<void> {
      ASSIGN_OR_RETURN(file_, files_.open_append(path));
      return {};
    });
  }

  Result<void> write_block() {
    if (!file_) RETURN_IF_ERROR(open_file());
    std::string compressed;
    gzip_->write(text_, &compressed);
    text_.clear();
    return append(compressed);
  }

  Result<void> append(const std::string& compressed) {
    md5_.update(compressed);
    written_ += compressed.size();
    return file_->append(compressed);
  }

  Result<void> finish_file() {
    RETURN_IF_ERROR(write_block());
    std::string rest;
    gzip_->finish(&rest);
    RETURN_IF_ERROR(append(rest));
    RETURN_IF_ERROR(file_->sync());
    file_.reset();
    const std::string md5 = md5_.finish();
    current_.md5_base64 = base64_encode(md5);
    // That of an upload of one part.
    current_.etag = to_hex(digest_of(DigestAlgorithm::kMd5, md5)) + "-1";
    done_.push_back(std::exchange(current_, {}));
    return {};
  }

  FileSystem& files_;
  UnfinishedFiles& unfinished_;
  const std::string folder_;
  const ExportKeys& keys_;
  const std::string suffix_;
  std::vector<DataFile> done_;
  DataFile current_;
  std::unique_ptr<File> file_;
  std::optional<GzipWriter> gzip_;
  Digest md5_{DigestAlgorithm::kMd5};
  std::uint64_t written_ = 0;
  std::string text_;  // not yet compressed
};

// Makes records of what the server tells.
class Records {
 public:
  Records(const DumpRequest& request, DataFiles& data)
      : writer_(request.is_ion ? transfer::format::ion_writer() : transfer::format::dynamodb_json_writer()),
        window_(request.window),
        data_(data) {}

  // The first error counts.
  void take(std::string_view line) {
    if (!status_) return;
    status_ = window_ ? take_change(line) : take_item(line);
  }
  [[nodiscard]] const Result<void>& status() const { return status_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  static tl::unexpected<Error> broken(std::string_view line) {
    return fail(
        Error::unavailable("the server tells what is no record: " + std::string(line.substr(0, 200))));
  }

  Result<void> take_item(std::string_view line) {
    const auto root = document_.parse(line);
    if (!root || !root->is_object()) return broken(line);
    const auto item = model::item_from_json(*root);
    if (!item) return broken(line);
    size_bytes_ += item->size_bytes;
    writer_->append_item(item->text, &text_);
    return add();
  }

  Result<void> take_change(std::string_view line) {
    const auto root = document_.parse(line);
    if (!root || !root->is_object()) return broken(line);
    const auto time = parse_iso_time(member_text(*root, "time"));
    ASSIGN_OR_RETURN(const auto keys, image_of(*root, "key", line));
    ASSIGN_OR_RETURN(const auto before, image_of(*root, "old", line));
    ASSIGN_OR_RETURN(const auto after, image_of(*root, "new", line));
    if (!time || !keys || (!before && !after)) return broken(line);
    transfer::format::ChangeRecord change{
        .keys = keys->text, .write_time = *time, .old_image = {}, .new_image = {}};
    for (const auto& image : {&before, &after}) size_bytes_ += *image ? (*image)->size_bytes : 0;
    if (before && window_->view == transfer::kNewAndOldImages) change.old_image = before->text;
    if (after) change.new_image = after->text;
    writer_->append_change(change, &text_);
    return add();
  }

  // Nothing where it is null.
  static Result<std::optional<model::Item>> image_of(const json::Value& object, std::string_view name,
                                                     std::string_view line) {
    const auto found = object.find(name);
    if (!found || !found->is_object()) return std::nullopt;
    auto item = model::item_from_json(*found);
    if (!item) return broken(line);
    return *std::move(item);
  }

  Result<void> add() {
    ++count_;
    return data_.add_record(&text_);
  }

  const std::unique_ptr<RecordWriter> writer_;
  const std::optional<transfer::ManifestWindow> window_;
  DataFiles& data_;
  json::Document document_;
  std::string text_;
  Result<void> status_;
  std::uint64_t count_ = 0;
  std::uint64_t size_bytes_ = 0;
};

Result<void> write_manifests(FileSystem& files, UnfinishedFiles& unfinished, const std::string& folder,
                             const ExportKeys& keys, const std::vector<DataFile>& data,
                             const transfer::ManifestSummary& summary) {
  const std::string list = manifest_files_json(data);
  const std::string summary_text = manifest_summary_json(summary);
  const auto put = [&](const std::string& key, const std::string& text) {
    const std::string path = folder + '/' + key;
    return unfinished.make(path, [&] { return files.replace(path, text, true); });
  };
  RETURN_IF_ERROR(put(keys.manifest_files(), list));
  RETURN_IF_ERROR(put(keys.manifest_files_md5(), transfer::md5_file(list)));
  RETURN_IF_ERROR(put(keys.manifest_summary(), summary_text));
  return put(keys.manifest_summary_md5(), transfer::md5_file(summary_text));
}

// One dump. Used once.
class Dump {
 public:
  Dump(const DumpConfig& config, FileSystem& files, DumpRequest request, DumpedTable table, Timestamp now,
       const std::string& id)
      : config_(config),
        files_(files),
        request_(std::move(request)),
        table_(std::move(table)),
        start_time_(now),
        id_(id),
        keys_({}, id, request_.window ? ExportKeys::Data::kShared : ExportKeys::Data::kOfItsOwn),
        unfinished_(files),
        data_(files, unfinished_, config.folder, keys_, request_.is_ion ? ".ion.gz" : ".json.gz") {}

  Result<Dumped> run() {
    auto dumped = write();
    if (!dumped) unfinished_.remove_all();
    return dumped;
  }

 private:
  Result<Dumped> write() {
    // Removed again where they are empty then.
    for (const std::string& name : {keys_.folder(), keys_.data_folder()}) {
      const std::string path = config_.folder + '/' + name;
      RETURN_IF_ERROR(unfinished_.make(path, [&] { return files_.create_directories(path); }));
    }
    const std::string started = config_.folder + '/' + keys_.started();
    RETURN_IF_ERROR(unfinished_.make(started, [&] { return files_.replace(started, "", false); }));
    Records records(request_, data_);
    ASSIGN_OR_RETURN(const Timestamp time, read(&records));
    ASSIGN_OR_RETURN(const auto data, data_.finish());
    const std::uint64_t billed = request_.window
                                     ? std::max(records.size_bytes(), transfer::kIncrementBilledBytesMin)
                                     : records.size_bytes();
    RETURN_IF_ERROR(write_manifests(files_, unfinished_, config_.folder, keys_, data,
                                    {.export_arn = table_.arn + "/export/" + id_,
                                     .start_time = start_time_,
                                     .end_time = start_time_,
                                     .table_arn = table_.arn,
                                     .table_id = table_.id,
                                     .export_time = time,
                                     .window = request_.window,
                                     .s3_bucket = "",
                                     .s3_prefix = std::nullopt,
                                     .s3_sse_algorithm = "AES256",
                                     .s3_sse_kms_key_id = std::nullopt,
                                     .manifest_files_key = keys_.manifest_files(),
                                     .billed_size_bytes = billed,
                                     .item_count = records.count(),
                                     .output_format = request_.is_ion ? "ION" : "DYNAMODB_JSON"}));
    return Dumped{.records = records.count(), .folder = config_.folder + '/' + keys_.folder()};
  }

  // Returns the moment of a full export.
  Result<Timestamp> read(Records* records) {
    LineSplitter lines([records](std::string_view line) { records->take(line); });
    const std::string path = path_of(config_, request_, table_);
    ASSIGN_OR_RETURN(
        const HttpAnswer answer,
        ask_server_for_stream(config_.server, {.method = "GET", .path = path, .patience = kPatience},
                              [&lines](std::string_view piece) { lines.add(piece); }));
    if (answer.status >= 300) return fail(Error::invalid_argument(error_sentence(answer.body)));
    RETURN_IF_ERROR(records->status());
    if (request_.window || request_.time) return request_.time.value_or(Timestamp{});
    const auto told = field_of(answer.fields, "X-Tidemark-As-Of");
    const auto time = told ? parse_iso_time(*told) : std::nullopt;
    if (!time) return fail(Error::unavailable("the server does not say of when its answer is"));
    return *time;
  }

  const DumpConfig& config_;
  FileSystem& files_;
  const DumpRequest request_;
  const DumpedTable table_;
  const Timestamp start_time_;
  const std::string id_;
  const ExportKeys keys_;
  UnfinishedFiles unfinished_;
  DataFiles data_;
};

}  // namespace

Result<Dumped> dump_table(const DumpConfig& config, FileSystem& files, Random& random) {
  ASSIGN_OR_RETURN(const Timestamp now, time_of(config.server));
  ASSIGN_OR_RETURN(DumpRequest request, parse_request(config, now));
  ASSIGN_OR_RETURN(DumpedTable table, describe(SignedClient(config.server, config.identity), config.table));
  const std::string id = jobs::job_id(now, random.hex(8));
  return Dump(config, files, std::move(request), std::move(table), now, id).run();
}

Result<void> run_dump(const DumpConfig& config, std::FILE* out) {
  SystemRandom random;
  ASSIGN_OR_RETURN(const Dumped dumped, dump_table(config, posix_file_system(), random));
  std::fprintf(out, "%s: %llu records in %s\n", config.table.c_str(),
               static_cast<unsigned long long>(dumped.records), dumped.folder.c_str());
  return {};
}

}  // namespace tidemark::server
