// What is remembered of an import. Kept as a catalog document, kind "import", key = ARN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "transfer/export_record.h"

namespace tidemark::transfer {

inline constexpr std::string_view kImportDocument = "import";

enum class InputCompression { kNone, kGzip };

// Members as in the API's ImportTableDescription.
struct ImportRecord {
  std::string arn;
  std::string id;
  JobStatus status = JobStatus::kInProgress;
  std::string account_id;
  std::string region;
  std::string table_name;
  std::string table_arn;
  std::string table_uuid;
  std::uint32_t table_id = 0;  // storage::TableId
  Timestamp start_time;
  std::string client_token;
  std::string s3_bucket;
  std::string s3_bucket_owner;
  std::optional<std::string> s3_key_prefix;
  std::string input_format = "DYNAMODB_JSON";
  InputCompression compression = InputCompression::kNone;
  std::string table_creation_parameters;  // JSON text as the request had it

  // Known once every object is read; `loaded` says that they are final and only the table's activation may be
  // missing.
  bool loaded = false;
  std::uint64_t processed_bytes = 0;  // uncompressed
  std::uint64_t processed_items = 0;
  std::uint64_t imported_items = 0;
  std::uint64_t errors = 0;

  Timestamp end_time;
  std::string failure_code;
  std::string failure_message;
};

// The outcome of an import some of whose items were refused.
void set_item_validation_failure(ImportRecord& record);

// ON DISK: members may be added with a default, never renamed.
std::string to_json(const ImportRecord& record);
// Errors: kCorruption.
Result<ImportRecord> import_record_from_json(std::string_view text);

}  // namespace tidemark::transfer
