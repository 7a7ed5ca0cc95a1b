// `GET /_tidemark/status`: what server this is, where it listens, what it holds and does.
//
//   {"status":"ok","version":…,"pid":1,"started":"…Z",
//    "endpoints":[{"url":"http://127.0.0.1:8000","services":["dynamodb","s3"]}],
//    "host":"127.0.0.1","data_directory":…,"in_memory":false,"free_bytes":…,"auth":"open","region":…,"account_id":…,
//    "clock":{"now":"…Z","wall":"…Z","offset_seconds":0},
//    "tables":{"count":3,"items":10,"size_bytes":…,"state_bytes":…,"history_bytes":…},
//    "accounts":[{"account_id":…,"tables":3,"items":10,"size_bytes":…}],
//    "buckets":2,"jobs":[…]}
//
// `status` as in admin/health.h. Sizes as in admin/tables.h; those of a table include its indexes. `accounts`
// are those that have tables, `jobs` (job_json.h) those that run or wait, a hundred at most. With --auth
// strict for callers on the server's own machine alone.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "admin/route.h"
#include "base/clock.h"
#include "base/service_clock.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"

namespace tidemark::admin {

struct Endpoint {
  std::string url;
  std::vector<std::string> services;
};

// What does not change while the server runs, and where to ask for the rest.
struct ServerFacts {
  std::string version;
  std::int64_t pid = 0;
  Timestamp started;
  std::string host;  // what it was told to listen on
  std::string data_directory;
  bool in_memory = false;
  std::string auth;
  std::string region;
  std::string account_id;
  std::function<std::vector<Endpoint>()> endpoints;
  std::function<std::size_t()> bucket_count;
};

// All must outlive the routes.
std::vector<Route> status_routes(ServerFacts facts, storage::Engine& engine, const jobs::JobRegistry& jobs,
                                 const ServiceClock& clock);

}  // namespace tidemark::admin
