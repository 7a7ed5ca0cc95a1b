// Source: DynamoDB API reference, ImportTable; order of checks and texts from recorded answers.
#include <string>
#include <utility>
#include <vector>

#include "api/imports/import_description.h"
#include "api/imports/imports.h"
#include "api/jobs/s3_parameters.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_shapes.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

struct Request {
  TableDefinition table;
  transfer::ImportRecord record;
};

Shape shape() {
  return structure(
      "ImportTableInput",
      {{"ClientToken", string().token_pattern(), Presence::kRequired},
       {"S3BucketSource",
        structure("S3BucketSource", {{"S3BucketOwner", string()},
                                     {"S3Bucket", string().length(0, 255), Presence::kRequired},
                                     {"S3KeyPrefix", string().length(0, 1024)}}),
        Presence::kRequired},
       {"InputFormat", enumeration({"DYNAMODB_JSON", "ION", "CSV"}), Presence::kRequired},
       {"InputFormatOptions", structure("InputFormatOptions", {{"Csv", structure("CsvOptions", {})}})},
       {"InputCompressionType", enumeration({"ZSTD", "NONE", "GZIP"})},
       {"TableCreationParameters",
        structure("TableCreationParameters",
                  table_definition_members({"TableName", new_table_name(), Presence::kRequired})),
        Presence::kRequired}});
}

// Options that are not built yet are refused, never swallowed.
ApiResult<void> refuse_unsupported(const Input& input) {
  const auto format = input.required_string("InputFormat");
  if (format != "DYNAMODB_JSON") {
    return fail(
        not_implemented_error("Tidemark does not implement imports of the format " + format + " yet"));
  }
  if (input.string("InputCompressionType") == "ZSTD") {
    return fail(not_implemented_error("Tidemark does not implement imports of ZSTD files yet"));
  }
  if (const auto options = input.structure("InputFormatOptions"); options && options->has("Csv")) {
    return fail(validation(
        "Invalid Request: Unsupported InputFormatOptions for the given input format: " + format + "."));
  }
  return {};
}

// The JSON text of a value, as the description gives it back.
void append_json(json::Value value, std::string* out) {
  JsonWriter json(out);
  switch (value.type()) {
    case json::Type::kObject: {
      bool first = true;
      *out += '{';
      std::string_view name;
      json::Value member;
      for (auto cursor = value.members(); cursor.next(&name, &member);) {
        if (!std::exchange(first, false)) *out += ',';
        append_json_string(out, name);
        *out += ':';
        append_json(member, out);
      }
      *out += '}';
      return;
    }
    case json::Type::kArray: {
      bool first = true;
      *out += '[';
      json::Value element;
      for (auto cursor = value.elements(); cursor.next(&element);) {
        if (!std::exchange(first, false)) *out += ',';
        append_json(element, out);
      }
      *out += ']';
      return;
    }
    case json::Type::kString:
      return json.string(value.string());
    case json::Type::kBool:
      return json.boolean(value.boolean());
    case json::Type::kInteger:
      return json.number(value.integer());
    case json::Type::kDecimal:
      return json.decimal(value.decimal());
    case json::Type::kNull:
      return json.null();
  }
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  auto& record = request.record;
  const auto source = input.structure("S3BucketSource");
  record.s3_bucket = source->required_string("S3Bucket");
  const auto owner = optional_string(*source, "S3BucketOwner");
  RETURN_IF_ERROR(check_bucket(record.s3_bucket, owner, "s3BucketSource."));
  record.s3_bucket_owner = owner.value_or("");
  record.s3_key_prefix = optional_string(*source, "S3KeyPrefix");
  RETURN_IF_ERROR(refuse_unsupported(input));
  if (input.string("InputCompressionType") == "GZIP") record.compression = transfer::InputCompression::kGzip;
  record.client_token = input.required_string("ClientToken");

  const auto parameters = input.structure("TableCreationParameters");
  ASSIGN_OR_RETURN(request.table, read_table_definition(*parameters));
  append_json(parameters->value(), &record.table_creation_parameters);
  return request;
}

ApiError error_of(const jobs::StartError<transfer::ImportRefusal>& error, const std::string& table_name) {
  switch (error.refusal) {
    case transfer::ImportRefusal::kTokenConflict:
      return {ErrorType::kImportConflict,
              "Import conflict: Duplicate request detected with conflicting parameters"};
    case transfer::ImportRefusal::kTableExists:
      return resource_in_use("Table already exists: " + table_name);
    case transfer::ImportRefusal::kTooManyJobs:
      return limit_exceeded("Subscriber limit exceeded: There is a limit of " +
                            std::to_string(jobs::JobRunner::kQueuedJobsMax) + " concurrent import tasks");
    case transfer::ImportRefusal::kEngine:
      break;
  }
  return error.error;
}

ApiResult<transfer::ImportRecord> execute(const Request& request, OperationContext& context) {
  transfer::ImportRequest start;
  start.schema = make_schema(request.table, context.owner, context.random.uuid(), context.clock.now());
  start.record = request.record;
  start.record.account_id = context.owner.account_id;
  start.record.region = context.owner.region;
  start.record.table_name = request.table.name;
  start.record.table_arn = start.schema.arn();
  if (start.record.s3_bucket_owner.empty()) start.record.s3_bucket_owner = context.owner.account_id;
  auto started = context.transfers->imports.start(std::move(start));
  if (!started) return fail(error_of(started.error(), request.table.name));
  return *std::move(started);
}

void render(const Request&, const transfer::ImportRecord& record, JsonWriter& json) {
  render_import_description(record, json);
}

}  // namespace

Operation import_table() {
  return make_operation("ImportTable", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
