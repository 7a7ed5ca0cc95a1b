#include "admin/tables.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "admin/query.h"
#include "base/json_writer.h"

namespace tidemark::admin {
namespace {

using storage::number;
using storage::TableId;

struct TableQuery {
  std::optional<std::string> table;
  std::uint32_t after = 0;  // the id of a table
  std::size_t limit = kPageMax;
};

// What does not belong to one table alone.
struct Surroundings {
  std::map<TableId, std::uint64_t> history_bytes;
  std::map<TableId, std::vector<std::string>> holders;
};

Result<void, std::string> read_parameter(std::string_view name, const std::string& value, TableQuery* query) {
  if (name == "table") {
    query->table = value;
    return {};
  }
  if (name == "limit") {
    ASSIGN_OR_RETURN(query->limit, parse_limit(value));
    return {};
  }
  if (name == "after") {
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, query->after);
    if (error == std::errc() && stop == end) return {};
    return fail(std::string("after must be the number that an answer gave as next."));
  }
  return fail("There is no parameter '" + std::string(name) + "'; there are table, limit and after.");
}

Result<TableQuery, std::string> read_query(std::string_view text) {
  TableQuery query;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) RETURN_IF_ERROR(read_parameter(name, value, &query));
  return query;
}

Surroundings look_around(storage::Engine& engine) {
  Surroundings found{.history_bytes = engine.history_bytes(), .holders = {}};
  for (const storage::Hold& hold : engine.holds().list()) found.holders[hold.table].push_back(hold.who);
  return found;
}

void write_number(JsonWriter& json, std::string_view name, std::uint64_t number) {
  json.member(name, static_cast<std::int64_t>(number));
}

void write_sizes(storage::Engine& engine, const storage::Target& target, JsonWriter& json) {
  const storage::TableStats stats = engine.stats(target.id());
  json.member("items", stats.item_count);
  json.member("size_bytes", stats.size_bytes);
  write_number(json, "state_bytes", engine.state_bytes(target));
}

void write_history(const Surroundings& around, TableId id, JsonWriter& json) {
  const auto history = around.history_bytes.find(id);
  write_number(json, "history_bytes", history == around.history_bytes.end() ? 0 : history->second);
}

void write_holders(const Surroundings& around, TableId id, JsonWriter& json) {
  json.key("held_by");
  json.begin_array();
  if (const auto holders = around.holders.find(id); holders != around.holders.end()) {
    for (const std::string& who : holders->second) json.string(who);
  }
  json.end_array();
}

void write_table(storage::Engine& engine, const storage::TablePtr& table, const Surroundings& around,
                 JsonWriter& json) {
  const model::TableSchema& schema = table->schema;
  json.begin_object();
  json.member("name", schema.name);
  json.member("id", std::int64_t{number(table->id)});
  json.member("account_id", schema.account_id);
  json.member("region", schema.region);
  json.member("status", model::table_status_name(schema.status));
  write_sizes(engine, {table}, json);
  write_history(around, table->id, json);
  json.member("recovery", schema.pitr.enabled);
  json.key("indexes");
  json.begin_array();
  for (const model::IndexSchema& index : schema.indexes) {
    json.begin_object();
    json.member("name", index.name);
    json.member("id", std::int64_t{number(index.id)});
    json.member("status", model::index_status_name(index.status));
    write_sizes(engine, {table, &index}, json);
    json.end_object();
  }
  json.end_array();
  write_holders(around, table->id, json);
  json.end_object();
}

// Writes the past of tables that are there no more, and what is still to be cleaned up.
void write_gone(storage::Engine& engine, const Surroundings& around, JsonWriter& json) {
  const std::vector<TableId> dropped = engine.dropped();
  std::set<TableId> gone(dropped.begin(), dropped.end());
  for (const auto& [id, bytes] : around.history_bytes) gone.insert(id);
  for (const auto& [id, who] : around.holders) gone.insert(id);
  json.key("gone");
  json.begin_array();
  for (const TableId id : gone) {
    if (engine.catalog().find(id)) continue;
    json.begin_object();
    json.member("id", std::int64_t{number(id)});
    if (const auto retired = engine.catalog().find_retired(id)) {
      json.member("name", retired->schema.name);
      write_sizes(engine, {retired}, json);
    }
    write_history(around, id, json);
    write_holders(around, id, json);
    json.member("awaits_cleaning", std::find(dropped.begin(), dropped.end(), id) != dropped.end());
    json.end_object();
  }
  json.end_array();
}

http::Response list_tables(storage::Engine& engine, const AdminRequest& request) {
  const auto query = read_query(request.head.query());
  if (!query) return error_answer(400, query.error());
  auto tables = engine.catalog().all();
  std::erase_if(tables, [&query](const storage::TablePtr& table) {
    return number(table->id) <= query->after || (query->table && table->schema.name != *query->table);
  });
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  const std::size_t count = std::min(tables.size(), query->limit);
  const Surroundings around = look_around(engine);
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.key("tables");
  json.begin_array();
  for (std::size_t i = 0; i < count; ++i) write_table(engine, tables[i], around, json);
  json.end_array();
  if (query->after == 0 && !query->table) write_gone(engine, around, json);
  if (count < tables.size()) json.member("next", std::int64_t{number(tables[count - 1]->id)});
  json.end_object();
  return json_answer(200, std::move(body));
}

}  // namespace

std::vector<Route> table_routes(storage::Engine& engine) {
  return {{.method = "GET",
           .path = "/_tidemark/tables",
           .handle = [&engine](const AdminRequest& request) { return list_tables(engine, request); },
           .takes_parameters = true}};
}

}  // namespace tidemark::admin
