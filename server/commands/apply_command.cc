#include "server/commands/apply_command.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "server/client/stored_export.h"
#include "server/client/table_writer.h"
#include "server/client/target_table.h"

namespace tidemark::server {
namespace {

Result<void> check_summary(const ExportSummary& summary, bool reverse) {
  if (!summary.is_incremental) {
    return fail(
        Error::invalid_argument("the source is no incremental export; `tidemark load` takes full ones"));
  }
  if (reverse && summary.output_view != "NEW_AND_OLD_IMAGES") {
    return fail(Error::invalid_argument("the export has no old images to go back to"));
  }
  return {};
}

class RecordParser {
 public:
  explicit RecordParser(bool reverse) : image_(reverse ? "OldImage" : "NewImage") {}

  Result<Change> parse(std::string_view line) {
    const auto record = document_.parse(line);
    const auto keys = record && record->is_object() ? record->find("Keys") : std::nullopt;
    if (!keys || !keys->is_object()) return fail(Error::corruption("a record has no Keys: " + shown(line)));
    const auto image = record->find(image_);
    if (image && !has_all_of(*image, *keys)) {
      return fail(Error::invalid_argument(
          "an image has not its keys, because the export was made with a projection: " + shown(line)));
    }
    auto written = model::item_from_json(image ? *image : *keys);
    if (!written) return fail(Error::corruption("a record cannot be read: " + shown(line)));
    return Change{
        .is_put = image.has_value(), .text = std::move(written->text), .size_bytes = written->size_bytes};
  }

 private:
  static bool has_all_of(json::Value image, json::Value keys) {
    if (!image.is_object()) return false;
    std::string_view name;
    json::Value value;
    for (auto members = keys.members(); members.next(&name, &value);) {
      if (!image.find(name)) return false;
    }
    return true;
  }

  static std::string shown(std::string_view line) { return std::string(line.substr(0, 200)); }

  const std::string_view image_;
  json::Document document_;
};

// The projection of an export, which its manifests do not say; nothing where the server does not know it.
std::optional<std::string> projection_of(const SignedClient& client, const std::string& export_arn) {
  std::string request;
  JsonWriter json(&request);
  json.begin_object();
  json.member("ExportArn", export_arn);
  json.end_object();
  const auto answer = client.call("DescribeExport", request);
  if (!answer) return std::nullopt;
  json::Document document;
  const auto root = document.parse(*answer);
  std::optional<json::Value> found = root ? std::optional(*root) : std::nullopt;
  for (const char* const member : {"ExportDescription", "FilterSpecification", "ProjectionExpression"}) {
    if (!found || !found->is_object()) return std::nullopt;
    found = found->find(member);
  }
  return found && found->is_string() ? std::optional<std::string>(found->string()) : std::nullopt;
}

}  // namespace

Result<Applied> apply_export(const ApplyConfig& config, FileSystem& files) {
  const SignedClient client(config.server, config.identity);
  ASSIGN_OR_RETURN(StoredExport source, StoredExport::open(config.source, client, files, config.elsewhere,
                                                           ManifestSums::kCheckedWhereThere));
  RETURN_IF_ERROR(check_summary(source.summary(), config.reverse));
  ASSIGN_OR_RETURN(const model::TableSchema schema, schema_on_server(client, config.table));
  RecordParser parser(config.reverse);
  RETURN_IF_ERROR(source.check([&](std::string_view line) -> Result<void> {
    ASSIGN_OR_RETURN(const Change change, parser.parse(line));
    return check_change(schema, change);
  }));
  TableWriter writer(client, config.table);
  RETURN_IF_ERROR(source.visit([&](std::string_view line) -> Result<void> {
    ASSIGN_OR_RETURN(const Change change, parser.parse(line));
    return writer.add(change);
  }));
  RETURN_IF_ERROR(writer.flush());
  return Applied{.puts = writer.puts(),
                 .deletes = writer.deletes(),
                 .projection = projection_of(client, source.summary().export_arn)};
}

Result<void> run_apply(const ApplyConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const Applied applied, apply_export(config, posix_file_system()));
  std::fprintf(out, "%s: %llu items put, %llu deleted\n", config.table.c_str(),
               static_cast<unsigned long long>(applied.puts),
               static_cast<unsigned long long>(applied.deletes));
  if (applied.projection) {
    std::fprintf(out, "%s: the export has only a part of each item, %s; the rest of what was put is gone\n",
                 config.table.c_str(), applied.projection->c_str());
  }
  return {};
}

}  // namespace tidemark::server
