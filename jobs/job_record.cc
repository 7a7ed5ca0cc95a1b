#include "jobs/job_record.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tidemark::jobs {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 5> kStatusNames = {"IN_PROGRESS", "CANCELLING", "COMPLETED", "FAILED",
                                                          "CANCELLED"};

}  // namespace

std::string_view job_status_name(JobStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::optional<JobStatus> parse_job_status(std::string_view name) {
  const auto* const found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<JobStatus>(found - kStatusNames.begin());
}

void write_job_members(const JobRecord& record, JsonWriter& json) {
  json.member("kind", record.kind);
  if (!record.operation.empty()) json.member("operation", record.operation);
  json.member("id", record.id);
  json.member("arn", record.arn);
  json.member("status", job_status_name(record.status));
  json.member("accountId", record.account_id);
  json.member("region", record.region);
  json.member("tableArn", record.table_arn);
  json.member("tableUuid", record.table_uuid);
  json.member("tableId", static_cast<std::int64_t>(record.table_id));
  json.member("startTime", record.start_time.micros);
  if (record.asked_time != Timestamp{}) json.member("askedTime", record.asked_time.micros);
  json.member("clientToken", record.client_token);
  json.member("fingerprint", record.fingerprint);
  json.member("endTime", record.end_time.micros);
  json.member("items", static_cast<std::int64_t>(record.totals.items));
  json.member("bytes", static_cast<std::int64_t>(record.totals.bytes));
  json.member("files", static_cast<std::int64_t>(record.totals.files));
  json.member("errors", static_cast<std::int64_t>(record.totals.errors));
  json.member("failureCode", record.failure_code);
  json.member("failureMessage", record.failure_message);
  json.member("errorLog", record.error_log);
}

void read_job_members(const JsonFields& in, JobRecord* record) {
  in.read("kind", &record->kind);
  in.read("operation", &record->operation);
  in.read("id", &record->id);
  in.read("arn", &record->arn);
  in.read_enum("status", kStatusNames, &record->status);
  in.read("accountId", &record->account_id);
  in.read("region", &record->region);
  in.read("tableArn", &record->table_arn);
  in.read("tableUuid", &record->table_uuid);
  in.read_number("tableId", &record->table_id);
  in.read("startTime", &record->start_time);
  record->asked_time = record->start_time;  // earlier versions wrote none
  in.read("askedTime", &record->asked_time);
  in.read("clientToken", &record->client_token);
  in.read("fingerprint", &record->fingerprint);
  in.read("endTime", &record->end_time);
  in.read_number("items", &record->totals.items);
  in.read_number("bytes", &record->totals.bytes);
  in.read_number("files", &record->totals.files);
  in.read_number("errors", &record->totals.errors);
  in.read("failureCode", &record->failure_code);
  in.read("failureMessage", &record->failure_message);
  in.read("errorLog", &record->error_log);
}

Timestamp end_of(const JobRecord& record, Timestamp now) {
  return std::max(now.plus(record.start_time - record.asked_time), record.start_time);
}

std::string job_id(Timestamp start_time, std::string_view random_hex) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%014lld-", static_cast<long long>(start_time.millis()));
  return digits + std::string(random_hex);
}

}  // namespace tidemark::jobs
