// Source: DynamoDB API reference, ExportTableToPointInTime; order of checks and texts from recorded answers.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/capacity_meter.h"
#include "api/exports/export_description.h"
#include "api/exports/export_filter.h"
#include "api/exports/export_window.h"
#include "api/exports/exports.h"
#include "api/jobs/job_arn.h"
#include "api/jobs/request_digest.h"
#include "api/jobs/s3_parameters.h"
#include "model/pitr.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "transfer/kms_key.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string table_arn;
  transfer::ExportRecord record;
  std::optional<Timestamp> export_time;  // nothing: now, or a window
  std::optional<ExportWindowRequest> window;
  std::optional<ExportFilter> filter;
  model::Wording wording = model::kDefaultWording;
};

Shape shape(const Extensions& extensions) {
  std::vector<std::string_view> formats = {"DYNAMODB_JSON", "ION"};
  if (extensions.csv_export) formats.emplace_back("CSV");
  return structure("ExportTableToPointInTimeInput",
                   {{"TableArn", string().length(1, 1024), Presence::kRequired},
                    {"ExportTime", timestamp()},
                    {"ClientToken", string().token_pattern()},
                    {"S3Bucket", string().length(0, 255), Presence::kRequired},
                    {"S3BucketOwner", string()},
                    {"S3Prefix", string().length(0, 1024)},
                    {"S3SseAlgorithm", enumeration({"AES256", "KMS"})},
                    {"S3SseKmsKeyId", string().length(1, 2048)},
                    {"ExportFormat", enumeration(std::move(formats))},
                    {"ExportType", enumeration({"FULL_EXPORT", "INCREMENTAL_EXPORT"})},
                    {"IncrementalExportSpecification", export_window_shape()},
                    {"FilterSpecification", export_filter_shape()}});
}

// Full and incremental exports exclude each other's parameters.
ApiResult<void> check_type(const Input& input) {
  const auto type = input.string("ExportType");
  const bool has_specification = input.has("IncrementalExportSpecification");
  if (has_specification && !type) {
    return fail(
        validation("Invalid Request: Export Type expected to be Incremental Export when incremental export "
                   "specification is provided"));
  }
  if (has_specification && type == "FULL_EXPORT") {
    return fail(
        validation("Invalid Request: When Export Type is Full Export , Incremental Export Specification "
                   "should not be provided"));
  }
  if (!has_specification && type == "INCREMENTAL_EXPORT") {
    return fail(
        validation("Invalid Request: Incremental Export Specification expected when export type is set as "
                   "Incremental Export"));
  }
  return {};
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_arn = input.required_string("TableArn");
  auto& record = request.record;
  record.s3_bucket = input.required_string("S3Bucket");
  record.s3_bucket_owner = optional_string(input, "S3BucketOwner");
  RETURN_IF_ERROR(check_bucket(record.s3_bucket, record.s3_bucket_owner, ""));
  if (!parse_table_arn(request.table_arn)) {
    return fail(invalid_table_arn());
  }
  RETURN_IF_ERROR(check_type(input));
  record.client_token = optional_string(input, "ClientToken").value_or("");
  record.s3_prefix = optional_string(input, "S3Prefix");
  record.s3_sse_algorithm = optional_string(input, "S3SseAlgorithm").value_or("AES256");
  record.s3_sse_kms_key_id = optional_string(input, "S3SseKmsKeyId");
  record.export_format = optional_string(input, "ExportFormat").value_or("DYNAMODB_JSON");
  record.type_requested = input.has("ExportType");
  if (record.export_format == "CSV" && input.has("IncrementalExportSpecification")) {
    return fail(validation("Invalid Request: Incremental exports are not written as CSV"));
  }
  request.wording = input.wording();
  if (const auto specification = input.structure("IncrementalExportSpecification")) {
    ASSIGN_OR_RETURN(request.window, parse_export_window(*specification));
  } else {
    request.export_time = input.timestamp("ExportTime");
  }
  if (const auto specification = input.structure("FilterSpecification")) {
    ASSIGN_OR_RETURN(request.filter, parse_export_filter(*specification));
    record.filter = filter_text(*specification);
  }
  return request;
}

// Equal for requests that ask for the same export.
std::string fingerprint_of(const Request& request) {
  const auto& record = request.record;
  std::string text;
  JsonWriter json(&text);
  json.begin_array();
  json.string(request.table_arn);
  for (const auto& part : {std::optional(record.s3_bucket), record.s3_bucket_owner, record.s3_prefix,
                           std::optional(record.s3_sse_algorithm), record.s3_sse_kms_key_id}) {
    if (part) {
      json.string(*part);
    } else {
      json.null();
    }
  }
  json.number(request.export_time ? request.export_time->micros : -1);
  // What former versions did not know stands behind what they wrote, and only where it is asked for.
  if (record.export_format != "DYNAMODB_JSON") json.string(record.export_format);
  if (request.window) {
    json.string(request.window->view);
    json.number(request.window->from.micros);
    json.number(request.window->to ? request.window->to->micros : -1);
  }
  if (record.filter) json.string(*record.filter);
  json.end_array();
  return short_fingerprint(std::move(text));
}

