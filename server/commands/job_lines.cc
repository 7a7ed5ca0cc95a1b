#include "server/commands/job_lines.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace tidemark::server {
namespace {

constexpr std::size_t kBarCells = 20;

void read(json::Value object, std::string_view name, std::string* out) {
  if (const auto found = object.find(name); found && found->is_string()) *out = found->string();
}
void read(json::Value object, std::string_view name, std::uint64_t* out) {
  const auto found = object.find(name);
  if (found && found->type() == json::Type::kInteger) {
    *out = static_cast<std::uint64_t>(std::max<std::int64_t>(found->integer(), 0));
  }
}

JobCounters read_counters(json::Value object) {
  JobCounters counters;
  read(object, "items", &counters.items);
  read(object, "bytes", &counters.bytes);
  read(object, "files", &counters.files);
  read(object, "errors", &counters.errors);
  read(object, "done", &counters.done);
  read(object, "total", &counters.total);
  return counters;
}

std::optional<double> fraction_of(const JobCounters& counters, bool is_done) {
  if (is_done) return 1.0;
  if (counters.total == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(counters.done) / static_cast<double>(counters.total));
}

std::string percent(const JobCounters& counters, bool is_done) {
  const auto fraction = fraction_of(counters, is_done);
  if (!fraction) return "  - %";
  std::array<char, 16> text{};
  // Rounded down: what is not done does not show as done.
  std::snprintf(text.data(), text.size(), "%3d %%", static_cast<int>(*fraction * 100));
  return text.data();
}

Row counter_cells(const JobCounters& counters, bool is_done) {
  return {progress_bar(counters, is_done, kBarCells) + ' ' + percent(counters, is_done),
          std::to_string(counters.items), short_size(counters.bytes), std::to_string(counters.files),
          std::to_string(counters.errors)};
}

Row head_cells() { return {"PROGRESS", "ITEMS", "BYTES", "FILES", "ERRORS"}; }

Row row_of(std::vector<std::string> cells, const Row& more) {
  cells.insert(cells.end(), more.begin(), more.end());
  return cells;
}

}  // namespace

JobView read_job(json::Value job) {
  JobView view;
  read(job, "id", &view.id);
  read(job, "kind", &view.kind);
  read(job, "operation", &view.operation);
  read(job, "status", &view.status);
  read(job, "table", &view.table);
  read(job, "phase", &view.phase);
  read(job, "error_log", &view.error_log);
  view.counters = read_counters(job);
  if (const auto failure = job.find("failure"); failure && failure->is_object()) {
    read(*failure, "code", &view.failure_code);
    read(*failure, "message", &view.failure_message);
  }
  if (const auto parts = job.find("parts"); parts && parts->is_array()) {
    json::Value value;
    for (json::ArrayCursor cursor = parts->elements(); cursor.next(&value);) {
      if (!value.is_object()) continue;
      JobView::Part part;
      read(value, "name", &part.name);
      read(value, "state", &part.state);
      part.counters = read_counters(value);
      view.parts.push_back(std::move(part));
    }
  }
  return view;
}

std::string progress_bar(const JobCounters& counters, bool is_done, std::size_t cells) {
  const auto fraction = fraction_of(counters, is_done);
  const auto filled = static_cast<std::size_t>(fraction.value_or(0) * static_cast<double>(cells));
  return '[' + std::string(filled, '#') + std::string(cells - filled, fraction ? '.' : '?') + ']';
}

std::vector<std::string> job_lines(const std::vector<JobView>& jobs) {
  std::vector<Row> rows = {row_of({"ID", "KIND", "TABLE", "STATUS"}, head_cells())};
  for (const JobView& job : jobs) {
    rows.push_back(row_of({printable(job.id), printable(job.operation.empty() ? job.kind : job.operation),
                           shortened(job.table), printable(job.status)},
                          counter_cells(job.counters, job.status == "COMPLETED")));
  }
  return align_columns(rows);
}

std::vector<std::string> job_detail(const JobView& job) {
  std::vector<std::string> lines = job_lines({job});
  if (!job.is_ended() && !job.phase.empty()) lines.push_back("phase: " + printable(job.phase));
  if (!job.failure_code.empty()) {
    lines.push_back("failed: " + printable(job.failure_code) + ": " + printable(job.failure_message));
  }
  if (!job.error_log.empty()) lines.push_back("errors: " + printable(job.error_log));
  if (job.parts.empty()) return lines;
  std::vector<Row> rows = {row_of({"PART", "STATE"}, head_cells())};
  for (const JobView::Part& part : job.parts) {
    rows.push_back(row_of({shortened(part.name), printable(part.state)},
                          counter_cells(part.counters, part.state == "DONE")));
  }
  lines.emplace_back();
  for (std::string& line : align_columns(rows)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace tidemark::server
