#include "server/apply_command.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "model/item.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kPieceBytes = 4U << 20;
constexpr std::size_t kManifestBytesMax = 256U << 20;
// Two images of 400 KB, every byte escaped, and some room.
constexpr std::size_t kLineBytesMax = 16U << 20;
// The limit of BatchWriteItem; and so much text that one more item leaves the request below its 16 MB.
constexpr std::size_t kBatchWritesMax = 25;
constexpr std::size_t kBatchBytesMax = 4U << 20;
constexpr std::string_view kRoot = "AWSDynamoDB/";
constexpr std::string_view kSummary = "manifest-summary.json";

// The objects of exports below one `AWSDynamoDB/`.
class ExportFolder {
 public:
  virtual ~ExportFolder() = default;
  // Bytes of a file, by its name below `AWSDynamoDB/`; nothing behind its end.
  virtual Result<std::string> read(const std::string& name, std::uint64_t offset) = 0;
};

class LocalFolder final : public ExportFolder {
 public:
  LocalFolder(FileSystem& files, std::string root) : files_(files), root_(std::move(root)) {}

  Result<std::string> read(const std::string& name, std::uint64_t offset) override {
    ASSIGN_OR_RETURN(const auto file, files_.open_read(root_ + name));
    std::string bytes(kPieceBytes, '\0');
    ASSIGN_OR_RETURN(const std::size_t count, file->read_at(offset, bytes.data(), bytes.size()));
    bytes.resize(count);
    return bytes;
  }

 private:
  FileSystem& files_;
  const std::string root_;
};

class S3Folder final : public ExportFolder {
 public:
  S3Folder(const SignedClient& client, std::string bucket, std::string root)
      : client_(client), bucket_(std::move(bucket)), root_(std::move(root)) {}

  Result<std::string> read(const std::string& name, std::uint64_t offset) override {
    return client_.read_object(bucket_, root_ + name, offset, kPieceBytes);
  }

 private:
  const SignedClient& client_;
  const std::string bucket_;
  const std::string root_;
};

Result<void> for_each_piece(ExportFolder& folder, const std::string& name,
                            const std::function<Result<void>(std::string_view)>& visit) {
  for (std::uint64_t offset = 0;;) {
    ASSIGN_OR_RETURN(const std::string piece, folder.read(name, offset));
    if (piece.empty()) return {};
    RETURN_IF_ERROR(visit(piece));
    offset += piece.size();
    if (piece.size() < kPieceBytes) return {};
  }
}

Result<std::string> read_whole(ExportFolder& folder, const std::string& name) {
  std::string text;
  RETURN_IF_ERROR(for_each_piece(folder, name, [&](std::string_view piece) -> Result<void> {
    text += piece;
    if (text.size() > kManifestBytesMax) return fail(Error::corruption(name + " is too large"));
    return {};
  }));
  return text;
}

// Where an export is: what is in front of `AWSDynamoDB/`, with it, and the id of the export.
struct Place {
  std::string root;
  std::string export_id;
};

Result<Place> place_of(std::string path) {
  if (path.ends_with(kSummary)) path.resize(path.size() - kSummary.size());
  while (path.ends_with('/')) path.pop_back();
  const std::size_t slash = path.rfind('/');
  std::string root = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
  if (!root.ends_with(kRoot)) {
    return fail(Error::invalid_argument(
        "the source is not an export: name its folder, which is called AWSDynamoDB/<export id>"));
  }
  std::string export_id = path.substr(root.size());
  return Place{std::move(root), std::move(export_id)};
}

// What a manifest calls a file, below `AWSDynamoDB/`.
Result<std::string> name_below_root(std::string_view key) {
  const std::size_t root = key.rfind(kRoot);
  const std::string_view name = root == std::string_view::npos ? key : key.substr(root + kRoot.size());
  if (root == std::string_view::npos || name.find("..") != std::string_view::npos) {
    return fail(Error::corruption("the manifest names a file outside of the export: " + std::string(key)));
  }
  return std::string(name);
}

std::string text_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? std::string(found->string()) : std::string();
}

// Nothing where there is no such number.
std::optional<std::int64_t> count_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  if (!found || found->type() != json::Type::kInteger) return std::nullopt;
  return found->integer();
}

struct DataFile {
  std::string name;
  std::string md5_base64;
  std::optional<std::int64_t> records;
};

