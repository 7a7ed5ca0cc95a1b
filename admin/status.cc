#include "admin/status.h"

#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "admin/job_json.h"
#include "base/json_writer.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kJobsShownMax = 100;

struct Sizes {
  std::int64_t tables = 0;
  std::int64_t items = 0;
  std::int64_t size_bytes = 0;
  std::int64_t state_bytes = 0;
};

std::string_view word_for(storage::Room room) {
  switch (room) {
    case storage::Room::kEnough:
      return "ok";
    case storage::Room::kForDeletes:
      return "low on disk space";
    case storage::Room::kNone:
      break;
  }
  return "disk full";
}

// By account.
std::map<std::string, Sizes> sizes_of(const storage::Engine& engine,
                                      const std::vector<storage::TablePtr>& tables) {
  std::map<std::string, Sizes> sizes;
  for (const storage::TablePtr& table : tables) {
    Sizes& of_account = sizes[table->schema.account_id];
    ++of_account.tables;
    of_account.items += engine.stats(table->id).item_count;
    const auto add = [&](const storage::Target& target) {
      of_account.size_bytes += engine.stats(target.id()).size_bytes;
      of_account.state_bytes += static_cast<std::int64_t>(engine.state_bytes(target));
    };
    add({table});
    for (const model::IndexSchema& index : table->schema.indexes) add({table, &index});
  }
  return sizes;
}

void write_tables(storage::Engine& engine, JsonWriter& json) {
  const auto by_account = sizes_of(engine, engine.catalog().all());
  Sizes all;
  for (const auto& [account, sizes] : by_account) {
    all.tables += sizes.tables;
    all.items += sizes.items;
    all.size_bytes += sizes.size_bytes;
    all.state_bytes += sizes.state_bytes;
  }
  std::int64_t history = 0;
  for (const auto& [table, bytes] : engine.history_bytes()) history += static_cast<std::int64_t>(bytes);
  json.key("tables");
  json.begin_object();
  json.member("count", all.tables);
  json.member("items", all.items);
  json.member("size_bytes", all.size_bytes);
  json.member("state_bytes", all.state_bytes);
  json.member("history_bytes", history);
  json.end_object();
  json.key("accounts");
  json.begin_array();
  for (const auto& [account, sizes] : by_account) {
    json.begin_object();
    json.member("account_id", account);
    json.member("tables", sizes.tables);
    json.member("items", sizes.items);
    json.member("size_bytes", sizes.size_bytes);
    json.end_object();
  }
  json.end_array();
}

void write_jobs(const jobs::JobRegistry& jobs, JsonWriter& json) {
  const auto running = jobs.list({.records_max = kJobsShownMax},
                                 [](const jobs::JobRecord& job) { return !jobs::is_ended(job.status); });
  json.key("jobs");
  json.begin_array();
  for (const jobs::JobRecord& job : running.records) {
    write_job(job, jobs.board().find(job.id).get(), false, json);
  }
  json.end_array();
}

void write_endpoints(const ServerFacts& facts, JsonWriter& json) {
  json.key("endpoints");
  json.begin_array();
  for (const Endpoint& endpoint : facts.endpoints()) {
    json.begin_object();
    json.member("url", endpoint.url);
    json.key("services");
    json.begin_array();
    for (const std::string& service : endpoint.services) json.string(service);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_clock(const ServiceClock& clock, JsonWriter& json) {
  const ServiceClock::State state = clock.state();
  json.key("clock");
  json.begin_object();
  json.member("now", format_iso_micros(state.now));
  json.member("wall", format_iso_micros(state.wall));
  json.member("offset_seconds", std::chrono::duration_cast<std::chrono::seconds>(state.offset).count());
  json.end_object();
}

std::string status_of(const ServerFacts& facts, storage::Engine& engine, const jobs::JobRegistry& jobs,
                      const ServiceClock& clock) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("status", word_for(engine.room()));
  json.member("version", facts.version);
  json.member("pid", facts.pid);
  json.member("started", format_iso_seconds(facts.started));
  write_endpoints(facts, json);
  json.member("host", facts.host);
  json.member("data_directory", facts.data_directory);
  json.member("in_memory", facts.in_memory);
  std::error_code error;
  const auto space = std::filesystem::space(facts.data_directory, error);
  if (!error) json.member("free_bytes", static_cast<std::int64_t>(space.available));
  json.member("auth", facts.auth);
  json.member("region", facts.region);
  json.member("account_id", facts.account_id);
  write_clock(clock, json);
  write_tables(engine, json);
  json.member("buckets", static_cast<std::int64_t>(facts.bucket_count()));
  write_jobs(jobs, json);
  json.end_object();
  return text;
}

}  // namespace

std::vector<Route> status_routes(ServerFacts facts, storage::Engine& engine, const jobs::JobRegistry& jobs,
                                 const ServiceClock& clock) {
  return {
      {.method = "GET",
       .path = "/_tidemark/status",
       .handle = [facts = std::move(facts), &engine, &jobs, &clock](
                     const AdminRequest&) { return json_answer(200, status_of(facts, engine, jobs, clock)); },
       .is_heavy = true,
       .shows_items = true}};
}

}  // namespace tidemark::admin
