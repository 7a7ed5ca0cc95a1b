// Reads an export as AWS and this server write it: in a folder, in the server's S3, or in an S3 service
// elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

// The objects of exports below one `AWSDynamoDB/`.
class ExportFolder {
 public:
  virtual ~ExportFolder() = default;
  // Bytes of a file, by its name below `AWSDynamoDB/`; nothing behind its end.
  virtual Result<std::string> read(const std::string& name, std::uint64_t offset) = 0;
};

// What the manifests of an export say.
struct ExportSummary {
  std::string export_arn;
  bool is_incremental = false;
  std::string table_arn;
  std::string table_id;  // another one when a table is made anew under its name
  std::string output_format;
  std::string output_view;  // of an incremental one
  std::string export_time;  // of a full one: `2026-01-01T00:00:00.000Z`
  std::string from_time;    // of an incremental one, as the next
  std::string to_time;
  std::optional<std::int64_t> item_count;
};

// What stands in the .md5 beside each manifest.
enum class ManifestSums {
  kCheckedWhereThere,
  kChecked,
};

class StoredExport {
 public:
  using LineVisitor = std::function<Result<void>(std::string_view)>;

  // `source` is a folder on this machine, or `s3://bucket/key` in the server's S3, or, where `elsewhere` is
  // given, in that service: `…/AWSDynamoDB/<export id>`, or the manifest-summary.json in it. The caller keeps
  // `client` and `files` alive.
  // Errors: kNotFound, kInvalidArgument when it is no export, kCorruption when its manifests cannot be read.
  static Result<StoredExport> open(const std::string& source, const SignedClient& client, FileSystem& files,
                                   const std::optional<S3Endpoint>& elsewhere, ManifestSums sums);

  [[nodiscard]] const ExportSummary& summary() const { return summary_; }
  // As it was given to open().
  [[nodiscard]] const std::string& source() const { return source_; }

  // Every record, as a line of DynamoDB JSON also where the export is in Ion. Errors: those of the visitor;
  // kCorruption, naming it, for a file that is not what the manifest says, perhaps after some of its records
  // were visited.
  Result<void> visit(const LineVisitor& visit);
  // The same, and that there are as many records as the manifests say; also what the visitor refuses gets the
  // name of the file. To be called before anything is written: half of a damaged export is worse than none.
  Result<void> check(const LineVisitor& visit);

 private:
  struct DataFile {
    std::string name;
    std::string md5_base64;
    std::optional<std::int64_t> records;
  };

  StoredExport() = default;
  static Result<std::vector<DataFile>> files_of(std::string_view manifest);
  Result<void> visit_file(const DataFile& file, const LineVisitor& visit);
  Result<void> visit_lines_of(const DataFile& file, const LineVisitor& visit);

  std::string source_;
  std::unique_ptr<ExportFolder> folder_;
  ExportSummary summary_;
  std::vector<DataFile> data_files_;
};

}  // namespace tidemark::server
