// Source: DynamoDB API reference, ImportTable; order of checks and texts from recorded answers.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/core/capacity_meter.h"
#include "api/imports/import_description.h"
#include "api/imports/imports.h"
#include "api/jobs/s3_parameters.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_shapes.h"
#include "base/check.h"
#include "base/json_copy.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

struct Request {
  TableDefinition table;
  transfer::ImportRecord record;
};

// Those of CreateTable, but for local indexes: like everything else that is not here they are passed over.
std::vector<Member> creation_members() {
  auto members = table_definition_members({"TableName", new_table_name(), Presence::kRequired});
  std::erase_if(members, [](const Member& member) { return member.name == "LocalSecondaryIndexes"; });
  return members;
}

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
       {"InputFormatOptions",
        structure("InputFormatOptions",
                  {{"Csv", structure("CsvOptions", {{"Delimiter", string()},
                                                    {"HeaderList", list_of(string()).length(1, 255)}})}})},
       {"InputCompressionType", enumeration({"ZSTD", "NONE", "GZIP"})},
       {"TableCreationParameters", structure("TableCreationParameters", creation_members()),
        Presence::kRequired}});
}

constexpr std::string_view kDelimiters = ",;:|\t ";
constexpr std::int64_t kHeaderNameLengthMax = 65'536;

// Printable ASCII without the comma and the quote.
bool is_header_name(std::string_view name) {
  return !name.empty() && std::ssize(name) <= kHeaderNameLengthMax &&
         std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '"'; });
}

ApiResult<void> check_csv(const transfer::CsvSettings& csv) {
  std::vector<std::string> violations;
  if (csv.delimiter) {
    const auto report = [&](std::string_view constraint) {
      violations.push_back(words::violation(*csv.delimiter, "inputFormatOptions.csv.delimiter", constraint));
    };
    const bool is_one = csv.delimiter->size() == 1;
    if (!is_one || kDelimiters.find(csv.delimiter->front()) == std::string_view::npos) {
      report("Member must satisfy regular expression pattern: [,;:|\\t ]");
    }
    if (!is_one) report(csv.delimiter->empty() ? words::length_at_least(1) : words::length_at_most(1));
  }
  if (!std::ranges::all_of(csv.header_list, is_header_name)) {
    std::string echo = "[";
    for (const std::string& name : csv.header_list) echo += (echo.size() > 1 ? ", " : "") + name;
    violations.push_back(
        words::violation(echo + "]", "inputFormatOptions.csv.headerList",
                         "Member must satisfy constraint: [Member must have length less than or equal to "
                         "65536, Member must have "
                         "length greater than or equal to 1, Member must satisfy regular expression pattern: "
                         "[\\x20-\\x21\\x23-\\x2B\\x2D-\\x7E]*]"));
  }
  if (!violations.empty()) return fail(validation(words::violations_detected(violations)));
  return {};
}

ApiResult<std::optional<transfer::CsvSettings>> read_csv_settings(const Input& input,
                                                                  const std::string& format) {
  const auto options = input.structure("InputFormatOptions");
  const auto csv = options ? options->structure("Csv") : std::nullopt;
  if (!csv) return std::nullopt;
  transfer::CsvSettings settings;
  settings.delimiter = optional_string(*csv, "Delimiter");
  if (const auto names = csv->list("HeaderList")) {
    json::Value name;
    for (json::ArrayCursor cursor = names->elements(); cursor.next(&name);) {
      settings.header_list.emplace_back(name.string());
    }
  }
  RETURN_IF_ERROR(check_csv(settings));
  if (format != "CSV") {
    return fail(validation(
        "Invalid Request: Unsupported InputFormatOptions for the given input format: " + format + "."));
  }
  return settings;
}

transfer::InputCompression compression_of(std::optional<std::string_view> name) {
  if (name == "GZIP") return transfer::InputCompression::kGzip;
  if (name == "ZSTD") return transfer::InputCompression::kZstd;
  return transfer::InputCompression::kNone;
}

// The members that there are, as the description gives them back.
std::string known_parameters(json::Value parameters) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  for (const Member& member : creation_members()) {
    const auto value = parameters.find(member.name);
    if (!value) continue;
    json.key(member.name);
    write_value(*value, json);
  }
  json.end_object();
  return text;
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
  record.input_format = input.required_string("InputFormat");
  ASSIGN_OR_RETURN(record.csv, read_csv_settings(input, record.input_format));
  record.compression = compression_of(input.string("InputCompressionType"));
  record.client_token = input.required_string("ClientToken");

  const auto parameters = input.structure("TableCreationParameters");
  record.table_creation_parameters = known_parameters(parameters->value());
  json::Document known;
  const auto root = known.parse(record.table_creation_parameters);
  INVARIANT(root.has_value());
  ASSIGN_OR_RETURN(request.table, read_table_definition(input.inside(*root)));
  return request;
}

ApiError error_of(const jobs::StartError<transfer::ImportRefusal>& error, const std::string& table_name) {
  switch (error.refusal) {
    case transfer::ImportRefusal::kTokenConflict:
      return {ErrorType::kImportConflict,
              "Import conflict: Duplicate request detected with conflicting parameters"};
    case transfer::ImportRefusal::kTableExists:
      return resource_in_use(words::table_exists(table_name));
    case transfer::ImportRefusal::kTooManyJobs:
      return limit_exceeded(words::too_many_jobs(jobs::JobRunner::kQueuedJobsMax, "import tasks"));
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
  meter_job(started->arn);
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
