#include "server/client/stored_export.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/random.h"
#include "server/client/member_text.h"
#include "transfer/bucket/foreign_buckets.h"
#include "transfer/format/ion_export_line.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kPieceBytes = 4U << 20;
constexpr std::size_t kManifestBytesMax = 256U << 20;
// Two images of 400 KB, every byte escaped, and some room.
constexpr std::size_t kLineBytesMax = 16U << 20;
constexpr std::string_view kJsonFormat = "DYNAMODB_JSON";
constexpr std::string_view kIonFormat = "ION";
constexpr std::string_view kRoot = "AWSDynamoDB/";
constexpr std::string_view kSummary = "manifest-summary.json";

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

class ForeignFolder final : public ExportFolder {
 public:
  ForeignFolder(std::unique_ptr<SystemRandom> random, std::unique_ptr<transfer::Bucket> bucket,
                std::string root)
      : random_(std::move(random)), bucket_(std::move(bucket)), root_(std::move(root)) {}

  Result<std::string> read(const std::string& name, std::uint64_t offset) override {
    // A file is read from its beginning to its end.
    if (!object_ || name != name_) {
      auto opened = bucket_->open(root_ + name);
      if (!opened && opened.error().id == s3emu::S3Code::kNoSuchKey) {
        return fail(Error::not_found("there is no " + root_ + name + " in the bucket"));
      }
      if (!opened) return fail(Error::unavailable(root_ + name + ": " + opened.error().message));
      object_ = *std::move(opened);
      name_ = name;
    }
    std::string bytes(kPieceBytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const auto count =
          object_->data().read_at(offset + filled, bytes.data() + filled, bytes.size() - filled);
      if (!count) return fail(count.error());
      if (*count == 0) break;
      filled += *count;
    }
    bytes.resize(filled);
    return bytes;
  }

 private:
  const std::unique_ptr<SystemRandom> random_;
  const std::unique_ptr<transfer::Bucket> bucket_;
  const std::string root_;
  std::string name_;  // of what is open
  std::unique_ptr<transfer::ReadableObject> object_;
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

// Nothing where there is no such number.
std::optional<std::int64_t> count_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  if (!found || found->type() != json::Type::kInteger) return std::nullopt;
  return found->integer();
}

// What is wrong, with the name of the file in which it is.
Error in_file(const std::string& name, Error error) {
  error.message.insert(0, name + ": ");
  return error;
}

// Takes the whole lines off the front of `*text`.
Result<void> visit_lines(std::string* text, const StoredExport::LineVisitor& visit) {
  std::size_t begin = 0;
  for (std::size_t end = text->find('\n'); end != std::string::npos; end = text->find('\n', begin)) {
    RETURN_IF_ERROR(visit(std::string_view(*text).substr(begin, end - begin)));
    begin = end + 1;
  }
  text->erase(0, begin);
  return {};
}

Result<std::unique_ptr<ExportFolder>> open_folder(const std::string& source, const SignedClient& client,
                                                  FileSystem& files,
                                                  const std::optional<S3Endpoint>& elsewhere, Place* place) {
  constexpr std::string_view kScheme = "s3://";
  if (!source.starts_with(kScheme)) {
    ASSIGN_OR_RETURN(*place, place_of(source));
    return std::make_unique<LocalFolder>(files, place->root);
  }
  const std::string path = source.substr(kScheme.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  ASSIGN_OR_RETURN(*place, place_of(path.substr(std::min(slash + 1, path.size()))));
  if (!elsewhere) return std::make_unique<S3Folder>(client, path.substr(0, slash), place->root);
  auto random = std::make_unique<SystemRandom>();
  ASSIGN_OR_RETURN(auto bucket, transfer::foreign_bucket(*elsewhere, path.substr(0, slash), *random));
  return std::make_unique<ForeignFolder>(std::move(random), std::move(bucket), place->root);
}

ExportSummary summary_of(const json::Value& summary) {
  return {.export_arn = member_text(summary, "exportArn"),
          .is_incremental = member_text(summary, "exportType") == "INCREMENTAL_EXPORT",
          .table_arn = member_text(summary, "tableArn"),
          .table_id = member_text(summary, "tableId"),
          .output_format = member_text(summary, "outputFormat"),
          .output_view = member_text(summary, "outputView"),
          .export_time = member_text(summary, "exportTime"),
          .from_time = member_text(summary, "exportFromTime"),
          .to_time = member_text(summary, "exportToTime"),
          .item_count = count_of(summary, "itemCount")};
}

// `name` without its `.json` and with `.md5` holds the sum of `text`.
Result<void> check_sum(ExportFolder& folder, const std::string& name, std::string_view text,
                       ManifestSums sums) {
  const std::string sum_name = name.substr(0, name.rfind('.')) + ".md5";
  const auto sum = read_whole(folder, sum_name);
  if (!sum && sum.error().code == ErrorCode::kNotFound && sums == ManifestSums::kCheckedWhereThere) return {};
  if (!sum) return fail(sum.error());
  if (*sum == base64_encode(digest_of(DigestAlgorithm::kMd5, text))) return {};
  return fail(Error::corruption(name + " is not what " + sum_name + " says"));
}

}  // namespace

