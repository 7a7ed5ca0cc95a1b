// `GET /_tidemark/metrics`, for Prometheus: docs/metrics.md lists what is there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "admin/route.h"
#include "base/prometheus_text.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"

namespace tidemark::admin {

// Read and write units that a table has consumed.
using UnitsByTable = std::map<storage::TableId, std::pair<double, double>>;

struct MetricSources {
  std::string version;
  storage::Engine& engine;
  jobs::JobRegistry& jobs;
  // What this layer does not see. Thread-safe.
  std::function<UnitsByTable()> units;
  std::function<void(PrometheusText*)> requests;
};

// All that `sources` refers to must outlive the routes.
std::vector<Route> metrics_routes(MetricSources sources);

}  // namespace tidemark::admin
