// Source: DynamoDB API reference, StartBulkPutItems; texts that other operations share from recorded answers.
#include <optional>
#include <string>
#include <utility>

#include "api/bulk/bulk.h"
#include "api/bulk/bulk_description.h"
#include "api/core/table_lookup.h"
#include "api/jobs/request_digest.h"
#include "api/jobs/s3_parameters.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "storage/replicas.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

struct Request {
  transfer::BulkRecord record;
};

Shape shape() {
  return structure(
      "StartBulkPutItemsInput",
      {{"ClientToken", string().token_pattern()},
       {"InputS3Configuration",
        structure("InputS3Configuration",
                  {{"S3BucketOwner", string()},
                   {"S3Bucket", string().length(0, 255), Presence::kRequired},
                   {"S3KeyPrefix", string().length(0, 1024)},
                   {"InputFormat", enumeration({"DYNAMODB_JSON", "ION"}), Presence::kRequired},
                   {"InputCompressionType", enumeration({"ZSTD", "NONE", "GZIP"})}}),
        Presence::kRequired},
       {"OutputS3Configuration",
        structure("OutputS3Configuration",
                  {{"S3BucketOwner", string()},
                   {"S3Bucket", string().length(0, 255)},
                   {"S3KeyPrefix", string().length(0, 1024)},
                   {"S3SseAlgorithm", enumeration({"AES256", "KMS"})},
                   {"S3SseKmsKeyId", string().length(1, 2048)},
                   {"OutputType", list_of(enumeration({"ERROR", "CONDITION_CHECK_FAILURE"})).length(1, 2),
                    Presence::kRequired}}),
        Presence::kRequired},
       {"TableName", table_name_or_arn(), Presence::kRequired},
       {"MaxWriteRequestUnits", long_integer().at_least(1'024)},
       {"PerformanceTier", enumeration({"STANDARD", "ACCELERATED"})}});
}

std::optional<transfer::InputCompression> compression_of(std::optional<std::string_view> name) {
  if (!name) return std::nullopt;
  if (name == "GZIP") return transfer::InputCompression::kGzip;
  if (name == "ZSTD") return transfer::InputCompression::kZstd;
  return transfer::InputCompression::kNone;
}

ApiResult<transfer::BulkOutput> output_of(const Input& input) {
  transfer::BulkOutput output;
  const auto bucket = optional_string(input, "S3Bucket");
  if (!bucket) {
    // The guide calls it required, the model does not. How the service says so is not known.
    return fail(validation(words::invalid_parameter("S3Bucket is required in OutputS3Configuration")));
  }
  output.s3_bucket = *bucket;
  output.s3_bucket_owner = optional_string(input, "S3BucketOwner");
  RETURN_IF_ERROR(check_bucket(output.s3_bucket, output.s3_bucket_owner, "outputS3Configuration."));
  output.s3_key_prefix = optional_string(input, "S3KeyPrefix");
  output.s3_sse_algorithm = optional_string(input, "S3SseAlgorithm");
  output.s3_sse_kms_key_id = optional_string(input, "S3SseKmsKeyId");
  if (output.s3_sse_kms_key_id && output.s3_sse_algorithm != "KMS") {
    return fail(validation(words::kKeyWithoutKms));
  }
  json::Value type;
  for (auto types = input.list("OutputType")->elements(); types.next(&type);) {
    (type.string() == "ERROR" ? output.with_errors : output.with_condition_failures) = true;
  }
  return output;
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  auto& record = request.record;
  const Input source = *input.structure("InputS3Configuration");
  record.s3_bucket = source.required_string("S3Bucket");
  record.s3_bucket_owner = optional_string(source, "S3BucketOwner");
  RETURN_IF_ERROR(check_bucket(record.s3_bucket, record.s3_bucket_owner, "inputS3Configuration."));
  record.s3_key_prefix = optional_string(source, "S3KeyPrefix");
  record.input_format = source.required_string("InputFormat");
  record.compression = compression_of(source.string("InputCompressionType"));
  ASSIGN_OR_RETURN(record.output, output_of(*input.structure("OutputS3Configuration")));
  record.table_name = input.required_string("TableName");
  record.client_token = optional_string(input, "ClientToken").value_or("");
  record.max_write_request_units = input.integer("MaxWriteRequestUnits");
  record.performance_tier = optional_string(input, "PerformanceTier").value_or("STANDARD");
  record.fingerprint = short_fingerprint(record.request_json());
  return request;
}

// Indexes must not be in the making. How the service words it is not known; these are UpdateTable's words.
ApiResult<void> check_indexes(const model::TableSchema& schema) {
  for (const model::IndexSchema& index : schema.indexes) {
    if (index.status != model::IndexStatus::kCreating) continue;
    return fail(resource_in_use(words::index_in_use("created", index.name)));
  }
  return {};
}

ApiResult<BulkState> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto known, active_table(context, request.record.table_name));
  // Until the operation is recorded: who adds a replica looks for it with the table held.
  const auto held = context.engine.table_states().hold(known->id);
  if (!held) return fail(table_not_found(request.record.table_name));
  const storage::TablePtr& table = held->table();
  const auto& schema = table->schema;
  RETURN_IF_ERROR(check_indexes(schema));
  if (storage::is_global(context.engine.catalog(), *table)) {
    return fail(validation("Bulk operations are not supported for global tables"));
  }
  transfer::BulkRecord record = request.record;
  record.account_id = schema.account_id;
  record.region = schema.region;
  record.table_arn = schema.arn();
  record.table_uuid = schema.uuid;
  record.table_id = static_cast<std::uint32_t>(table->id);
  auto started = context.transfers->bulk.start(std::move(record));
  if (started) {
    const auto numbers = context.transfers->bulk.numbers(*started);
    return BulkState{*std::move(started), numbers};
  }
  switch (started.error().refusal) {
    case transfer::BulkRefusal::kTokenConflict:
      return fail(
          ApiError(ErrorType::kIdempotentParameterMismatch,
                   "The request uses the same client token as a previous, but non-identical request"));
    case transfer::BulkRefusal::kTooManyJobs:
      return fail(limit_exceeded(words::too_many_jobs(jobs::JobRunner::kQueuedJobsMax, "bulk operations")));
    case transfer::BulkRefusal::kEngine:
      break;
  }
  return fail(ApiError(started.error().error));
}

void render(const Request&, const BulkState& state, JsonWriter& json) {
  render_bulk_description(state, json);
}

}  // namespace

Operation start_bulk_put_items() {
  return make_operation("StartBulkPutItems", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
