// What is remembered of an import. Kept as a catalog document, kind "import", key = ARN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "transfer/job_record.h"

namespace tidemark::transfer {

inline constexpr std::string_view kImportDocument = "import";

enum class InputCompression { kNone, kGzip };

// Members as in the API's ImportTableDescription.
struct ImportRecord : JobRecord {
  std::string table_name;
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
};

// The outcome of an import some of whose items were refused.
void set_item_validation_failure(ImportRecord& record);

// ON DISK: members may be added with a default, never renamed.
std::string to_json(const ImportRecord& record);
// Errors: kCorruption.
Result<ImportRecord> import_record_from_json(std::string_view text);

}  // namespace tidemark::transfer
