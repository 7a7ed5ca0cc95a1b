#include "timetravel/backup_record.h"

#include <array>

#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::timetravel {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 2> kTypeNames = {"USER", "SYSTEM"};

}  // namespace

std::string_view backup_type_name(BackupType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::string BackupRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("arn", arn);
  json.member("id", id);
  json.member("name", name);
  json.member("type", backup_type_name(type));
  json.member("createdAtMicros", created_at.micros);
  if (expires_at) json.member("expiresAtMicros", expires_at->micros);
  json.member("sizeBytes", size_bytes);
  json.member("itemCount", item_count);
  json.member("table", std::int64_t{storage::number(table)});
  json.member("hold", hold);
  json.member("momentMicros", moment.micros);
  json.key("schema");
  json.raw(model::to_json(schema));
  json.end_object();
  return out;
}

Result<BackupRecord> BackupRecord::from_json(std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(Error::corruption("the record is not a JSON object"));
  BackupRecord record;
  bool is_damaged = false;
  const JsonFields in(*root, &is_damaged);
  in.read("arn", &record.arn);
  in.read("id", &record.id);
  in.read("name", &record.name);
  in.read_enum("type", kTypeNames, &record.type);
  in.read("createdAtMicros", &record.created_at);
  in.read("expiresAtMicros", &record.expires_at);
  in.read("sizeBytes", &record.size_bytes);
  in.read("itemCount", &record.item_count);
  in.read_number("table", &record.table);
  in.read("hold", &record.hold);
  in.read("momentMicros", &record.moment);
  const auto schema = in.object("schema");
  if (is_damaged || !schema || record.arn.empty() || record.id.empty()) {
    return fail(Error::corruption("the record has members that cannot be"));
  }
  ASSIGN_OR_RETURN(record.schema, model::table_schema_from_json(schema->value()));
  return record;
}

}  // namespace tidemark::timetravel
