#include "timetravel/restore_record.h"

#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::timetravel {

std::string RestoreRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(*this, json);
  json.member("tableName", table_name);
  json.member("sourceTableId", std::int64_t{source_table_id});
  json.member("sourceTableArn", source_table_arn);
  if (backup_arn) json.member("backupArn", *backup_arn);
  json.member("restoreTimeMicros", restore_time.micros);
  json.member("momentMicros", moment.micros);
  json.member("loaded", loaded);
  json.end_object();
  return out;
}

Result<RestoreRecord> RestoreRecord::from_json(std::string_view text) {
  return jobs::record_from_json<RestoreRecord>(text, [](const JsonFields& in, RestoreRecord* record) {
    in.read("tableName", &record->table_name);
    in.read_number("sourceTableId", &record->source_table_id);
    in.read("sourceTableArn", &record->source_table_arn);
    in.read("backupArn", &record->backup_arn);
    in.read("restoreTimeMicros", &record->restore_time);
    in.read("momentMicros", &record->moment);
    in.read("loaded", &record->loaded);
  });
}

}  // namespace tidemark::timetravel