ApiError invalid_time(const char* message) { return {ErrorType::kInvalidExportTime, message}; }

ApiResult<void> check_time(Timestamp time, const model::TableSchema& schema, Timestamp now) {
  if (time > now || time < schema.created_at.floor_second()) {
    return fail(invalid_time("Export Time is invalid"));
  }
  return {};
}

ApiResult<void> check_kms_key(const std::optional<std::string>& key_id) {
  if (!key_id || transfer::has_kms_key_form(*key_id)) return {};
  // The service's text goes on; how is not known.
  return fail(validation("Invalid Request: " +
                         words::in_envelope(words::violation(
                             *key_id, "s3SseKmsKeyId", "Member must satisfy regular expression pattern"))));
}

ApiError error_of(const jobs::StartError<transfer::ExportRefusal>& error, const Request& request) {
  switch (error.refusal) {
    case transfer::ExportRefusal::kTokenConflict:
      return {ErrorType::kExportConflict,
              "Export conflict: Duplicate request detected with conflicting parameters"};
    case transfer::ExportRefusal::kTimeUnavailable:
      return invalid_time(kNoHistoryForExport);
    case transfer::ExportRefusal::kTooManyJobs:
      return limit_exceeded(words::too_many_jobs(jobs::JobRunner::kQueuedJobsMax, "export tasks"));
    case transfer::ExportRefusal::kTableNotFound:
      return {ErrorType::kTableNotFound, words::no_such_table(request.table_arn)};
    case transfer::ExportRefusal::kEngine:
      break;
  }
  return error.error;
}

ApiResult<void> check_key(const transfer::ExportRecord& record) {
  if (record.s3_sse_kms_key_id && record.s3_sse_algorithm != "KMS") {
    return fail(validation(words::kKeyWithoutKms));
  }
  return check_kms_key(record.s3_sse_kms_key_id);
}

// What the table is now, and the time, which a repeated request is not judged by.
ApiResult<transfer::ExportRequest> judge(const Request& request, transfer::ExportRecord record,
                                         const model::TableSchema& schema, Timestamp now) {
  if (request.window) RETURN_IF_ERROR(check_window_begin(*request.window, schema));
  if (!schema.pitr.enabled) {
    return fail(ApiError(ErrorType::kPointInTimeRecoveryUnavailable, words::pitr_not_enabled(schema.name)));
  }
  RETURN_IF_ERROR(check_key(record));
  if (request.export_time) RETURN_IF_ERROR(check_time(*request.export_time, schema, now));
  if (request.filter) RETURN_IF_ERROR(check_export_filter(*request.filter, schema, request.wording));
  transfer::ExportRequest start{std::move(record), request.export_time};
  if (request.export_time) {
    // What is outside of the window is told by who looks.
    start.export_time =
        model::restorable_moment(schema.pitr, *request.export_time, now).value_or(*request.export_time);
  }
  if (request.window) {
    ASSIGN_OR_RETURN(start.record.window, check_window(*request.window, schema, now));
  }
  return start;
}

ApiResult<transfer::ExportRecord> execute(const Request& request, OperationContext& context) {
  const auto arn = parse_table_arn(request.table_arn);
  if (!arn->resource.empty()) return fail(validation("Invalid Request: Table ARN is invalid."));
  if (arn->account_id != context.owner.account_id) return fail(access_denied());
  ASSIGN_OR_RETURN(const auto table, find_table(context, request.table_arn));
  if (!table || table->schema.status == model::TableStatus::kCreating) {
    return fail(ApiError(ErrorType::kTableNotFound, words::no_such_table(request.table_arn)));
  }
  const auto& schema = table->schema;
  transfer::ExportRecord record = request.record;
  record.fingerprint = fingerprint_of(request);
  record.account_id = schema.account_id;
  record.region = schema.region;
  record.table_arn = schema.arn();
  record.table_uuid = schema.uuid;
  record.table_id = static_cast<std::uint32_t>(table->id);
  transfer::ExportJobs& exports = context.transfers->exports;
  auto repeated = exports.find_repeated(record);
  if (!repeated) return fail(error_of(repeated.error(), request));
  if (*repeated) return **std::move(repeated);

  ASSIGN_OR_RETURN(auto start, judge(request, std::move(record), schema, context.clock.now()));
  auto started = exports.start(std::move(start));
  if (!started) return fail(error_of(started.error(), request));
  meter_job(started->arn);
  return *std::move(started);
}

void render(const Request&, const transfer::ExportRecord& record, JsonWriter& json) {
  render_export_description(record, json);
}

}  // namespace

Operation export_table_to_point_in_time(const Extensions& extensions) {
  return make_operation("ExportTableToPointInTime", Cost::kSlow, shape(extensions), parse, execute, render);
}

}  // namespace tidemark::api
