// What is remembered of an import: the request, the outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/job_record.h"
#include "transfer/format/input_compression.h"

namespace tidemark::transfer {

std::string_view compression_name(InputCompression compression);  // `GZIP`

// What the request says of CSV files (InputFormatOptions.Csv).
struct CsvSettings {
  std::optional<std::string> delimiter;
  std::vector<std::string> header_list;  // empty: each file has a header
  bool operator==(const CsvSettings&) const = default;
};

// Members as in the API's ImportTableDescription; ProcessedItemCount, ProcessedSizeBytes and ErrorCount are
// the totals' items, bytes and errors.
// ON DISK: members may be added with a default, never renamed.
struct ImportRecord : jobs::JobRecord {
  std::string s3_bucket;
  std::string table_name;
  std::string s3_bucket_owner;
  std::optional<std::string> s3_key_prefix;
  std::string input_format = "DYNAMODB_JSON";
  std::optional<CsvSettings> csv;
  InputCompression compression = InputCompression::kNone;
  std::string table_creation_parameters;  // JSON text as the request had it

  // Every object is read and the totals are final: only the table's activation may be missing.
  bool loaded = false;

  [[nodiscard]] std::uint64_t imported_items() const { return totals.items - totals.errors; }

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<ImportRecord> from_json(std::string_view text);
};

}  // namespace tidemark::transfer