Result<std::vector<DataFile>> files_of(std::string_view manifest) {
  std::vector<DataFile> files;
  json::Document document;
  while (!manifest.empty()) {
    const std::string_view line = manifest.substr(0, manifest.find('\n'));
    manifest.remove_prefix(std::min(line.size() + 1, manifest.size()));
    const auto entry = document.parse(line);
    if (!entry || !entry->is_object()) return fail(Error::corruption("the list of files cannot be read"));
    ASSIGN_OR_RETURN(std::string name, name_below_root(text_of(*entry, "dataFileS3Key")));
    files.push_back({std::move(name), text_of(*entry, "md5Checksum"), count_of(*entry, "itemCount")});
  }
  return files;
}

Result<void> check_summary(const json::Value& summary, bool reverse) {
  if (text_of(summary, "exportType") != "INCREMENTAL_EXPORT") {
    return fail(Error::invalid_argument("the source is no incremental export; import-table takes full ones"));
  }
  if (text_of(summary, "outputFormat") != "DYNAMODB_JSON") {
    return fail(Error::invalid_argument("the export is not in DynamoDB JSON"));
  }
  if (reverse && text_of(summary, "outputView") != "NEW_AND_OLD_IMAGES") {
    return fail(Error::invalid_argument("the export has no old images to go back to"));
  }
  return {};
}

// What a record does to the table.
struct Change {
  bool is_put = false;
  std::string text;  // the item to put, or the key of the one to delete
};

class RecordParser {
 public:
  explicit RecordParser(bool reverse) : image_(reverse ? "OldImage" : "NewImage") {}

  Result<Change> parse(std::string_view line) {
    const auto record = document_.parse(line);
    const auto keys = record && record->is_object() ? record->find("Keys") : std::nullopt;
    if (!keys || !keys->is_object()) return fail(Error::corruption("a record has no Keys: " + shown(line)));
    const auto image = record->find(image_);
    auto written = model::item_from_json(image ? *image : *keys);
    if (!written) return fail(Error::corruption("a record cannot be read: " + shown(line)));
    return Change{.is_put = image.has_value(), .text = std::move(written->text)};
  }

 private:
  static std::string shown(std::string_view line) { return std::string(line.substr(0, 200)); }

  const std::string_view image_;
  json::Document document_;
};

// Writes changes to the table, a batch at a time.
class Applier {
 public:
  Applier(const SignedClient& client, const ApplyConfig& config) : client_(client), config_(config) {}

  Result<void> add(const Change& change) {
    batch_ += batch_count_ == 0 ? "" : ",";
    batch_ += change.is_put ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)";
    batch_ += change.text + "}}";
    ++batch_count_;
    ++(change.is_put ? applied_.puts : applied_.deletes);
    return batch_count_ == kBatchWritesMax || batch_.size() >= kBatchBytesMax ? flush() : Result<void>();
  }

  Result<void> flush() {
    if (batch_count_ == 0) return {};
    std::string body = R"({"RequestItems":{)";
    append_json_string(&body, config_.table);
    body += ":[" + batch_ + "]}}";
    ASSIGN_OR_RETURN(const std::string answer, client_.call("BatchWriteItem", body));
    const auto root = document_.parse(answer);
    const auto left = root && root->is_object() ? root->find("UnprocessedItems") : std::nullopt;
    if (left && left->is_object() && left->size() > 0) {
      return fail(Error::unavailable("the server has no room for more writes"));
    }
    batch_.clear();
    batch_count_ = 0;
    return {};
  }

  [[nodiscard]] const Applied& applied() const { return applied_; }

 private:
  const SignedClient& client_;
  const ApplyConfig& config_;
  json::Document document_;
  std::string batch_;
  std::size_t batch_count_ = 0;
  Applied applied_;
};

using LineVisitor = std::function<Result<void>(std::string_view)>;

// Takes the whole lines off the front of `*text`.
Result<void> visit_lines(std::string* text, const LineVisitor& visit) {
  std::size_t begin = 0;
  for (std::size_t end = text->find('\n'); end != std::string::npos; end = text->find('\n', begin)) {
    RETURN_IF_ERROR(visit(std::string_view(*text).substr(begin, end - begin)));
    begin = end + 1;
  }
  text->erase(0, begin);
  return {};
}

