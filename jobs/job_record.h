// What every kind of job remembers: which table it works on, since when, how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace tidemark::jobs {

// kCancelling: somebody asked for the end, and the job has still to notice.
enum class JobStatus { kInProgress, kCancelling, kCompleted, kFailed, kCancelled };
std::string_view job_status_name(JobStatus status);  // `IN_PROGRESS`
std::optional<JobStatus> parse_job_status(std::string_view name);
constexpr bool is_ended(JobStatus status) {
  return status != JobStatus::kInProgress && status != JobStatus::kCancelling;
}

// What a job, or a part of it, has done so far.
struct JobCounts {
  std::uint64_t items = 0;   // handled, those with errors among them
  std::uint64_t bytes = 0;   // of items, uncompressed
  std::uint64_t files = 0;   // objects written or read to their end
  std::uint64_t errors = 0;  // items refused

  bool operator==(const JobCounts&) const = default;
  JobCounts& operator+=(const JobCounts& more) {
    items += more.items;
    bytes += more.bytes;
    files += more.files;
    errors += more.errors;
    return *this;
  }
};

// The members that all kinds have. Each kind derives its own record and says in it what else it remembers.
struct JobRecord {
  std::string kind;  // `export`
  // What was asked for, where that is not the kind: `branch`, of a restore; otherwise empty.
  std::string operation;
  std::string id;   // `01767225600123-0a1b2c3d`: ids sort by start time
  std::string arn;  // `<table arn>/<kind>/<id>`
  JobStatus status = JobStatus::kInProgress;
  std::string account_id;
  std::string region;
  std::string table_arn;
  std::string table_uuid;
  std::uint32_t table_id = 0;  // storage::TableId
  Timestamp start_time;
  // When it was asked for. Jobs begin one after the other, by their own account: with a clock that stands
  // still start_time is ahead of this.
  Timestamp asked_time;
  std::string client_token;
  std::string fingerprint;  // of the request: equal when a repeated client token means the same job

  // Once ended.
  Timestamp end_time;
  JobCounts totals;          // what a job came to that did its work; nothing of one that failed before
  std::string failure_code;  // in the service's words, as is the message
  std::string failure_message;
  std::string error_log;  // the file that lists refused items; empty: there is none
};

// The members of a JobRecord, inside an object that the caller has begun.
// ON DISK: members may be added with a default, never renamed.
void write_job_members(const JobRecord& record, JsonWriter& json);
void read_job_members(const JsonFields& in, JobRecord* record);

// Reads a record of a kind; `read_more(fields, &record)` takes the members that the kind adds.
// Errors: kCorruption.
template <class Record, class ReadMore>
Result<Record> record_from_json(std::string_view text, ReadMore read_more) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(Error::corruption("the record is not a JSON object"));
  Record record;
  bool is_damaged = false;
  const JsonFields in(*root, &is_damaged);
  read_job_members(in, &record);
  read_more(in, &record);
  if (record.arn.empty() || record.id.empty()) is_damaged = true;
  if (is_damaged) return fail(Error::corruption("the record has members that cannot be"));
  return record;
}

// The end of a job that ends now: as far ahead of a clock that stands still as its beginning.
Timestamp end_of(const JobRecord& record, Timestamp now);

// `<14 digits of epoch milliseconds>-<8 hex digits>`: the id of exports, imports and backups.
std::string job_id(Timestamp start_time, std::string_view random_hex);

}  // namespace tidemark::jobs
