#include "admin/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "storage/figures.h"

namespace tidemark::admin {
namespace {

// Tables beyond so many, those that consumed least, are one: whoever scrapes keeps a series for each.
constexpr std::size_t kTablesMax = 200;
constexpr std::string_view kOthers = "(others)";

struct TableUnits {
  std::string account;
  std::string region;
  std::string table;
  double read = 0;
  double written = 0;
};

// Those that consumed most first; tables that are gone are among the others.
std::vector<TableUnits> units_by_table(const MetricSources& sources) {
  std::vector<TableUnits> all;
  TableUnits others{.account = {}, .region = {}, .table = std::string(kOthers)};
  for (const auto& [id, units] : sources.units()) {
    const storage::TablePtr table = sources.engine.catalog().find(id);
    if (table) {
      const model::TableSchema& schema = table->schema;
      all.push_back({schema.account_id, schema.region, schema.name, units.first, units.second});
    } else {
      others.read += units.first;
      others.written += units.second;
    }
  }
  std::sort(all.begin(), all.end(), [](const TableUnits& one, const TableUnits& two) {
    return one.read + one.written > two.read + two.written;
  });
  while (all.size() > kTablesMax) {
    others.read += all.back().read;
    others.written += all.back().written;
    all.pop_back();
  }
  if (others.read + others.written > 0) all.push_back(std::move(others));
  return all;
}

void write_units(const MetricSources& sources, PrometheusText* out) {
  const std::vector<TableUnits> tables = units_by_table(sources);
  const auto write = [&](std::string_view name, std::string_view help, double TableUnits::*units) {
    out->begin(name, "counter", help);
    for (const TableUnits& one : tables) {
      out->sample({{"account", one.account}, {"region", one.region}, {"table", one.table}}, one.*units);
    }
  };
  write("tidemark_consumed_read_units_total", "Read units that tables consumed, their indexes included",
        &TableUnits::read);
  write("tidemark_consumed_write_units_total", "Write units that tables consumed, their indexes included",
        &TableUnits::written);
}

void write_jobs(const MetricSources& sources, PrometheusText* out) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  // Only counted: none of them is copied.
  (void)sources.jobs.list({}, [&counts](const jobs::JobRecord& record) {
    ++counts[{record.kind, lower_case(jobs::job_status_name(record.status))}];
    return false;
  });
  out->begin("tidemark_jobs", "gauge", "Background jobs that are remembered, by kind and status");
  for (const auto& [key, count] : counts) out->sample({{"kind", key.first}, {"status", key.second}}, count);
}

void write_storage(const MetricSources& sources, PrometheusText* out) {
  const storage::DiskBytes bytes = storage::disk_bytes(sources.engine);
  out->begin("tidemark_disk_bytes", "gauge",
             "Files of the change log, of the sealed history, and of tables and indexes");
  out->sample({{"part", "log"}}, bytes.log);
  out->sample({{"part", "history"}}, bytes.history);
  out->sample({{"part", "state"}}, bytes.state);
  out->begin("tidemark_disk_room", "gauge", "2: enough; 1: only deletes are taken; 0: no writes are");
  const storage::Room room = sources.engine.room();
  out->sample({}, room == storage::Room::kEnough ? 2.0 : room == storage::Room::kForDeletes ? 1.0 : 0.0);
  for (const storage::StoreFigure& figure : storage::store_figures(sources.engine)) {
    out->begin("tidemark_" + std::string(figure.name), "gauge", figure.help);
    out->sample({}, figure.value);
  }
}

// The names that every Prometheus client has for its process.
void write_process(PrometheusText* out) {
  std::ifstream stat("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident_pages = 0;
  if (stat >> pages >> resident_pages) {
    out->begin("process_resident_memory_bytes", "gauge", "Resident memory");
    out->sample({}, resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  }
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) {
    out->begin("process_open_fds", "gauge", "Open file descriptors");
    out->sample({}, static_cast<std::uint64_t>(std::distance(begin(files), end(files))));
  }
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
    out->begin("process_cpu_seconds_total", "counter", "Processor time, in user and in system mode");
    out->sample({}, static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9);
  }
}

http::Response metrics(const MetricSources& sources) {
  PrometheusText out;
  out.begin("tidemark_build_info", "gauge", "1, with the version of the program");
  out.sample({{"version", sources.version}}, std::uint64_t{1});
  sources.requests(&out);
  write_units(sources, &out);
  write_jobs(sources, &out);
  write_storage(sources, &out);
  write_process(&out);
  http::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = out.text();
  return response;
}

}  // namespace

std::vector<Route> metrics_routes(MetricSources sources) {
  return {{.method = "GET",
           .path = "/_tidemark/metrics",
           .handle = [sources = std::move(sources)](const AdminRequest&) { return metrics(sources); },
           // Names of tables are nothing for strangers where signatures are verified.
           .shows_items = true,
           // What watches it may add some of its own.
           .takes_parameters = true}};
}

}  // namespace tidemark::admin