Result<void> read_file(ExportFolder& folder, const DataFile& file, const LineVisitor& visit) {
  Digest md5(DigestAlgorithm::kMd5);
  GzipReader gzip;
  std::string plain;
  const auto take = [&](std::string_view piece) -> Result<void> {
    md5.update(piece);
    while (true) {
      const std::size_t size_before = plain.size();
      RETURN_IF_ERROR(gzip.read(piece, &plain));
      piece = {};
      if (plain.size() == size_before) return {};
      RETURN_IF_ERROR(visit_lines(&plain, visit));
      if (plain.size() > kLineBytesMax) return fail(Error::corruption(file.name + " is not DynamoDB JSON"));
    }
  };
  RETURN_IF_ERROR(for_each_piece(folder, file.name, take));
  RETURN_IF_ERROR(gzip.finish());
  if (!plain.empty()) return fail(Error::corruption(file.name + " ends inside a record"));
  if (base64_encode(md5.finish()) != file.md5_base64) {
    return fail(Error::corruption(file.name + " is not what the manifest says"));
  }
  return {};
}

// Reads all of it without writing anything: half of a damaged export is worse than none.
Result<void> check_files(ExportFolder& folder, const std::vector<DataFile>& files, const json::Value& summary,
                         RecordParser& parser) {
  std::int64_t total = 0;
  for (const DataFile& file : files) {
    std::int64_t records = 0;
    const auto check_line = [&](std::string_view line) -> Result<void> {
      ++records;
      auto change = parser.parse(line);
      if (!change) return fail(std::move(change).error());
      return {};
    };
    RETURN_IF_ERROR(read_file(folder, file, check_line));
    if (file.records.value_or(records) != records) {
      return fail(Error::corruption(file.name + " has another number of records than the manifest says"));
    }
    total += records;
  }
  if (count_of(summary, "itemCount").value_or(total) == total) return {};
  return fail(Error::corruption("the list of files has another number of records than the summary says"));
}

Result<std::unique_ptr<ExportFolder>> open_folder(const ApplyConfig& config, const SignedClient& client,
                                                  FileSystem& files, Place* place) {
  constexpr std::string_view kScheme = "s3://";
  if (!config.source.starts_with(kScheme)) {
    ASSIGN_OR_RETURN(*place, place_of(config.source));
    return std::make_unique<LocalFolder>(files, place->root);
  }
  const std::string path = config.source.substr(kScheme.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  ASSIGN_OR_RETURN(*place, place_of(path.substr(std::min(slash + 1, path.size()))));
  return std::make_unique<S3Folder>(client, path.substr(0, slash), place->root);
}

}  // namespace

Result<Applied> apply_export(const ApplyConfig& config, FileSystem& files) {
  const SignedClient client(config.server, config.identity);
  Place place;
  ASSIGN_OR_RETURN(const auto folder, open_folder(config, client, files, &place));
  ASSIGN_OR_RETURN(const std::string summary_text,
                   read_whole(*folder, place.export_id + "/" + std::string(kSummary)));
  json::Document document;
  const auto summary = document.parse(summary_text);
  if (!summary || !summary->is_object()) return fail(Error::corruption("the summary cannot be read"));
  RETURN_IF_ERROR(check_summary(*summary, config.reverse));
  ASSIGN_OR_RETURN(const std::string list_name, name_below_root(text_of(*summary, "manifestFilesS3Key")));
  ASSIGN_OR_RETURN(const std::string list, read_whole(*folder, list_name));
  ASSIGN_OR_RETURN(const auto data_files, files_of(list));
  RecordParser parser(config.reverse);
  RETURN_IF_ERROR(check_files(*folder, data_files, *summary, parser));
  Applier applier(client, config);
  const auto apply_line = [&](std::string_view line) -> Result<void> {
    ASSIGN_OR_RETURN(const Change change, parser.parse(line));
    return applier.add(change);
  };
  for (const DataFile& file : data_files) RETURN_IF_ERROR(read_file(*folder, file, apply_line));
  RETURN_IF_ERROR(applier.flush());
  return applier.applied();
}

Result<void> run_apply(const ApplyConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const Applied applied, apply_export(config, posix_file_system()));
  std::fprintf(out, "%s: %llu items put, %llu deleted\n", config.table.c_str(),
               static_cast<unsigned long long>(applied.puts),
               static_cast<unsigned long long>(applied.deletes));
  return {};
}

}  // namespace tidemark::server