Result<std::vector<StoredExport::DataFile>> StoredExport::files_of(std::string_view manifest) {
  std::vector<DataFile> files;
  json::Document document;
  while (!manifest.empty()) {
    const std::string_view line = manifest.substr(0, manifest.find('\n'));
    manifest.remove_prefix(std::min(line.size() + 1, manifest.size()));
    const auto entry = document.parse(line);
    if (!entry || !entry->is_object()) return fail(Error::corruption("the list of files cannot be read"));
    ASSIGN_OR_RETURN(std::string name, name_below_root(member_text(*entry, "dataFileS3Key")));
    files.push_back({std::move(name), member_text(*entry, "md5Checksum"), count_of(*entry, "itemCount")});
  }
  return files;
}

Result<StoredExport> StoredExport::open(const std::string& source, const SignedClient& client,
                                        FileSystem& files, const std::optional<S3Endpoint>& elsewhere,
                                        ManifestSums sums) {
  StoredExport stored;
  stored.source_ = source;
  Place place;
  ASSIGN_OR_RETURN(stored.folder_, open_folder(source, client, files, elsewhere, &place));
  const std::string summary_name = place.export_id + "/" + std::string(kSummary);
  ASSIGN_OR_RETURN(const std::string summary_text, read_whole(*stored.folder_, summary_name));
  RETURN_IF_ERROR(check_sum(*stored.folder_, summary_name, summary_text, sums));
  json::Document document;
  const auto summary = document.parse(summary_text);
  if (!summary || !summary->is_object()) return fail(Error::corruption(summary_name + " cannot be read"));
  stored.summary_ = summary_of(*summary);
  const std::string& format = stored.summary_.output_format;
  if (format != kJsonFormat && format != kIonFormat) {
    return fail(Error::invalid_argument("the export is in " + format + ", not in DynamoDB JSON or Ion"));
  }
  ASSIGN_OR_RETURN(const std::string list_name, name_below_root(member_text(*summary, "manifestFilesS3Key")));
  ASSIGN_OR_RETURN(const std::string list, read_whole(*stored.folder_, list_name));
  RETURN_IF_ERROR(check_sum(*stored.folder_, list_name, list, sums));
  ASSIGN_OR_RETURN(stored.data_files_, files_of(list));
  return stored;
}

Result<void> StoredExport::visit_file(const DataFile& file, const LineVisitor& visit) {
  if (summary_.output_format != kIonFormat) return visit_lines_of(file, visit);
  transfer::format::IonExportLines ion;
  return visit_lines_of(file, [&](std::string_view line) -> Result<void> {
    const auto json = ion.to_json(line);
    if (!json) return fail(in_file(file.name, json.error()));
    return visit(*json);
  });
}

Result<void> StoredExport::visit_lines_of(const DataFile& file, const LineVisitor& visit) {
  Digest md5(DigestAlgorithm::kMd5);
  GzipReader gzip;
  std::string plain;
  const auto take = [&](std::string_view piece) -> Result<void> {
    md5.update(piece);
    while (true) {
      const std::size_t size_before = plain.size();
      if (const auto read = gzip.read(piece, &plain); !read) return fail(in_file(file.name, read.error()));
      piece = {};
      if (plain.size() == size_before) return {};
      RETURN_IF_ERROR(visit_lines(&plain, visit));
      if (plain.size() > kLineBytesMax) return fail(Error::corruption(file.name + " is no file of records"));
    }
  };
  RETURN_IF_ERROR(for_each_piece(*folder_, file.name, take));
  if (const auto ended = gzip.finish(); !ended) return fail(in_file(file.name, ended.error()));
  if (!plain.empty()) return fail(Error::corruption(file.name + " ends inside a record"));
  if (base64_encode(md5.finish()) != file.md5_base64) {
    return fail(Error::corruption(file.name + " is not what the manifest says"));
  }
  return {};
}

Result<void> StoredExport::visit(const LineVisitor& visit) {
  for (const DataFile& file : data_files_) RETURN_IF_ERROR(visit_file(file, visit));
  return {};
}

Result<void> StoredExport::check(const LineVisitor& visit) {
  std::int64_t total = 0;
  for (const DataFile& file : data_files_) {
    std::int64_t records = 0;
    RETURN_IF_ERROR(visit_file(file, [&](std::string_view line) -> Result<void> {
      ++records;
      if (auto taken = visit(line); !taken) return fail(in_file(file.name, std::move(taken).error()));
      return {};
    }));
    if (file.records.value_or(records) != records) {
      return fail(Error::corruption(file.name + " has another number of records than the manifest says"));
    }
    total += records;
  }
  if (summary_.item_count.value_or(total) == total) return {};
  return fail(Error::corruption("the list of files has another number of records than the summary says"));
}

}  // namespace tidemark::server
