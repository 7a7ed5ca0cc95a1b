#include "admin/job_json.h"

#include <string_view>

#include "base/clock.h"

namespace tidemark::admin {
namespace {

void write_number(JsonWriter& json, std::string_view name, std::uint64_t number) {
  json.member(name, static_cast<std::int64_t>(number));
}

void write_counts(const jobs::JobCounts& counts, JsonWriter& json) {
  write_number(json, "items", counts.items);
  write_number(json, "bytes", counts.bytes);
  write_number(json, "files", counts.files);
  write_number(json, "errors", counts.errors);
}

void write_steps(std::uint64_t done, std::uint64_t total, JsonWriter& json) {
  if (total == 0) return;
  write_number(json, "done", done);
  write_number(json, "total", total);
}

// The end of a job is the end of its parts, also of those that somebody else's failure overtook.
std::string_view state_name(jobs::PartState state, jobs::JobStatus status) {
  if (!is_ended(status) || state == jobs::PartState::kDone) return part_state_name(state);
  if (status == jobs::JobStatus::kCompleted) return part_state_name(jobs::PartState::kDone);
  return state == jobs::PartState::kRunning ? "STOPPED" : "SKIPPED";
}

void write_parts(const std::vector<jobs::PartProgress>& parts, jobs::JobStatus status, JsonWriter& json) {
  json.key("parts");
  json.begin_array();
  for (const jobs::PartProgress& part : parts) {
    json.begin_object();
    json.member("name", part.name);
    json.member("state", state_name(part.state, status));
    write_counts(part.counts, json);
    write_steps(part.steps_done, part.steps, json);
    json.end_object();
  }
  json.end_array();
}

void write_progress(const jobs::ProgressSnapshot& shown, jobs::JobStatus status, bool with_parts,
                    JsonWriter& json) {
  json.member("phase", shown.phase);
  write_counts(shown.counts, json);
  if (shown.steps > 0) json.member("measure", measure_name(shown.measure));
  write_steps(shown.steps_done, shown.steps, json);
  if (with_parts) write_parts(shown.parts, status, json);
}

// `…:table/T` names the table T.
std::string_view table_name_of(std::string_view table_arn) {
  return table_arn.substr(table_arn.rfind('/') + 1);
}

}  // namespace

void write_job(const jobs::JobRecord& record, const jobs::JobProgress* progress, bool with_parts,
               JsonWriter& json) {
  json.begin_object();
  json.member("id", record.id);
  json.member("kind", record.kind);
  if (!record.operation.empty()) json.member("operation", record.operation);
  json.member("status", job_status_name(record.status));
  json.member("table", table_name_of(record.table_arn));
  json.member("table_arn", record.table_arn);
  json.member("arn", record.arn);
  json.member("account_id", record.account_id);
  json.member("region", record.region);
  json.member("started", format_iso_millis(record.start_time));
  if (is_ended(record.status)) json.member("ended", format_iso_millis(record.end_time));
  if (!record.failure_code.empty()) {
    json.key("failure");
    json.begin_object();
    json.member("code", record.failure_code);
    json.member("message", record.failure_message);
    json.end_object();
  }
  if (!record.error_log.empty()) json.member("error_log", record.error_log);
  if (progress != nullptr) {
    write_progress(progress->snapshot(), record.status, with_parts, json);
  } else {
    write_counts(record.totals, json);
  }
  json.end_object();
}

}  // namespace tidemark::admin
