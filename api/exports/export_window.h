// The window of an incremental export: IncrementalExportSpecification.
// Source: DynamoDB API reference, IncrementalExportSpecification; order of checks and texts from recorded
// answers.
#pragma once

#include <optional>
#include <string>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/clock.h"
#include "model/table_schema.h"
#include "transfer/export_record.h"

namespace tidemark::api {

// As asked for, in whole seconds: moments inside a second are of no use where older history knows no others.
struct ExportWindowRequest {
  Timestamp from;
  std::optional<Timestamp> to;  // nothing: now
  std::string view{transfer::kNewAndOldImages};
};

Shape export_window_shape();

// Errors: ValidationException.
ApiResult<ExportWindowRequest> parse_export_window(const Input& specification);

// Judged before anybody looks whether recovery is on. Errors: InvalidExportTimeException.
ApiResult<void> check_window_begin(const ExportWindowRequest& window, const model::TableSchema& schema);
// The rest, with recovery on. Errors: InvalidExportTimeException.
ApiResult<transfer::ExportWindow> check_window(const ExportWindowRequest& window,
                                               const model::TableSchema& schema, Timestamp now);

// What is told when history does not reach back to the time of an export.
inline constexpr const char* kNoHistoryForExport =
    "Point in Time Recovery is not available for specified export time";

}  // namespace tidemark::api
