#include "server/http/request_metrics.h"

#include <algorithm>
#include <string>

namespace tidemark::server {
namespace {

std::string_view or_unknown(std::string_view name) { return name.empty() ? "unknown" : name; }

double seconds_of(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// All threads together.
struct Totals {
  struct Series {
    std::array<std::uint64_t, RequestMetrics::kBoundsS.size() + 1> counts{};
    std::chrono::steady_clock::duration sum{};
    std::map<int, std::uint64_t> statuses;
  };
  std::map<std::pair<std::string_view, std::string_view>, Series> series;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::uint64_t> errors;
  int connections = 0;
};

void write_totals(const Totals& totals, PrometheusText* out) {
  out->begin("tidemark_requests_total", "counter",
             "Requests, by the status of their answer; 0: there was none");
  for (const auto& [key, series] : totals.series) {
    for (const auto& [status, count] : series.statuses) {
      out->sample({{"service", key.first}, {"operation", key.second}, {"status", std::to_string(status)}},
                  count);
    }
  }
  out->begin("tidemark_request_duration_seconds", "histogram",
             "From the end of the head of a request to the last byte of its answer");
  for (const auto& [key, series] : totals.series) {
    out->histogram({{"service", key.first}, {"operation", key.second}}, RequestMetrics::kBoundsS,
                   series.counts, seconds_of(series.sum));
  }
  out->begin("tidemark_errors_total", "counter", "Requests that were refused or failed, by the error's name");
  for (const auto& [key, count] : totals.errors) {
    const auto& [service, operation, error] = key;
    out->sample({{"service", service}, {"operation", operation}, {"error", error}}, count);
  }
  out->begin("tidemark_connections", "gauge", "Open connections");
  out->sample({}, static_cast<double>(totals.connections));
}

}  // namespace

void RequestMetrics::Shard::record(const http::RequestNote& note, int status,
                                   std::chrono::steady_clock::duration taken) {
  const auto bound = std::lower_bound(kBoundsS.begin(), kBoundsS.end(), seconds_of(taken));
  const std::lock_guard lock(mutex_);
  Series& series = series_[{note.service.data(), note.operation.data()}];
  if (series.statuses.empty()) {
    series.service = or_unknown(note.service);
    series.operation = or_unknown(note.operation);
  }
  ++series.counts[static_cast<std::size_t>(bound - kBoundsS.begin())];
  series.sum += taken;
  ++series.statuses[status];
  if (!note.error.empty()) ++errors_[{series.service, series.operation, note.error}];
}

RequestMetrics::Shard& RequestMetrics::add_shard() {
  const std::lock_guard lock(mutex_);
  return shards_.emplace_back();
}

void RequestMetrics::write(PrometheusText* out) {
  Totals totals;
  const std::lock_guard lock(mutex_);
  for (Shard& shard : shards_) {
    totals.connections += shard.connections_.load(std::memory_order_relaxed);
    const std::lock_guard inner(shard.mutex_);
    for (const auto& [place, some] : shard.series_) {
      Totals::Series& sum = totals.series[{some.service, some.operation}];
      for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += some.counts[i];
      sum.sum += some.sum;
      for (const auto& [status, count] : some.statuses) sum.statuses[status] += count;
    }
    for (const auto& [key, count] : shard.errors_) totals.errors[key] += count;
  }
  write_totals(totals, out);
}

}  // namespace tidemark::server
